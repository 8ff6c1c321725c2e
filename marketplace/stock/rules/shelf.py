"""A shelf in plain Python: what it holds at the end of each day, which lots, and its days of display."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ...clock import LAST_DAY


class Track:
    """Units of something over days: what is there after the last day, and the change of each known day.

    Days before the first known one are summed up in `on_hand`: ask only for days from there on.
    """

    __slots__ = ("changes", "days", "on_hand")

    def __init__(self, on_hand: int = 0, changes: dict[date, int] | None = None) -> None:
        self.on_hand = on_hand
        self.know({} if changes is None else changes)

    def know(self, changes: dict[date, int]) -> None:
        """Learn the changes of all days from some day on; the dict becomes its own."""
        self.changes = changes
        self.days = sorted(self.changes)

    def free_on(self, day: date) -> int:
        """What was there at the end of `day` and is free on every later day."""
        running = lowest = self.on_hand
        for known in reversed(self.days):
            if known <= day:
                break
            running -= self.changes[known]
            lowest = min(lowest, running)
        return lowest

    def opening(self, day: date) -> int:
        """What was there before `day`."""
        return self.on_hand - sum(self.changes[known] for known in self.days if known >= day)

    def apply(self, day: date, change: int) -> None:
        """Add a change on a day."""
        self.on_hand += change
        if day in self.changes:
            self.changes[day] += change
        else:
            self.changes[day] = change
            insort(self.days, day)

    def undo(self, day: date, change: int, *, was_new_day: bool) -> None:
        """Take an applied change off again."""
        self.on_hand -= change
        self.changes[day] -= change
        if was_new_day:
            del self.changes[day]
            self.days.remove(day)


class LotState(Track):
    """A lot on its shelf."""

    __slots__ = ("code", "expires_on", "id", "loaded")

    def __init__(
        self, lot_id: int, code: str, expires_on: date, on_hand: int, changes: dict[date, int] | None = None
    ) -> None:
        super().__init__(on_hand, changes)
        self.id, self.code, self.expires_on = lot_id, code, expires_on
        self.loaded = on_hand


@dataclass(frozen=True)
class Spells:
    """Days of display from a day F on: until when the spell that holds the day before F goes on (None: there
    is none), and the spells [first day, end day) that begin on F or later."""

    continues_until: date | None
    later: tuple[tuple[date, date], ...]


def spells_from(opening: int, changes: Iterable[tuple[date, int]]) -> Spells:
    """The days of display that follow from what a shelf held and its changes by day, in order of day."""
    continues_until = LAST_DAY if opening > 0 else None
    start: date | None = None
    later: list[tuple[date, date]] = []
    balance = opening
    for day, change in changes:
        was, balance = balance, balance + change
        if was <= 0 < balance:
            start = day
        elif balance <= 0 < was:
            if start is None:
                continues_until = day
            else:
                later.append((start, day))
                start = None
    if start is not None:
        later.append((start, LAST_DAY))
    return Spells(continues_until, tuple(later))


@dataclass
class Shelf:
    """One outlet's shelf of one product while the ledger is being written."""

    outlet_id: int
    product_id: int
    seller_id: int
    track: Track
    lots: dict[int, LotState] = field(default_factory=dict)
    loaded: Track = field(default_factory=Track)
    touched_from: date | None = None

    @property
    def last_on(self) -> date | None:
        """The day of its latest movement."""
        return self.track.days[-1] if self.track.days else None

    @property
    def on_hand_before(self) -> int:
        """What it held at the end of the day before its latest movement's."""
        return self.track.on_hand - (self.track.changes[self.track.days[-1]] if self.track.days else 0)

    def spells_before(self) -> Spells:
        """The days of display from the first touched day on, as they were when it was loaded."""
        return self._spells(self.loaded)

    def spells_after(self) -> Spells:
        """The days of display from the first touched day on, as they are now."""
        return self._spells(self.track)

    def _spells(self, track: Track) -> Spells:
        first = self.touched_from
        assert first is not None
        changes = [(day, track.changes[day]) for day in track.days if day >= first]
        return spells_from(track.opening(first), changes)


def allocate(
    lots: Iterable[LotState], day: date, quantity: int, *, code: str | None, expires_on: date | None
) -> tuple[list[tuple[LotState, int]], int]:
    """Which lots an outbound movement takes from, first expired first out, and how much no lot covers.

    A lot gives what was there on the day and is free on every later one. With a code, only lots of that
    code (and expiry date, if given) are asked.
    """
    taken: list[tuple[LotState, int]] = []
    wanted = [
        lot for lot in lots if code is None or (lot.code == code and expires_on in {None, lot.expires_on})
    ]
    for lot in sorted(wanted, key=lambda lot: (lot.expires_on, lot.code, lot.id)):
        if quantity == 0:
            break
        units = min(lot.free_on(day), quantity)
        if units > 0:
            taken.append((lot, units))
            quantity -= units
    return taken, quantity


def allocate_sale(
    lots: Iterable[LotState], day: date, quantity: int, *, free: int
) -> tuple[list[tuple[LotState, int]], int]:
    """Which lots a sale without a lot takes from, and how much no lot covers: what may be sold goes first.

    A customer buys what is still good. So lots that have expired by the day give only what neither good
    lots nor units without a lot can; `free` is what the whole shelf can give.
    """
    every = list(lots)
    expired = [lot for lot in every if lot.expires_on < day]
    if not expired:
        return allocate(every, day, quantity, code=None, expires_on=None)
    good = [lot for lot in every if lot.expires_on >= day]
    taken, rest = allocate(good, day, quantity, code=None, expires_on=None)
    loose = free - sum(max(lot.free_on(day), 0) for lot in every)
    without_lot = min(rest, max(loose, 0))
    late, rest = allocate(expired, day, rest - without_lot, code=None, expires_on=None)
    return taken + late, rest + without_lot
