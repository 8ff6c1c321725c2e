"""A shelf as a list of what happened to it: the ledger in a few lines of plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

HORIZON = 31
"""Days are numbered from 0; a model knows those before its horizon."""


@dataclass
class Told:
    """A recorded movement of the model: what was asked, and its rows (lot, change)."""

    day: int
    kind: str
    rows: list[tuple[str | None, int]]
    asked: Any
    reverses: str | None = None


@dataclass
class Model:
    """A shelf as a list of what happened; every question is answered by going through all of it."""

    told: dict[str, Told] = field(default_factory=dict)
    expiry: dict[str, int | None] = field(default_factory=dict)
    horizon: int = HORIZON

    def held(self, day: int, lot: str | None = None) -> int:
        """Units at the end of a day, of the shelf or of one lot."""
        return sum(
            change
            for told in self.told.values()
            for name, change in told.rows
            if told.day <= day and lot in {None, name}
        )

    def free(self, day: int, lot: str | None = None) -> int:
        """Units there on the day that no later day needs."""
        return min(self.held(later, lot) for later in range(day, self.horizon))

    def loose(self, day: int) -> int:
        """Units without a lot there on the day that no later day needs."""
        return self.free(day) - sum(max(self.free(day, name), 0) for name in self.expiry)

    def deliver(
        self, day: int, quantity: int, lot: tuple[str, int | None] | None
    ) -> list[tuple[str | None, int]]:
        """The rows of an inbound movement."""
        if lot is not None:
            self.expiry[lot[0]] = lot[1]
        return [(lot[0] if lot else None, quantity)]

    def take(self, day: int, quantity: int, lot: str | None) -> list[tuple[str | None, int]] | str:
        """The rows of an outbound movement, or the code of its refusal; lot "" is what no lot covers."""
        if self.free(day) < quantity:
            return "below_zero"
        if lot == "":
            return [(None, -quantity)] if self.loose(day) >= quantity else "below_zero"
        names = [lot] if lot else self._first_expired(self.expiry)
        rows, quantity = self._from_lots(day, quantity, names)
        if quantity and lot:
            return "lot_short"
        return [*rows, (None, -quantity)] if quantity else rows

    def sell(self, day: int, quantity: int) -> list[tuple[str | None, int]] | str:
        """The rows of a sale that names no lot: good lots, then units without one, expired lots last."""
        if self.free(day) < quantity:
            return "below_zero"
        expired = [name for name, last in self.expiry.items() if last is not None and last < day]
        good = self._first_expired(self.expiry.keys() - expired)
        rows, rest = self._from_lots(day, quantity, good)
        loose = min(rest, max(self.loose(day), 0)) if expired else 0
        late, rest = self._from_lots(day, rest - loose, self._first_expired(expired))
        without_lot = rest + loose
        return [*rows, *late, *([(None, -without_lot)] if without_lot else [])]

    def _first_expired(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=lambda n: (99 if self.expiry[n] is None else self.expiry[n], n))

    def _from_lots(
        self, day: int, quantity: int, names: Iterable[str]
    ) -> tuple[list[tuple[str | None, int]], int]:
        """What these lots give, and how much they cannot."""
        rows: list[tuple[str | None, int]] = []
        for name in names:
            units = min(self.free(day, name), quantity) if name in self.expiry else 0
            if units > 0:
                rows.append((name, -units))
                quantity -= units
        return rows, quantity

    def take_back(self, ref: str, day: int) -> list[tuple[str | None, int]] | str:
        """The rows of a reversal, or the code of its refusal."""
        told = self.told[ref]
        if told.reverses:
            return "reversal_of_reversal"
        if any(other.reverses == ref for other in self.told.values()):
            return "already_reversed"
        if day < told.day:
            return "before_original"
        back = -sum(change for _lot, change in told.rows)
        if back < 0 and self.free(day) < -back:
            return "below_zero"
        if any(lot and change > 0 and self.free(day, lot) < change for lot, change in told.rows):
            return "lot_short"
        return [(lot, -change) for lot, change in told.rows]

    def spells(self) -> list[tuple[int, int | None]]:
        """Days of display, counted day by day."""
        found: list[tuple[int, int | None]] = []
        for day in range(self.horizon):
            if self.held(day) > 0 and (day == 0 or self.held(day - 1) <= 0):
                found.append((day, None))
            if self.held(day) <= 0 and day > 0 and self.held(day - 1) > 0:
                found[-1] = (found[-1][0], day)
        return found
