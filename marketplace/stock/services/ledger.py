"""The one writer of the ledger: reads what it needs under the lock, decides in Python, writes in sets.

Everything that changes a shelf comes through `write`: a posting from a screen, lines of a sales report, a
batch of an import. docs/ledger.md tells how, and why it is correct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from ... import signals
from ..models import MovementKind
from ..rules import (
    MAX_ON_HAND,
    LotState,
    Movement,
    Part,
    Posted,
    Posting,
    Refusal,
    RefusalCode,
    Reversal,
    Shelf,
    Taking,
    Track,
    allocate,
    allocate_sale,
    check_movement,
    is_same_movement,
    is_same_reversal,
    part_of,
    refuse,
    reversal_of,
)
from .reading import Reading
from .tables import NewRow, ShelfKey

Outcome = tuple[Posted, ...] | Refusal
EVIDENT = (MovementKind.SALE, MovementKind.DELIVERY)
"""Kinds whose rows are evidence by themselves, whatever the shelf holds at the day's end."""


class Refused(Exception):
    """A movement of the posting cannot be recorded."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def write(session: Session, postings: Sequence[Posting]) -> list[Outcome]:
    """Record postings in order, each whole or not at all, inside the caller's unit of work.

    Answers for each what the ledger now holds, or why it was refused. Sends `evidence_changed` once.
    """
    if not postings:
        return []
    return Writing(session, postings).run()


@dataclass
class _Undo:
    """What to take back when a later movement of the same posting is refused."""

    steps: list[tuple[Track, date, int, bool]] = field(default_factory=list)
    parts: int = 0
    refs: list[str] = field(default_factory=list)
    reversed_ids: list[int] = field(default_factory=list)
    evidence: dict[ShelfKey, date | None] = field(default_factory=dict)


class Writing(Reading):
    """One run of the writer over some postings."""

    def __init__(self, session: Session, postings: Sequence[Posting]) -> None:
        super().__init__(session, postings)
        self.new_lots: list[tuple[ShelfKey, LotState]] = []
        self.new_parts: list[tuple[Part, Posting, Movement | Reversal]] = []
        self.evident_from: dict[ShelfKey, date] = {}
        self.undo = _Undo()

    def run(self) -> list[Outcome]:
        impossible = [_first_impossible(posting) for posting in self.postings]
        pairs = zip(self.postings, impossible, strict=True)
        self.tables.expect(len(self.postings))
        self._load([m for posting, refusal in pairs if refusal is None for m in posting.movements])
        pairs = zip(self.postings, impossible, strict=True)
        outcomes = [refusal or self._post(posting) for posting, refusal in pairs]
        self._store()
        return outcomes

    # --- deciding ---------------------------------------------------------------------------------------

    def _post(self, posting: Posting) -> Outcome:
        self.undo = _Undo(parts=len(self.new_parts))
        try:
            return tuple(self._post_one(posting, movement) for movement in posting.movements)
        except Refused as refused:
            self._take_back()
            return refused.refusal

    def _post_one(self, posting: Posting, movement: Movement | Reversal) -> Posted:
        recorded = self.known.get(movement.movement_ref)
        if recorded is not None:
            same = (
                is_same_movement(movement, recorded)
                if isinstance(movement, Movement)
                else is_same_reversal(movement, recorded)
            )
            if not same:
                raise Refused(refuse(RefusalCode.CONFLICT, ref=movement.movement_ref))
            return Posted(movement.movement_ref, tuple(recorded), is_new=False)
        if isinstance(movement, Reversal):
            return self._reverse(posting, movement)
        shelf = self._shelf_of(movement)
        if movement.is_inbound:
            return self._receive(posting, movement, shelf)
        return self._take(posting, movement, shelf)

    def _shelf_of(self, movement: Movement) -> Shelf:
        shelf = self.shelves.get((movement.outlet_id, movement.product_id))
        if shelf is None:
            raise Refused(refuse(RefusalCode.UNKNOWN_SHELF, "sku"))
        if shelf.seller_id != movement.seller_id:
            raise Refused(refuse(RefusalCode.NOT_OF_SELLER, "sku"))
        return shelf

    def _receive(self, posting: Posting, movement: Movement, shelf: Shelf) -> Posted:
        _refuse_overfull(shelf, movement.quantity)
        lot = None if movement.lot_key is None else self._lot_for(movement, shelf, movement.lot_key)
        part = part_of(movement, 0, lot, movement.quantity, is_named=lot is not None)
        return self._record(posting, movement, shelf, [(part, lot)])

    def _lot_for(self, movement: Movement, shelf: Shelf, name: tuple[str, date]) -> LotState:
        key = (movement.outlet_id, movement.product_id)
        lot = self.lots_by_name.get((*key, *name))
        if lot is None:
            # Its id is given when it is stored; until then it counts down from -1.
            lot = LotState(-1 - len(self.new_lots), *name, on_hand=0)
            self.new_lots.append((key, lot))
            self.lots_by_name[(*key, *name)] = lot
            shelf.lots[lot.id] = lot
        return lot

    def _take(self, posting: Posting, movement: Movement, shelf: Shelf) -> Posted:
        day, wanted = movement.occurred_on, movement.quantity
        free = shelf.track.free_on(day)
        if posting.taking is Taking.UP_TO_SHELF:
            wanted = min(wanted, max(free, 0))
            if wanted == 0:
                return Posted(movement.movement_ref, (), is_new=True)
        elif free < wanted:
            raise Refused(refuse(RefusalCode.BELOW_ZERO, "quantity", free=max(free, 0), wanted=wanted))
        code = movement.named_code
        taken: list[tuple[LotState, int]] = []
        if movement.is_without_lot:
            rest = wanted
            _refuse_beyond_lots(shelf, day, free, wanted)
        elif code is None and movement.kind == MovementKind.SALE:
            taken, rest = allocate_sale(shelf.lots.values(), day, wanted, free=free)
        else:
            expires_on = None if code is None else movement.expires_on
            taken, rest = allocate(shelf.lots.values(), day, wanted, code=code, expires_on=expires_on)
        if code is not None and rest:
            raise Refused(refuse(RefusalCode.LOT_SHORT, "lot", lot=code, free=wanted - rest, wanted=wanted))
        expired = [lot.expires_on for lot, _units in taken if lot.expires_on < day]
        sells_expired = bool(expired) and movement.kind == MovementKind.SALE
        if sells_expired and not posting.sells_expired:
            raise Refused(refuse(RefusalCode.EXPIRED, "lot", expires_on=min(expired)))
        pieces: list[tuple[LotState | None, int]] = [*taken]
        if rest:
            pieces.append((None, rest))
        rows = [
            (part_of(movement, number, lot, -units, is_named=code is not None), lot)
            for number, (lot, units) in enumerate(pieces)
        ]
        return self._record(posting, movement, shelf, rows, took_expired=sells_expired)

    def _reverse(self, posting: Posting, reversal: Reversal) -> Posted:
        ref = reversal.reverses_ref
        original = self.known.get(ref)
        if original is None:
            raise Refused(refuse(RefusalCode.UNKNOWN_MOVEMENT, "reverses", ref=ref))
        first = original[0]
        if first.reverses_id is not None:
            raise Refused(refuse(RefusalCode.REVERSAL_OF_REVERSAL, "reverses", ref=ref))
        if any(part.id in self.reversed_ids for part in original):
            raise Refused(refuse(RefusalCode.ALREADY_REVERSED, "reverses", ref=ref))
        if reversal.occurred_on < first.occurred_on:
            raise Refused(refuse(RefusalCode.BEFORE_ORIGINAL, "occurred_on", original_on=first.occurred_on))
        shelf = self.shelves[(first.outlet_id, first.product_id)]
        back = -sum(part.change for part in original)
        free = shelf.track.free_on(reversal.occurred_on)
        if back < 0 and free < -back:
            raise Refused(refuse(RefusalCode.BELOW_ZERO, "reverses", free=max(free, 0), wanted=-back))
        if back > 0:
            _refuse_overfull(shelf, back)
        rows = []
        for part in original:
            lot = None if part.lot_id is None else shelf.lots[part.lot_id]
            left = part.change if lot is None else lot.free_on(reversal.occurred_on)
            if left < part.change:
                code = part.lot_code
                raise Refused(refuse(RefusalCode.LOT_SHORT, "reverses", lot=code, free=left, wanted=-back))
            rows.append((reversal_of(part, reversal), lot))
        for part in original:
            self.reversed_ids.add(part.id)
            self.undo.reversed_ids.append(part.id)
        return self._record(posting, reversal, shelf, rows)

    def _record(
        self,
        posting: Posting,
        movement: Movement | Reversal,
        shelf: Shelf,
        rows: list[tuple[Part, LotState | None]],
        *,
        took_expired: bool = False,
    ) -> Posted:
        for part, lot in rows:
            # Until it is stored a row counts down from -1, so that a reversal beside it can point at it.
            part.id = -1 - len(self.new_parts)
            self._apply(shelf.track, part)
            if lot is not None:
                self._apply(lot, part)
            self.new_parts.append((part, posting, movement))
        parts = [part for part, _lot in rows]
        self.known[movement.movement_ref] = parts
        self.undo.refs.append(movement.movement_ref)
        day = movement.occurred_on
        shelf.touched_from = min(shelf.touched_from or day, day)
        if parts[0].kind in EVIDENT or isinstance(movement, Reversal):
            key = (shelf.outlet_id, shelf.product_id)
            self.undo.evidence.setdefault(key, self.evident_from.get(key))
            self.evident_from[key] = min(self.evident_from.get(key, day), day)
        return Posted(movement.movement_ref, tuple(parts), is_new=True, took_expired=took_expired)

    def _apply(self, track: Track, part: Part) -> None:
        was_new_day = part.occurred_on not in track.changes
        track.apply(part.occurred_on, part.change)
        self.undo.steps.append((track, part.occurred_on, part.change, was_new_day))

    def _take_back(self) -> None:
        for track, day, change, was_new_day in reversed(self.undo.steps):
            track.undo(day, change, was_new_day=was_new_day)
        del self.new_parts[self.undo.parts :]
        for ref in self.undo.refs:
            del self.known[ref]
        self.reversed_ids.difference_update(self.undo.reversed_ids)
        for key, day_before in self.undo.evidence.items():
            if day_before is None:
                self.evident_from.pop(key, None)
            else:
                self.evident_from[key] = day_before

    # --- writing ----------------------------------------------------------------------------------------

    def _store(self) -> None:
        if self.new_parts:
            self._store_lots()
            self._store_movements()
            self._store_spells()
            self._tell()
        unused = [key for key, shelf in self.shelves.items() if shelf.last_on is None]
        if unused:
            self.tables.drop_unused(unused)

    def _store_lots(self) -> None:
        used = [(key, lot) for key, lot in self.new_lots if lot.days]
        if used:
            ids = self.tables.next_ids("lots", len(used))
            for (_key, lot), lot_id in zip(used, ids, strict=True):
                lot.id = lot_id
            self.tables.insert_lots(used)
        new = {id(lot) for _key, lot in self.new_lots}
        changed = [
            (lot, lot.on_hand - lot.loaded)
            for shelf in self.shelves.values()
            for lot in shelf.lots.values()
            if id(lot) not in new and lot.on_hand != lot.loaded
        ]
        if changed:
            self.tables.add_to_lots(changed)

    def _store_movements(self) -> None:
        refers_within = any((part.reverses_id or 0) < 0 for part, _posting, _movement in self.new_parts)
        if refers_within:
            self._number_parts()
        lots = {-1 - number: lot.id for number, (_key, lot) in enumerate(self.new_lots)}
        rows: list[NewRow] = []
        for part, posting, movement in self.new_parts:
            part.lot_id = lots.get(part.lot_id, part.lot_id) if part.lot_id is not None else None
            rows.append(
                (
                    part.id if refers_within else None, part.movement_ref, part.part, part.outlet_id,
                    part.seller_id, part.product_id, part.lot_id, part.is_lot_named, part.kind, part.change,
                    part.unit_price_rupiah, part.occurred_on, part.reverses_id, movement.cause_kind,
                    movement.cause_id, part.note, posting.recorded_at, posting.recorded_by,
                )
            )  # fmt: skip
        touched = [shelf for shelf in self.shelves.values() if shelf.touched_from and shelf.last_on]
        ids = self.tables.store(
            rows, [(shelf, shelf.track.on_hand - shelf.loaded.on_hand) for shelf in touched]
        )
        for part, _posting, _movement in self.new_parts:
            part.id = ids[part.movement_ref, part.part]

    def _number_parts(self) -> None:
        """Ids beforehand, where a row takes back another of the same run."""
        ids = self.tables.next_ids("stock_movements", len(self.new_parts))
        real = {part.id: row_id for (part, _p, _m), row_id in zip(self.new_parts, ids, strict=True)}
        for part, _posting, _movement in self.new_parts:
            part.id = real[part.id]
            part.reverses_id = real.get(part.reverses_id or 0, part.reverses_id)

    def _store_spells(self) -> None:
        gone, continued, new = [], [], []
        for key, shelf in self.shelves.items():
            first = shelf.touched_from
            if first is None:
                continue
            before, after = shelf.spells_before(), shelf.spells_after()
            if before == after:
                continue
            self.evident_from[key] = min(self.evident_from.get(key, first), first)
            if before.later:
                gone.append((key, first))
            if after.continues_until is not None and after.continues_until != before.continues_until:
                continued.append((key, first, after.continues_until))
            new += [(shelf, start, end) for start, end in after.later]
        self.tables.replace_spells(gone, continued, new)

    def _tell(self) -> None:
        outlets: dict[int, date] = {}
        for (outlet_id, _product_id), day in self.evident_from.items():
            outlets[outlet_id] = min(outlets.get(outlet_id, day), day)
        if outlets:
            signals.evidence_changed.send(self.session, outlets=sorted(outlets.items()))


def _first_impossible(posting: Posting) -> Refusal | None:
    refusals = (check_movement(movement, posting.today) for movement in posting.movements)
    return next((refusal for refusal in refusals if refusal is not None), None)


def _refuse_overfull(shelf: Shelf, quantity: int) -> None:
    if shelf.track.on_hand + quantity > MAX_ON_HAND:
        raise Refused(refuse(RefusalCode.SHELF_FULL, "quantity", limit=MAX_ON_HAND))


def _refuse_beyond_lots(shelf: Shelf, day: date, free: int, wanted: int) -> None:
    """Units without a lot are what the shelf holds beyond its lots."""
    loose = free - sum(max(lot.free_on(day), 0) for lot in shelf.lots.values())
    if loose < wanted:
        raise Refused(refuse(RefusalCode.BELOW_ZERO, "quantity", free=max(loose, 0), wanted=wanted))
