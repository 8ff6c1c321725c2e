"""What the writer would answer, without writing: for the preview of an import.

Batches follow each other, so what one would have written is remembered for the next: by shelf the changes
of each day and lot, by reference what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from ..rules import LotState, Movement, Part, Posting, Reversal, Shelf
from .ledger import Outcome, Writing
from .tables import ShelfKey

# (day, change, lot code or None, expiry)
Change = tuple[str, int, str | None, str | None]


class Memory(Protocol):
    """Keeps plain JSON values by key between the batches of one rehearsal."""

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """What was remembered under these keys."""

    def put_many(self, values: Mapping[str, Any]) -> None:
        """Remember values by key."""


def rehearse(session: Session, postings: Sequence[Posting], memory: Memory) -> list[Outcome]:
    """The outcomes that `write` would give after all that `memory` knows of; nothing is written."""
    return _Rehearsal(session, postings, memory).run() if postings else []


class _Rehearsal(Writing):
    """A run of the writer that reads without locks and remembers instead of storing."""

    def __init__(self, session: Session, postings: Sequence[Posting], memory: Memory) -> None:
        super().__init__(session, postings)
        self.memory = memory
        self.remembered: dict[ShelfKey, list[Change]] = {}

    def _load(self, asked: Sequence[Movement | Reversal]) -> None:
        refs = {movement.movement_ref for movement in asked}
        refs |= {movement.reverses_ref for movement in asked if isinstance(movement, Reversal)}
        rehearsed = self.memory.get_many(f"ref:{ref}" for ref in refs)
        parts = {key.removeprefix("ref:"): [_part(row) for row in rows] for key, rows in rehearsed.items()}
        self.rehearsed_shelves = {(p[0].outlet_id, p[0].product_id) for p in parts.values()}
        super()._load(asked)
        self.known = parts | self.known
        self._recall([part for rows in parts.values() for part in rows])

    def _open_shelves(self, keys: set[ShelfKey]) -> dict[ShelfKey, Shelf]:
        return self.tables.peek_shelves(keys | self.rehearsed_shelves)

    def _recall(self, rehearsed: Iterable[Part]) -> None:
        """Apply what earlier batches would have written to the shelves at hand."""
        names = {_shelf_name(key): key for key in self.shelves}
        found = {names[name]: changes for name, changes in self.memory.get_many(names).items()}
        self._find_lots(found)
        for key, changes in found.items():
            self.remembered[key] = changes
            for day, change, code, expires_on in changes:
                on = date.fromisoformat(day)
                self.shelves[key].track.apply(on, change)
                if code is not None and expires_on is not None:
                    self._lot(key, code, date.fromisoformat(expires_on)).apply(on, change)
        for part in rehearsed:
            if part.lot_code is not None and part.expires_on is not None:
                key = (part.outlet_id, part.product_id)
                part.lot_id = self._lot(key, part.lot_code, part.expires_on).id
        taken_back = self.memory.get_many(f"reversed:{ref}" for ref in self.known)
        for name in taken_back:
            self.reversed_ids.update(part.id for part in self.known[name.removeprefix("reversed:")])

    def _find_lots(self, found: Mapping[ShelfKey, Sequence[Change]]) -> None:
        """Load the stored lots that earlier batches would have touched and this one has not loaded yet."""
        names = {
            (*key, code, date.fromisoformat(expires_on))
            for key, changes in found.items()
            for _day, _change, code, expires_on in changes
            if code is not None and expires_on is not None
        }
        missing = names - self.lots_by_name.keys()
        if missing:
            for key, lot in self.tables.lots_named(missing):
                self.shelves[key].lots[lot.id] = lot
                self.lots_by_name[(*key, lot.code, lot.expires_on)] = lot

    def _lot(self, key: ShelfKey, code: str, expires_on: date) -> LotState:
        """The lot of that name; made up where it is not stored."""
        lot = self.lots_by_name.get((*key, code, expires_on))
        if lot is None:
            lot = LotState(-1 - len(self.new_lots), code, expires_on, on_hand=0)
            self.new_lots.append((key, lot))
            self.lots_by_name[(*key, code, expires_on)] = lot
            self.shelves[key].lots[lot.id] = lot
        return lot

    def _store(self) -> None:
        told: dict[str, Any] = {}
        for part, _posting, movement in self.new_parts:
            key = (part.outlet_id, part.product_id)
            expires_on = None if part.expires_on is None else part.expires_on.isoformat()
            change = (part.occurred_on.isoformat(), part.change, part.lot_code, expires_on)
            self.remembered.setdefault(key, []).append(change)
            told[_shelf_name(key)] = self.remembered[key]
            told.setdefault(f"ref:{movement.movement_ref}", []).append(_row(part))
            if isinstance(movement, Reversal):
                told[f"reversed:{movement.reverses_ref}"] = True
        self.memory.put_many(told)


def _shelf_name(key: ShelfKey) -> str:
    return f"shelf:{key[0]}:{key[1]}"


def _row(part: Part) -> list[Any]:
    """A part as plain JSON; ids are of no use, because nothing was stored."""
    expires_on = None if part.expires_on is None else part.expires_on.isoformat()
    return [
        part.movement_ref, part.part, part.outlet_id, part.seller_id, part.product_id, part.is_lot_named,
        part.kind, part.change, part.unit_price_rupiah, part.occurred_on.isoformat(), part.note,
        part.lot_code, expires_on, part.reverses_ref,
    ]  # fmt: skip


def _part(row: list[Any]) -> Part:
    (
        ref,
        number,
        outlet,
        seller,
        product,
        is_named,
        kind,
        change,
        price,
        day,
        note,
        code,
        expires,
        reverses,
    ) = row
    return Part(
        id=-(2**40) - abs(hash((ref, number))) % 2**40,
        movement_ref=ref,
        part=number,
        outlet_id=outlet,
        seller_id=seller,
        product_id=product,
        lot_id=None if code is None else 0,
        is_lot_named=is_named,
        kind=kind,
        change=change,
        unit_price_rupiah=price,
        occurred_on=date.fromisoformat(day),
        reverses_id=None if reverses is None else 0,
        note=note,
        lot_code=code,
        expires_on=None if expires is None else date.fromisoformat(expires),
        reverses_ref=reverses,
    )
