"""The ledger's SQL, set by set: what the writer reads under its lock and what it writes.

The statements go to the driver as they are, because they run for every posting; each database has its way
of handing over a list (json_each, unnest). Dates are text on SQLite and dates on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ...rules import LotState, Part, Shelf, Track

ShelfKey = tuple[int, int]
PARTS = """SELECT m.id, m.movement_ref, m.part, m.outlet_id, m.seller_id, m.product_id, m.lot_id,
    m.is_lot_named, m.kind, m.change, m.unit_price_rupiah, m.occurred_on, m.reverses_id, m.note,
    l.code, l.expires_on, o.movement_ref"""
PART_JOINS = """LEFT JOIN lots l ON l.id = m.lot_id LEFT JOIN stock_movements o ON o.id = m.reverses_id"""
MOVEMENT_COLUMNS = """id, movement_ref, part, outlet_id, seller_id, product_id, lot_id, is_lot_named, kind,
    change, unit_price_rupiah, occurred_on, reverses_id, cause_kind, cause_id, note, recorded_at,
    recorded_by"""
NEW_SHELVES = """INSERT INTO shelf_balances
        (outlet_id, product_id, seller_id, on_hand, on_hand_before, last_on)
    SELECT w.outlet_id, w.product_id, p.seller_id, 0, 0, NULL
    FROM wanted w JOIN outlets o ON o.id = w.outlet_id JOIN products p ON p.id = w.product_id
    WHERE NOT EXISTS (SELECT 1 FROM shelf_balances s
                      WHERE s.outlet_id = w.outlet_id AND s.product_id = w.product_id)
    ORDER BY w.outlet_id, w.product_id
    ON CONFLICT DO NOTHING"""
PEEK = """SELECT w.outlet_id, w.product_id, p.seller_id, coalesce(s.on_hand, 0),
        coalesce(s.on_hand_before, 0), s.last_on
    FROM wanted w JOIN outlets o ON o.id = w.outlet_id JOIN products p ON p.id = w.product_id
    LEFT JOIN shelf_balances s ON s.outlet_id = w.outlet_id AND s.product_id = w.product_id"""
NewRow = tuple[Any, ...]
PartKey = tuple[str, int]
LINE_COLUMNS = """outlet_id, line_ref, content_hash, movement_ref, reverses, report_id, seller_id, product_id,
    unit_price_rupiah, occurred_on, accepted, difference, recorded_at, recorded_by"""
KNOWN_LINE = """SELECT s.line_ref, s.content_hash, s.movement_ref, s.reverses IS NULL, s.accepted,
    s.difference, s.seller_id, s.product_id"""


class LedgerTables:
    """The statements that both databases share, and the names of those they do not."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.cursor = connection.connection.cursor()

    def rows(self, statement: str, parameters: Any) -> Sequence[Any]:
        """The rows of a query."""
        with self._translated(statement):
            self.cursor.execute(statement, parameters)
            return self.cursor.fetchall()

    def run(self, statement: str, parameters: Any) -> None:
        """A statement without an answer."""
        with self._translated(statement):
            self.cursor.execute(statement, parameters)

    def run_many(self, statement: str, rows: Sequence[NewRow]) -> None:
        """A statement once for each row."""
        with self._translated(statement):
            self.cursor.executemany(statement, rows)

    @contextmanager
    def _translated(self, statement: str) -> Iterator[None]:
        """Let the driver's errors be met like all others: retry_on_conflict and callers know SQLAlchemy's."""
        dialect = self.connection.dialect
        base = dialect.loaded_dbapi.Error
        try:
            yield
        except base as error:
            raise DBAPIError.instance(statement, None, error, base, dialect=dialect) from error

    def expect(self, count: int) -> None:
        """So many postings come at once, for the rest of the transaction."""

    def day(self, value: Any) -> date:
        """A stored day as a date."""
        raise NotImplementedError

    def lock_shelves(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        """Make the missing shelves, lock all of them in order of outlet and product, and read them."""
        raise NotImplementedError

    def peek_shelves(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        """Shelves as they are or would be, without making or locking them."""
        raise NotImplementedError

    def parts_of(self, refs: Collection[str]) -> dict[str, list[Part]]:
        """The rows recorded under these references."""
        raise NotImplementedError

    def reversed_among(self, ids: Collection[int]) -> set[int]:
        """Which of these rows were taken back already."""
        raise NotImplementedError

    def changes_from(
        self, from_day: dict[ShelfKey, date]
    ) -> Iterable[tuple[ShelfKey, int | None, date, int]]:
        """(shelf, lot, day, change) of every day from the given one on."""
        raise NotImplementedError

    def lots_on(self, keys: Collection[ShelfKey]) -> Iterable[tuple[ShelfKey, LotState]]:
        """The lots of which these shelves still hold units."""
        raise NotImplementedError

    def lots_named(
        self, names: Collection[tuple[int, int, str, date]]
    ) -> Iterable[tuple[ShelfKey, LotState]]:
        """The lots (outlet, product, code, expiry) that exist, whether or not units are left."""
        raise NotImplementedError

    def lots_by_id(self, ids: Collection[int]) -> Iterable[tuple[ShelfKey, LotState]]:
        """The lots with these ids."""
        raise NotImplementedError

    def next_ids(self, table: str, count: int) -> Sequence[int]:
        """Fresh ids, to be used in this transaction."""
        raise NotImplementedError

    def insert_lots(self, lots: Sequence[tuple[ShelfKey, LotState]]) -> None:
        """Write new lots with what they hold."""
        raise NotImplementedError

    def store(self, rows: Sequence[NewRow], shelves: Sequence[tuple[Shelf, int]]) -> dict[PartKey, int]:
        """Write rows of the ledger (in the order of MOVEMENT_COLUMNS) and add to the balances of shelves.

        Answers the ids by reference and part. The CHECK of the balance refuses to go below zero whatever
        the writer believed.
        """
        raise NotImplementedError

    def add_to_lots(self, lots: Sequence[tuple[LotState, int]]) -> None:
        """The same for lots."""
        raise NotImplementedError

    def replace_spells(
        self,
        gone: Sequence[tuple[ShelfKey, date]],
        continued: Sequence[tuple[ShelfKey, date, date]],
        new: Sequence[tuple[Shelf, date, date]],
    ) -> None:
        """Remove spells that begin on a day or later, move the end of those that go on, add new ones."""
        raise NotImplementedError

    def lines_of(self, outlet_id: int, refs: Collection[str]) -> Sequence[Any]:
        """Rows of KNOWN_LINE: the lines of an outlet's sales reports recorded under these references."""
        raise NotImplementedError

    def insert_lines(self, rows: Sequence[NewRow]) -> None:
        """Remember lines of a sales report, in the order of LINE_COLUMNS."""
        raise NotImplementedError

    def drop_unused(self, keys: Collection[ShelfKey]) -> None:
        """Remove shelves that were made but not written to."""
        raise NotImplementedError

    def part_of(self, row: Any) -> Part:
        """A row of PARTS."""
        values = list(row)
        values[7] = bool(values[7])
        values[11] = self.day(values[11])
        values[15] = None if values[15] is None else self.day(values[15])
        return Part(*values)

    def shelf_of(self, row: Any) -> Shelf:
        """A row of (outlet_id, product_id, seller_id, on_hand, on_hand_before, last_on)."""
        outlet_id, product_id, seller_id, on_hand, before, last_on = row
        changes = {} if last_on is None else {self.day(last_on): on_hand - before}
        loaded = Track(on_hand, dict(changes))
        return Shelf(outlet_id, product_id, seller_id, Track(on_hand, changes), {}, loaded)

    def lot_of(self, row: Any) -> tuple[ShelfKey, LotState]:
        """A row of (outlet_id, product_id, id, code, expires_on, on_hand)."""
        outlet_id, product_id, lot_id, code, expires_on, on_hand = row
        return (outlet_id, product_id), LotState(lot_id, code, self.day(expires_on), on_hand)

    def parts_by_ref(self, rows: Iterable[Any]) -> dict[str, list[Part]]:
        """Rows of PARTS, together by reference and in order of part."""
        found: dict[str, list[Part]] = {}
        for row in rows:
            part = self.part_of(row)
            found.setdefault(part.movement_ref, []).append(part)
        for parts in found.values():
            parts.sort(key=lambda part: part.part)
        return found
