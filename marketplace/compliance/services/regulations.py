"""Adding, ending and adopting regulations. A row in force is never edited: it is ended and followed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...clock import LAST_DAY
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day
from ...organizations.models import OutletKind
from ...permissions import Actor, Permission, within
from ...placements.models import Basis
from ...texts import lines as clean_lines
from ...texts import one_line
from ..adoption import shipped_rows
from ..models import Regulation
from ..queries.places import region_exists
from ..queries.regulations import regulation_by_ref, rule_of
from ..rules import Binding, overlaps
from .standings import alone, forget_days

WINDOW_LIMIT = 3_660
SELLERS_LIMIT = 10_000


@retry_on_conflict
def add_regulation(
    *,
    actor: Actor,
    regulation_ref: str,
    region_code: str,
    outlet_kinds: Collection[str],
    min_sellers: int,
    valid_from: date,
    valid_to: date | None = None,
    binding: str = Binding.MANDATORY,
    counted_bases: Collection[str] = (Basis.CONSIGNMENT,),
    display_window_days: int = 30,
    outright_window_days: int = 90,
    grace_days: int = 0,
    citation: str = "",
    is_text_verified: bool = False,
) -> Regulation:
    """Write a regulation. Raises InvalidInput, Forbidden and RuleBroken (another holds on the same days)."""
    actor.require(Permission.REGULATION_EDIT)
    row = Regulation(
        regulation_ref=one_line(regulation_ref),
        region_code=one_line(region_code),
        outlet_kinds=sorted({str(kind) for kind in outlet_kinds}, key=[*OutletKind].index)
        if set(outlet_kinds) <= {*OutletKind}
        else list(outlet_kinds),
        counted_bases=sorted({str(basis) for basis in counted_bases}),
        min_sellers=min_sellers,
        binding=str(binding),
        valid_from=valid_from,
        valid_to=valid_to or LAST_DAY,
        display_window_days=display_window_days,
        outright_window_days=outright_window_days,
        grace_days=grace_days,
        citation=clean_lines(citation),
        is_text_verified=is_text_verified,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    _check_values(row)
    with unit_of_work() as session:
        alone(session)
        _check_place(actor, row)
        refuse_overlap(session, row)
        session.add(row)
        session.flush()
        forget_days(session, row.valid_from, row.valid_to)
        audit.record(session, actor, "regulation.added", row, after=_told(row), region=row.region_code)
    return row


@retry_on_conflict
def end_regulation(
    *, actor: Actor, regulation_id: int, valid_to: date | None, reason: str = ""
) -> Regulation:
    """Set (or clear) the first day without a regulation. Once in force it may end tomorrow or later only.

    Raises NotFound, InvalidInput and RuleBroken.
    """
    actor.require(Permission.REGULATION_EDIT)
    with unit_of_work() as session:
        alone(session)
        row = session.get(Regulation, regulation_id, with_for_update=True)
        if row is None or not may_edit(actor, row.region_code):
            raise NotFound(_("Aturan itu tidak ada."))
        before, end = row.valid_to, valid_to or LAST_DAY
        check_end(row, end)
        row.valid_to = end
        refuse_overlap(session, row)
        forget_days(session, min(before, end), max(before, end))
        audit.record(
            session,
            actor,
            "regulation.ended",
            row,
            before={"valid_to": before},
            after={"valid_to": end},
            reason=reason,
            region=row.region_code,
        )
    return row


def check_end(row: Regulation, end: date) -> None:
    """Refuse an end that would change days already counted. Raises InvalidInput and RuleBroken."""
    today = clock.today()
    if end <= row.valid_from:
        _refuse_field("valid_to", _("Tanggal berakhir harus sesudah tanggal mulai."))
    if row.valid_to <= today:
        raise RuleBroken(
            _("Aturan ini sudah berakhir pada %(day)s dan tidak dapat diubah. Tambahkan aturan baru.",
              day=format_day(row.valid_to)),
            code="regulation_ended",
        )  # fmt: skip
    if row.valid_from <= today and end <= today:
        _refuse_field(
            "valid_to",
            _(
                "Aturan yang sudah berlaku hanya dapat diakhiri mulai besok, sesudah %(day)s.",
                day=format_day(today),
            ),
        )


def refuse_overlap(session: Session, row: Regulation) -> None:
    """Refuse a second regulation for the same region, kind and day. Raises RuleBroken."""
    rule = rule_of(row)
    query = select(Regulation).where(Regulation.region_code == row.region_code)
    with session.no_autoflush:
        others = session.scalars(query).all()
    for other in others:
        if other is not row and other.id != row.id and overlaps(rule, rule_of(other)):
            raise RuleBroken(
                _(
                    "Untuk wilayah dan jenis toko itu sudah berlaku aturan %(ref)s sejak %(day)s. "
                    "Akhiri aturan itu dulu, atau pilih tanggal lain.",
                    ref=other.regulation_ref,
                    day=format_day(other.valid_from),
                ),
                code="regulation_overlap",
                regulation_ref=other.regulation_ref,
            )


def may_edit(actor: Actor, region_code: str) -> bool:
    """An office writes rules for its own region and what lies under it."""
    return actor.is_office and within(region_code, actor.region)


def _check_place(actor: Actor, row: Regulation) -> None:
    if not region_exists(row.region_code):
        _refuse_field("region_code", _("Kode wilayah %(code)s tidak dikenal.", code=row.region_code))
    if not may_edit(actor, row.region_code):
        _refuse_field("region_code", _("Wilayah ini di luar wilayah kantor Anda."))
    if regulation_by_ref(row.regulation_ref) is not None:
        raise Conflict(
            _("Kode aturan %(ref)s sudah dipakai. Pilih kode lain.", ref=row.regulation_ref),
            code="regulation_exists",
        )


def _check_values(row: Regulation) -> None:
    if not row.regulation_ref or len(row.regulation_ref) > 64:
        _refuse_field("regulation_ref", _("Isi kode aturan, paling banyak 64 huruf."))
    if not row.outlet_kinds or not set(row.outlet_kinds) <= {*OutletKind}:
        _refuse_field("outlet_kinds", _("Pilih paling sedikit satu jenis toko."))
    if not row.counted_bases or not set(row.counted_bases) <= {*Basis}:
        _refuse_field("counted_bases", _("Pilih paling sedikit satu cara jual yang dihitung."))
    if row.binding not in {*Binding}:
        _refuse_field("binding", _("Pilih wajib atau sasaran."))
    if not 0 <= row.min_sellers <= SELLERS_LIMIT:
        _refuse_field("min_sellers", _("Jumlah UMKM harus antara 0 dan 10.000."))
    for name in ("display_window_days", "outright_window_days", "grace_days"):
        if not 0 <= getattr(row, name) <= WINDOW_LIMIT:
            _refuse_field(name, _("Jumlah hari harus antara 0 dan 3.660."))
    if row.valid_to <= row.valid_from:
        _refuse_field("valid_to", _("Tanggal berakhir harus sesudah tanggal mulai."))


def _refuse_field(name: str, sentence: str) -> None:
    raise InvalidInput(sentence, fields={name: sentence})


def _told(row: Regulation) -> dict[str, object]:
    return {
        column.key: getattr(row, column.key) for column in Regulation.__table__.columns if column.key != "id"
    }


@retry_on_conflict
def adopt(region_code: str, *, actor: Actor) -> list[Regulation]:
    """Load the regulations shipped for a region; those already there stay. Raises InvalidInput."""
    rows = shipped_rows(region_code)
    if not rows:
        _refuse_field("region_code", _("Belum ada aturan bawaan untuk wilayah %(code)s.", code=region_code))
    with unit_of_work():
        return [
            add_regulation(actor=actor, **values)
            for values in rows
            if regulation_by_ref(values["regulation_ref"]) is None
        ]
