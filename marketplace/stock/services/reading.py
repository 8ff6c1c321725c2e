"""What one run of the writer has to know before it decides: shelves, lots, what was recorded, the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from ..rules import LotState, Movement, Part, Posting, Reversal, Shelf
from .tables import LedgerTables, ShelfKey, tables_of


class Reading:
    """The shelves that some postings touch, locked, with all that a decision about them needs."""

    def __init__(self, session: Session, postings: Sequence[Posting]) -> None:
        self.session = session
        self.postings = postings
        self.tables: LedgerTables = tables_of(session)
        self.shelves: dict[ShelfKey, Shelf] = {}
        self.known: dict[str, list[Part]] = {}
        self.reversed_ids: set[int] = set()
        self.lots_by_name: dict[tuple[int, int, str, date], LotState] = {}

    def _load(self, asked: Sequence[Movement | Reversal]) -> None:
        movements = [movement for movement in asked if isinstance(movement, Movement)]
        reversals = [movement for movement in asked if isinstance(movement, Reversal)]
        originals: dict[str, list[Part]] = {}
        if reversals:
            originals = self.tables.parts_of({reversal.reverses_ref for reversal in reversals})
        keys = {(movement.outlet_id, movement.product_id) for movement in movements}
        keys |= {(parts[0].outlet_id, parts[0].product_id) for parts in originals.values()}
        if keys:
            self.shelves = self._open_shelves(keys)
        # Only now, under the lock: a posting with the same reference may just have been committed.
        self.known = originals | self.tables.parts_of({movement.movement_ref for movement in asked})
        if originals:
            ids = [part.id for parts in originals.values() for part in parts]
            self.reversed_ids = self.tables.reversed_among(ids)
        self._load_lots(movements, originals)
        self._load_past(asked)

    def _open_shelves(self, keys: set[ShelfKey]) -> dict[ShelfKey, Shelf]:
        return self.tables.lock_shelves(keys)

    def _load_lots(self, movements: Sequence[Movement], originals: dict[str, list[Part]]) -> None:
        outbound, named = set(), set()
        for movement in movements:
            if movement.movement_ref in self.known:
                continue
            if not movement.is_inbound:
                outbound.add((movement.outlet_id, movement.product_id))
            elif movement.lot_key is not None:
                named.add((movement.outlet_id, movement.product_id, *movement.lot_key))
        returned = {p.lot_id for parts in originals.values() for p in parts if p.lot_id is not None}
        found: list[tuple[ShelfKey, LotState]] = []
        if outbound:
            found += self.tables.lots_on(outbound)
        if named:
            found += self.tables.lots_named(named)
        if returned:
            found += self.tables.lots_by_id(returned)
        for key, lot in found:
            lot = self.shelves[key].lots.setdefault(lot.id, lot)
            self.lots_by_name[(*key, lot.code, lot.expires_on)] = lot

    def _load_past(self, asked: Sequence[Movement | Reversal]) -> None:
        """For shelves with a movement dated before their latest one: the changes by day from there on."""
        from_day: dict[ShelfKey, date] = {}
        for movement in asked:
            key = self._key_of(movement)
            shelf = self.shelves.get(key) if key else None
            if shelf is None or key is None or movement.movement_ref in self.known:
                continue
            if shelf.last_on is not None and movement.occurred_on < shelf.last_on:
                from_day[key] = min(from_day.get(key, movement.occurred_on), movement.occurred_on)
        if not from_day:
            return
        shelf_changes: dict[ShelfKey, dict[date, int]] = {key: {} for key in from_day}
        lot_changes: dict[int, dict[date, int]] = {}
        for key, lot_id, day, change in self.tables.changes_from(from_day):
            days = shelf_changes[key]
            days[day] = days.get(day, 0) + change
            if lot_id is not None:
                lot_changes.setdefault(lot_id, {})[day] = change
        for key, changes in shelf_changes.items():
            shelf = self.shelves[key]
            shelf.track.know(changes)
            shelf.loaded.know(dict(changes))
            for lot in shelf.lots.values():
                lot.know(lot_changes.get(lot.id, {}))

    def _key_of(self, movement: Movement | Reversal) -> ShelfKey | None:
        if isinstance(movement, Movement):
            return movement.outlet_id, movement.product_id
        original = self.known.get(movement.reverses_ref)
        return (original[0].outlet_id, original[0].product_id) if original else None
