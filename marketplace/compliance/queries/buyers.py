"""The buyer's first screen: every outlet of the company, which are short, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ...db import db
from ...i18n import _, format_day, ngettext
from ...organizations.models import Operator, Outlet
from ..rules import Reason, Status
from .evidence import OutletEvidence, evidence
from .places import Scope, is_one_of
from .standings import OutletStanding, standings

ORDER = (Status.SHORT, Status.IN_GRACE, Status.COMPLIANT, Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class BuyerOutlet:
    """One outlet of the buyer's company: how it stands and what to know about it."""

    outlet_id: int
    name: str
    address: str
    place: str
    status: str
    binding: str | None
    counted: int
    required: int | None
    shortfall: int
    why: str

    @property
    def is_tight(self) -> bool:
        """Whether one seller less would make it short."""
        return self.status == Status.COMPLIANT and self.counted == self.required


def operator_name(operator_id: int) -> str:
    """The company's name."""
    return db.session.get_one(Operator, operator_id).name


def operator_board(operator_id: int, day: date) -> list[BuyerOutlet]:
    """Every outlet of a company that is open on the day: the shortest first."""
    rows = standings(day, Scope(operator_id=operator_id))
    ids = [row.outlet_id for row in rows]
    addresses = dict(
        db.session.execute(
            select(Outlet.id, Outlet.address).where(is_one_of(db.session(), Outlet.id, ids))
        ).all()
    )
    gaps = [row.outlet_id for row in rows if row.status in {Status.SHORT, Status.IN_GRACE}]
    why = {found.place.outlet_id: why_short(found, day) for found in evidence(day, Scope(), gaps)}
    board = [_outlet(row, addresses[row.outlet_id], why.get(row.outlet_id, "")) for row in rows]
    return sorted(
        board, key=lambda outlet: (ORDER.index(Status(outlet.status)), -outlet.shortfall, outlet.name)
    )


def _outlet(row: OutletStanding, address: str, why: str) -> BuyerOutlet:
    return BuyerOutlet(
        outlet_id=row.outlet_id,
        name=row.name,
        address=address,
        place=row.place,
        status=row.status,
        binding=row.binding,
        counted=row.counted,
        required=row.required,
        shortfall=row.shortfall,
        why=why or _well(row),
    )


def _well(row: OutletStanding) -> str:
    if row.required is None or row.status != Status.COMPLIANT:
        return ""
    spare = row.counted - row.required
    if spare == 0:
        return _("Tepat %(required)d UMKM: satu saja berhenti, toko ini kurang.", required=row.required)
    return ngettext("%(num)d UMKM di atas kuota.", "%(num)d UMKM di atas kuota.", spare)


def why_short(found: OutletEvidence, day: date) -> str:
    """In a sentence or two why sellers with an agreement do not count; the commonest reasons first."""
    names = {seller.candidate.seller.seller_ref: seller for seller in found.sellers}
    refs: dict[Reason, list[str]] = {}
    for verdict in found.finding.sellers:
        if verdict.reasons:
            refs.setdefault(verdict.reasons[0], []).append(verdict.seller_ref)
    if not found.sellers:
        return _("Belum ada perjanjian dengan UMKM.")
    sentences = []
    for reason, listed in sorted(refs.items(), key=lambda item: -len(item[1]))[:2]:
        shown = ", ".join(names[ref].name for ref in listed[:2])
        rest = len(listed) - 2
        who = _("%(shown)s dan %(rest)d lainnya", shown=shown, rest=rest) if rest > 0 else shown
        sentences.append(_sentence(reason, who, names[listed[0]].candidate.display.last_sale_on, len(listed)))
    return " ".join(sentences)


def _sentence(reason: Reason, who: str, last_sale_on: date | None, count: int) -> str:
    if reason == Reason.PAPER_ONLY and last_sale_on is not None and count == 1:
        return _("%(who)s: rak kosong, terjual terakhir %(day)s.", who=who, day=format_day(last_sale_on))
    return {
        Reason.NOT_IN_FORCE: _("%(who)s: perjanjian tidak berlaku.", who=who),
        Reason.BASIS_NOT_COUNTED: _("%(who)s: cara jualnya tidak dihitung.", who=who),
        Reason.NOT_VERIFIED: _("%(who)s: belum terverifikasi Dinas.", who=who),
        Reason.NOT_MSME: _("%(who)s: sudah di atas batas usaha menengah.", who=who),
        Reason.AFFILIATED: _("%(who)s: terafiliasi dengan perusahaan Anda.", who=who),
        Reason.PAPER_ONLY: _("%(who)s: ada perjanjian, tetapi tidak ada barang di rak.", who=who),
        Reason.SAME_OWNER: _("%(who)s: pemiliknya sama dengan pemasok lain di toko ini.", who=who),
    }[reason]
