"""One product of one agreement in one month, told three times: by the store, by the maker, by the ledger.

Where the three differ, `marks` says by how many units and why, as far as documents explain it. What no
document explains is red: that must never be.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from .urgency import Urgency


@dataclass(slots=True)
class Figures:
    """Units, and rupiah where the name says so. Sums of products are figures too."""

    # What the store reported: notes taken in, sales told, the last count.
    received: int = 0
    short: int = 0
    damaged: int = 0
    refused: int = 0
    reported: int = 0
    excess: int = 0
    counted: int | None = None
    # What the maker says: notes sent, settlements answered, returns fetched.
    sent: int = 0
    underway: int = 0
    confirmed: int = 0
    confirmed_rupiah: int = 0
    awaiting: int = 0
    awaiting_rupiah: int = 0
    disputed: int = 0
    disputed_rupiah: int = 0
    added_rupiah: int = 0
    """What decisions about disputed lines changed: no row of the ledger says it."""
    fetched: int = 0
    # What the ledger computes. The parts say by which kind of document it came.
    opening: int = 0
    delivered: int = 0
    delivered_by_note: int = 0
    delivered_by_correction: int = 0
    sold: int = 0
    sold_by_report: int = 0
    sold_by_correction: int = 0
    returned: int = 0
    returned_by_note: int = 0
    lost: int = 0
    found: int = 0
    unsettled: int = 0
    unsettled_rupiah: int = 0
    gross_rupiah: int = 0
    commission_rupiah: int = 0
    charged_rupiah: int = 0
    net_rupiah: int = 0

    @property
    def closing(self) -> int:
        """What stood there at the end of the month."""
        return self.opening + self.delivered - self.sold - self.returned - self.lost + self.found

    @property
    def delivered_by_office(self) -> int:
        """Units that the office recorded, from lists of the store."""
        return self.delivered - self.delivered_by_note - self.delivered_by_correction

    @property
    def sold_by_office(self) -> int:
        """The same of sales."""
        return self.sold - self.sold_by_report - self.sold_by_correction

    @property
    def returned_by_office(self) -> int:
        """The same of returns."""
        return self.returned - self.returned_by_note

    @property
    def is_empty(self) -> bool:
        """Whether nothing stood there and nothing happened."""
        return all(not getattr(self, one.name) for one in fields(self))

    def add(self, other: Figures) -> None:
        """Take another product's figures in; counts of one day do not add up over products."""
        for one in fields(self):
            if one.name != "counted":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


class MarkKind(StrEnum):
    """Why two of the three differ."""

    RECEIPT = "receipt"
    UNDERWAY = "underway"
    EXCESS = "excess"
    LOST = "lost"
    FOUND = "found"
    DISPUTED = "disputed"
    AWAITING = "awaiting"
    UNSETTLED = "unsettled"
    ADDED = "added"
    CORRECTED = "corrected"
    OFFICE = "office"
    UNEXPLAINED_IN = "unexplained_in"
    UNEXPLAINED_SOLD = "unexplained_sold"
    UNEXPLAINED_RETURN = "unexplained_return"


@dataclass(frozen=True, slots=True)
class Mark:
    """One difference: of how many units (of how much rupiah for `ADDED`), and how urgent it is."""

    kind: MarkKind
    units: int
    urgency: Urgency


def marks(of: Figures, *, open_receipt: int = 0, open_excess: int = 0, is_over: bool = False) -> list[Mark]:
    """Why the three differ, what nobody can explain first.

    `open_receipt` and `open_excess` are units of differences that are not settled; `is_over`: the month has
    ended, so that what is not settled should be soon.
    """
    return sorted(
        _marks(of, open_receipt, open_excess, is_over), key=lambda mark: list(Urgency).index(mark.urgency)
    )


def _marks(of: Figures, open_receipt: int, open_excess: int, is_over: bool) -> Iterator[Mark]:
    unexplained = {
        MarkKind.UNEXPLAINED_IN: of.received - of.delivered_by_note,
        MarkKind.UNEXPLAINED_SOLD: of.reported - of.excess - of.sold_by_report,
        MarkKind.UNEXPLAINED_RETURN: of.fetched - of.returned_by_note,
    }
    for kind, units in unexplained.items():
        if units:
            yield Mark(kind, units, Urgency.SHORT)
    if of.sent != of.received:
        yield Mark(MarkKind.RECEIPT, of.sent - of.received, Urgency.GRACE if open_receipt else Urgency.INFO)
    if of.excess:
        yield Mark(MarkKind.EXCESS, of.excess, Urgency.GRACE if open_excess else Urgency.INFO)
    if of.disputed:
        yield Mark(MarkKind.DISPUTED, of.disputed, Urgency.GRACE)
    if of.unsettled:
        yield Mark(MarkKind.UNSETTLED, of.unsettled, Urgency.GRACE if is_over else Urgency.INFO)
    plain = {
        MarkKind.ADDED: of.added_rupiah,
        MarkKind.AWAITING: of.awaiting,
        MarkKind.UNDERWAY: of.underway,
        MarkKind.LOST: of.lost,
        MarkKind.FOUND: of.found,
        MarkKind.CORRECTED: of.delivered_by_correction + of.sold_by_correction,
        MarkKind.OFFICE: abs(of.delivered_by_office) + abs(of.sold_by_office) + abs(of.returned_by_office),
    }
    for kind, units in plain.items():
        if units:
            yield Mark(kind, units, Urgency.INFO)


# --- months ------------------------------------------------------------------------------------------------


def month_of(text: str) -> date | None:
    """The first day of a month written 2026-11; None for what is no month."""
    if len(text) != 7 or text[4] != "-" or not (text[:4] + text[5:]).isdecimal() or not text.isascii():
        return None
    year, month = int(text[:4]), int(text[5:])
    return date(year, month, 1) if 2000 <= year <= 9998 and 1 <= month <= 12 else None


def last_of(first: date) -> date:
    """The last day of a month."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def month_after(first: date) -> date:
    """The first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def months_between(first: date, last: date, most: int) -> list[date]:
    """The months from one to another, the latest first, at most so many."""
    found = [last.replace(day=1)]
    while len(found) < most and found[-1] > first.replace(day=1):
        found.append(month_before(found[-1]))
    return found
