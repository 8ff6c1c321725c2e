"""Which rows of the ledger a settlement holds: cycles, what came late, what must wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ...i18n import _
from .money import Amounts, take_back

ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """A cycle, both days included."""

    first: date
    last: date


class VersionTerms(NamedTuple):
    """What of one accepted version of an agreement a settlement needs."""

    id: int
    number: int
    valid_from: date
    commission_basis: str
    commission_percent: Decimal | None
    commission_rupiah: int | None
    settlement_cycle: str
    due_days: int


def version_on(versions: Sequence[VersionTerms], day: date) -> VersionTerms:
    """The version whose terms hold on a day, as `terms_among` says: the latest begun, else the first."""
    if len(versions) == 1:
        return versions[0]
    begun = [one for one in versions if one.valid_from <= day]
    if begun:
        return max(begun, key=lambda one: (one.valid_from, one.number))
    return min(versions, key=lambda one: one.number)


class LineKind(StrEnum):
    """Why a row of the ledger moves money."""

    SALE = "sale"
    REVERSAL = "reversal"
    LOSS = "loss"
    FOUND = "found"

    @property
    def is_loss(self) -> bool:
        """Whether it is about lost units and not about sales."""
        return self in (LineKind.LOSS, LineKind.FOUND)


def line_words(kind: str, quantity: int) -> str:
    """Why a row of the ledger moves money, in words."""
    if kind == LineKind.SALE:
        return _("Terjual")
    if kind == LineKind.REVERSAL:
        return _("Penjualan dibatalkan")
    if kind == LineKind.LOSS:
        return _("Hilang, ditanggung toko") if quantity > 0 else _("Catatan hilang dibatalkan")
    return _("Ditemukan lagi") if quantity < 0 else _("Catatan temuan dibatalkan")


@dataclass(slots=True)
class Line:
    """One row of the ledger in rupiah; quantity and amounts are negative for what takes back."""

    movement_id: int
    product_id: int
    kind: LineKind
    occurred_on: date
    quantity: int
    unit_price: int
    version_id: int
    amounts: Amounts


@dataclass(slots=True)
class Planned:
    """A settlement that could be issued: its cycle and its lines, the oldest first."""

    period: Period
    lines: list[Line] = field(default_factory=list)

    @property
    def net(self) -> int:
        """What the maker gets."""
        return sum(line.amounts.net for line in self.lines)


def period_of(cycle: str, day: date) -> Period:
    """The cycle in which a day lies: Monday to Sunday; the 1st to the 15th or the rest; the month."""
    if cycle == "weekly":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    last_of_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY
    if cycle == "twice_monthly":
        if day.day <= 15:
            return Period(day.replace(day=1), day.replace(day=15))
        return Period(day.replace(day=16), last_of_month)
    return Period(day.replace(day=1), last_of_month)


def plan(
    lines: Iterable[Line], cycle_on: Callable[[date], str], settled_to: date | None, until: date
) -> tuple[list[Planned], list[Line]]:
    """The settlements of one agreement up to a day, and the lines that wait; `lines` are ordered by day.

    A line of a cycle that is settled already (it was reported late, or takes back an earlier sale) joins
    the next one. A cycle that has not ended by `until` waits. One whose lines come to less than nothing is
    not issued: they join the next, so that nobody is sent a bill for a negative sum.
    """
    found: list[Planned] = []
    waiting: list[Line] = []
    for line in lines:
        day = line.occurred_on
        if settled_to is not None and day <= settled_to:
            day = settled_to + ONE_DAY
        current = found[-1].period if found else None
        if current is None or not current.first <= day <= current.last:
            current = _after(period_of(cycle_on(day), day), settled_to, current)
            if current.last <= until:
                found.append(Planned(current))
        if current.last > until:
            waiting.append(line)
        else:
            found[-1].lines.append(line)
    return _without_negative(found, waiting)


def _after(period: Period, settled_to: date | None, previous: Period | None) -> Period:
    """The cycle without days that an earlier one holds: a new version may change how long cycles are."""
    taken = max((day for day in (settled_to, previous.last if previous else None) if day), default=None)
    if taken is None or period.first > taken:
        return period
    return Period(taken + ONE_DAY, period.last)


def _without_negative(found: Sequence[Planned], waiting: list[Line]) -> tuple[list[Planned], list[Line]]:
    kept: list[Planned] = []
    carried: list[Line] = []
    for planned in found:
        planned.lines[:0] = carried
        carried = []
        if planned.net < 0:
            carried = planned.lines
        else:
            kept.append(planned)
    return kept, carried + waiting


class Charges:
    """What an outlet is still charged for lost units of one product: so many units, so much rupiah."""

    __slots__ = ("rupiah", "units")

    def __init__(self, units: int = 0, rupiah: int = 0) -> None:
        self.units = units
        self.rupiah = rupiah

    def charge(self, units: int, rupiah: int) -> None:
        """More units were lost."""
        self.units += units
        self.rupiah += rupiah

    def give_back(self, units: int) -> tuple[int, int]:
        """Units were found again, or their loss was a mistake: what of the charge goes back."""
        taken, rupiah = take_back(self.units, self.rupiah, units)
        self.units -= taken
        self.rupiah -= rupiah
        return taken, rupiah
