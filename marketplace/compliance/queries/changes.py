"""Which outlets rose, fell, opened or closed between two days, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ...i18n import _, ngettext
from ..rules import Reason, Status
from .evidence import OutletEvidence, evidence
from .places import Scope
from .standings import OutletStanding

EXPLAINED = 8
"""So many changes carry their reasons, because each needs its evidence of two days; the others are named."""


class ChangeKind(StrEnum):
    """In which way an outlet changed."""

    RISEN = "risen"
    FALLEN = "fallen"
    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True)
class Change:
    """One outlet that stands differently; `why` is a sentence or two, empty when nothing can be said."""

    kind: ChangeKind
    outlet: OutletStanding
    before: OutletStanding | None
    why: str


def changes_between(
    earlier: date, before: Sequence[OutletStanding], day: date, now: Sequence[OutletStanding]
) -> list[Change]:
    """What changed among outlets with a duty or a target: risen, fallen, opened, closed, in this order."""
    was = {row.outlet_id: row for row in before}
    found = []
    for row in now:
        kind = _kind(row, was.pop(row.outlet_id, None) if row.outlet_id in was else None)
        if kind is not None:
            found.append((kind, row))
    earlier_rows = {row.outlet_id: row for row in before}
    closed = [(ChangeKind.CLOSED, row) for row in was.values() if row.required is not None]
    everything = sorted([*found, *closed], key=lambda item: (list(ChangeKind).index(item[0]), item[1].name))
    why = explain_changes(earlier, day, [row.outlet_id for kind, row in everything if _needs_why(kind)])
    return [
        Change(kind, row, earlier_rows.get(row.outlet_id), why.get(row.outlet_id, ""))
        for kind, row in everything
    ]


def _needs_why(kind: ChangeKind) -> bool:
    return kind in {ChangeKind.RISEN, ChangeKind.FALLEN}


def _kind(row: OutletStanding, before: OutletStanding | None) -> ChangeKind | None:
    if row.required is None:
        return None
    if before is None:
        return ChangeKind.OPENED
    if before.required is None or row.status == before.status:
        return None
    if row.status == Status.COMPLIANT:
        return ChangeKind.RISEN
    return ChangeKind.FALLEN if before.status == Status.COMPLIANT or row.status == Status.SHORT else None


def explain_changes(earlier: date, day: date, outlet_ids: Sequence[int]) -> dict[int, str]:
    """For each outlet in words what happened to its sellers between two days."""
    if not outlet_ids:
        return {}
    chosen = outlet_ids[:EXPLAINED]
    then = {found.place.outlet_id: found for found in evidence(earlier, Scope(), chosen)}
    return {
        found.place.outlet_id: difference_in_words(then.get(found.place.outlet_id), found, day)
        for found in evidence(day, Scope(), chosen)
    }


def difference_in_words(before: OutletEvidence | None, now: OutletEvidence, day: date) -> str:
    """Which sellers came to count, and which ceased to and why (`day` is that of `now`)."""
    was, has = _counted(before), _counted(now)
    names = _names(before) | _names(now)
    lost = was - has
    sentences = []
    suspended = sorted(lost & _suspended(now, day))
    if suspended:
        sentences.append(f"{_('Perjanjian ditangguhkan')}: {_list([names[ref] for ref in suspended])}.")
    for reason, refs in _by_reason(now, lost.difference(suspended)).items():
        sentences.append(f"{_what_happened(reason, len(refs))}: {_list([names[ref] for ref in refs])}.")
    gained = sorted(has - was)
    if gained:
        words = ngettext("%(num)d UMKM baru terpajang", "%(num)d UMKM baru terpajang", len(gained))
        sentences.append(f"{words}: {_list([names[ref] for ref in gained])}.")
    rules = (before.finding.required if before else None, now.finding.required)
    if before is not None and rules[0] != rules[1]:
        sentences.append(_("Aturan yang berlaku berganti."))
    return " ".join(sentences)


def _counted(found: OutletEvidence | None) -> set[str]:
    return {s.seller_ref for s in found.finding.sellers if s.is_counted} if found else set()


def _suspended(found: OutletEvidence, day: date) -> set[str]:
    """Sellers of whom some agreement is suspended on the day."""
    return {
        seller.candidate.seller.seller_ref
        for seller in found.sellers
        for agreement in seller.agreements
        if any(first <= day < end for first, end in agreement.days.suspensions)
    }


def _names(found: OutletEvidence | None) -> dict[str, str]:
    return {s.candidate.seller.seller_ref: s.name for s in found.sellers} if found else {}


def _by_reason(now: OutletEvidence, lost: Iterable[str]) -> dict[Reason, list[str]]:
    reasons = {seller.seller_ref: seller.reasons for seller in now.finding.sellers}
    found: dict[Reason, list[str]] = {}
    for ref in sorted(lost):
        first = next(iter(reasons.get(ref, ())), Reason.NOT_IN_FORCE)
        found.setdefault(first, []).append(ref)
    return found


def _what_happened(reason: Reason, count: int) -> str:
    return {
        Reason.NOT_IN_FORCE: ngettext(
            "Perjanjian tidak berlaku lagi", "%(num)d perjanjian tidak berlaku lagi", count
        ),
        Reason.BASIS_NOT_COUNTED: _("Cara jualnya tidak dihitung aturan"),
        Reason.NOT_VERIFIED: _("Tidak terverifikasi lagi"),
        Reason.NOT_MSME: _("Sudah melewati batas usaha menengah"),
        Reason.AFFILIATED: _("Terafiliasi dengan toko"),
        Reason.PAPER_ONLY: _("Tidak ada lagi barang di rak maupun penjualan terbaru"),
        Reason.SAME_OWNER: _("Pemiliknya sama dengan UMKM lain di toko ini"),
    }[reason]


def _list(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(names[:most])
    rest = len(names) - most
    return shown if rest <= 0 else _("%(shown)s dan %(rest)d lainnya", shown=shown, rest=rest)
