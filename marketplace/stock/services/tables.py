"""The ledger's SQL, set by set: what the writer reads under its lock and what it writes.

The statements go to the driver as they are, because they run for every posting; each database has its way
of handing over a list (json_each, unnest). Dates are text on SQLite and dates on PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ...db import is_postgres
from ..rules import LotState, Part, Shelf, Track

ShelfKey = tuple[int, int]
PARTS = """SELECT m.id, m.movement_ref, m.part, m.outlet_id, m.seller_id, m.product_id, m.lot_id,
    m.is_lot_named, m.kind, m.change, m.unit_price_rupiah, m.occurred_on, m.reverses_id, m.note,
    l.code, l.expires_on, o.movement_ref"""
PART_JOINS = """LEFT JOIN lots l ON l.id = m.lot_id LEFT JOIN stock_movements o ON o.id = m.reverses_id"""
MOVEMENT_COLUMNS = """id, movement_ref, part, outlet_id, seller_id, product_id, lot_id, is_lot_named, kind,
    change, unit_price_rupiah, occurred_on, reverses_id, cause_kind, cause_id, note, recorded_at,
    recorded_by"""
MOVEMENT_TYPES = """bigint varchar smallint bigint bigint bigint bigint boolean varchar bigint bigint date
    bigint varchar bigint text timestamptz bigint""".split()
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


class SqliteTables(LedgerTables):
    """On SQLite the whole database is locked by BEGIN IMMEDIATE; lists are JSON."""

    WANTED = """WITH wanted(outlet_id, product_id) AS
        (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)) """

    def day(self, value: Any) -> date:
        return date.fromisoformat(value)

    def lock_shelves(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        wanted = (json.dumps(list(keys)),)
        shelves = self._shelves(wanted)
        if len(shelves) < len(set(keys)):
            self.run(self.WANTED + NEW_SHELVES, wanted)
            shelves = self._shelves(wanted)
        return shelves

    def peek_shelves(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        rows = self.rows(self.WANTED + PEEK, (json.dumps(list(keys)),))
        return {(row[0], row[1]): self.shelf_of(row) for row in rows}

    def _shelves(self, wanted: tuple[str]) -> dict[ShelfKey, Shelf]:
        query = """SELECT s.outlet_id, s.product_id, s.seller_id, s.on_hand, s.on_hand_before, s.last_on
            FROM wanted w CROSS JOIN shelf_balances s
                ON s.outlet_id = w.outlet_id AND s.product_id = w.product_id"""
        return {(row[0], row[1]): self.shelf_of(row) for row in self.rows(self.WANTED + query, wanted)}

    def parts_of(self, refs: Collection[str]) -> dict[str, list[Part]]:
        query = f"""{PARTS} FROM json_each(?) w CROSS JOIN stock_movements m ON m.movement_ref = w.value
            {PART_JOINS}"""
        return self.parts_by_ref(self.rows(query, (json.dumps(list(refs)),)))

    def reversed_among(self, ids: Collection[int]) -> set[int]:
        query = """SELECT m.reverses_id FROM json_each(?) w
            CROSS JOIN stock_movements m ON m.reverses_id = w.value"""
        return {row[0] for row in self.rows(query, (json.dumps(list(ids)),))}

    def changes_from(
        self, from_day: dict[ShelfKey, date]
    ) -> Iterable[tuple[ShelfKey, int | None, date, int]]:
        query = """WITH wanted(outlet_id, product_id, day) AS
                (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                        json_extract(value, '$[2]') FROM json_each(?))
            SELECT m.outlet_id, m.product_id, m.lot_id, m.occurred_on, sum(m.change)
            FROM wanted w CROSS JOIN stock_movements m ON m.outlet_id = w.outlet_id
                AND m.product_id = w.product_id AND m.occurred_on >= w.day
            GROUP BY 1, 2, 3, 4"""
        wanted = json.dumps([(*key, day.isoformat()) for key, day in from_day.items()])
        for outlet_id, product_id, lot_id, day, change in self.rows(query, (wanted,)):
            yield (outlet_id, product_id), lot_id, self.day(day), change

    def lots_on(self, keys: Collection[ShelfKey]) -> Iterable[tuple[ShelfKey, LotState]]:
        query = """SELECT l.outlet_id, l.product_id, l.id, l.code, l.expires_on, b.on_hand
            FROM wanted w CROSS JOIN lots l ON l.outlet_id = w.outlet_id AND l.product_id = w.product_id
            CROSS JOIN lot_balances b ON b.lot_id = l.id AND b.on_hand > 0"""
        return map(self.lot_of, self.rows(self.WANTED + query, (json.dumps(list(keys)),)))

    def lots_named(
        self, names: Collection[tuple[int, int, str, date]]
    ) -> Iterable[tuple[ShelfKey, LotState]]:
        query = """SELECT l.outlet_id, l.product_id, l.id, l.code, l.expires_on, b.on_hand
            FROM json_each(?) w CROSS JOIN lots l ON l.outlet_id = json_extract(w.value, '$[0]')
                AND l.product_id = json_extract(w.value, '$[1]') AND l.code = json_extract(w.value, '$[2]')
                AND l.expires_on = json_extract(w.value, '$[3]')
            CROSS JOIN lot_balances b ON b.lot_id = l.id"""
        wanted = json.dumps([(*name[:3], name[3].isoformat()) for name in names])
        return map(self.lot_of, self.rows(query, (wanted,)))

    def lots_by_id(self, ids: Collection[int]) -> Iterable[tuple[ShelfKey, LotState]]:
        query = """SELECT l.outlet_id, l.product_id, l.id, l.code, l.expires_on, b.on_hand
            FROM json_each(?) w CROSS JOIN lots l ON l.id = w.value
            CROSS JOIN lot_balances b ON b.lot_id = l.id"""
        return map(self.lot_of, self.rows(query, (json.dumps(list(ids)),)))

    def next_ids(self, table: str, count: int) -> Sequence[int]:
        last = self.rows(f"SELECT coalesce(max(id), 0) FROM {table}", ())[0][0]  # noqa: S608 - our own name
        return range(last + 1, last + 1 + count)

    def insert_lots(self, lots: Sequence[tuple[ShelfKey, LotState]]) -> None:
        rows = [(lot.id, *key, lot.code, lot.expires_on.isoformat()) for key, lot in lots]
        statement = "INSERT INTO lots (id, outlet_id, product_id, code, expires_on) VALUES (?, ?, ?, ?, ?)"
        self.run_many(statement, rows)
        balances = [(lot.id, lot.on_hand) for _key, lot in lots]
        self.run_many("INSERT INTO lot_balances (lot_id, on_hand) VALUES (?, ?)", balances)

    def store(self, rows: Sequence[NewRow], shelves: Sequence[tuple[Shelf, int]]) -> dict[PartKey, int]:
        # The rows of a posting, often of a whole batch, share their moment.
        texts = {moment: _stamp(moment) for moment in {row[16] for row in rows}}
        plain = [(*row[:11], row[11].isoformat(), *row[12:16], texts[row[16]], row[17]) for row in rows]
        if plain[0][0] is None:
            ids = self.next_ids("stock_movements", len(plain))
            plain = [(row_id, *row[1:]) for row_id, row in zip(ids, plain, strict=True)]
        places = ", ".join("?" * 18)
        statement = f"INSERT INTO stock_movements ({MOVEMENT_COLUMNS}) VALUES ({places})"  # noqa: S608
        self.run_many(statement, plain)
        self.run_many(
            """UPDATE shelf_balances SET on_hand = on_hand + ?, on_hand_before = ?, last_on = ?
            WHERE outlet_id = ? AND product_id = ?""",
            [
                (change, shelf.on_hand_before, _iso(shelf.last_on), shelf.outlet_id, shelf.product_id)
                for shelf, change in shelves
            ],
        )
        return {(row[1], row[2]): row[0] for row in plain}

    def add_to_lots(self, lots: Sequence[tuple[LotState, int]]) -> None:
        rows = [(change, lot.id) for lot, change in lots]
        self.run_many("UPDATE lot_balances SET on_hand = on_hand + ? WHERE lot_id = ?", rows)

    def replace_spells(
        self,
        gone: Sequence[tuple[ShelfKey, date]],
        continued: Sequence[tuple[ShelfKey, date, date]],
        new: Sequence[tuple[Shelf, date, date]],
    ) -> None:
        if gone:
            self.run_many(
                "DELETE FROM display_spells WHERE outlet_id = ? AND product_id = ? AND first_day >= ?",
                [(*key, day.isoformat()) for key, day in gone],
            )
        if continued:
            self.run_many(
                """UPDATE display_spells SET end_day = ?
                WHERE outlet_id = ? AND product_id = ? AND first_day < ? AND end_day >= ?""",
                [(end.isoformat(), *key, day.isoformat(), day.isoformat()) for key, day, end in continued],
            )
        if new:
            self.run_many(
                """INSERT INTO display_spells (outlet_id, product_id, first_day, end_day, seller_id)
                VALUES (?, ?, ?, ?, ?)""",
                [
                    (shelf.outlet_id, shelf.product_id, first.isoformat(), end.isoformat(), shelf.seller_id)
                    for shelf, first, end in new
                ],
            )

    def drop_unused(self, keys: Collection[ShelfKey]) -> None:
        self.run_many(
            "DELETE FROM shelf_balances WHERE outlet_id = ? AND product_id = ? AND last_on IS NULL",
            list(keys),
        )


class PostgresTables(LedgerTables):
    """On PostgreSQL the shelves are locked row by row; lists are arrays."""

    WANTED = """WITH wanted AS (SELECT * FROM unnest(%(outlets)s::bigint[], %(products)s::bigint[])
        AS w(outlet_id, product_id)) """
    LOT = "SELECT l.outlet_id, l.product_id, l.id, l.code, l.expires_on, b.on_hand"

    def day(self, value: Any) -> date:
        found: date = value
        return found

    @staticmethod
    def _wanted(keys: Iterable[ShelfKey]) -> dict[str, list[int]]:
        listed = list(keys)
        return {"outlets": [key[0] for key in listed], "products": [key[1] for key in listed]}

    def lock_shelves(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        """Those that exist first, in order; then the new ones, in order, and those that came meanwhile."""
        shelves = self._lock(keys)
        missing = set(keys) - shelves.keys()
        if missing:
            self.run(self.WANTED + NEW_SHELVES, self._wanted(sorted(missing)))
            shelves |= self._lock(missing)
        return shelves

    def _lock(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        query = """SELECT s.outlet_id, s.product_id, s.seller_id, s.on_hand, s.on_hand_before, s.last_on
            FROM shelf_balances s
            JOIN wanted w ON w.outlet_id = s.outlet_id AND w.product_id = s.product_id
            ORDER BY s.outlet_id, s.product_id FOR UPDATE OF s"""
        rows = self.rows(self.WANTED + query, self._wanted(keys))
        return {(row[0], row[1]): self.shelf_of(row) for row in rows}

    def peek_shelves(self, keys: Collection[ShelfKey]) -> dict[ShelfKey, Shelf]:
        rows = self.rows(self.WANTED + PEEK, self._wanted(keys))
        return {(row[0], row[1]): self.shelf_of(row) for row in rows}

    def parts_of(self, refs: Collection[str]) -> dict[str, list[Part]]:
        query = f"{PARTS} FROM stock_movements m {PART_JOINS} WHERE m.movement_ref = ANY(%(refs)s::varchar[])"
        return self.parts_by_ref(self.rows(query, {"refs": list(refs)}))

    def reversed_among(self, ids: Collection[int]) -> set[int]:
        query = "SELECT reverses_id FROM stock_movements WHERE reverses_id = ANY(%(ids)s::bigint[])"
        return {row[0] for row in self.rows(query, {"ids": list(ids)})}

    def changes_from(
        self, from_day: dict[ShelfKey, date]
    ) -> Iterable[tuple[ShelfKey, int | None, date, int]]:
        query = """SELECT m.outlet_id, m.product_id, m.lot_id, m.occurred_on, sum(m.change)::bigint
            FROM unnest(%(outlets)s::bigint[], %(products)s::bigint[], %(days)s::date[])
                AS w(outlet_id, product_id, day)
            JOIN stock_movements m ON m.outlet_id = w.outlet_id
                AND m.product_id = w.product_id AND m.occurred_on >= w.day
            GROUP BY 1, 2, 3, 4"""
        wanted: dict[str, Any] = {**self._wanted(from_day), "days": list(from_day.values())}
        for outlet_id, product_id, lot_id, day, change in self.rows(query, wanted):
            yield (outlet_id, product_id), lot_id, day, change

    def lots_on(self, keys: Collection[ShelfKey]) -> Iterable[tuple[ShelfKey, LotState]]:
        query = f"""{self.LOT} FROM wanted w
            JOIN lots l ON l.outlet_id = w.outlet_id AND l.product_id = w.product_id
            JOIN lot_balances b ON b.lot_id = l.id AND b.on_hand > 0"""
        return map(self.lot_of, self.rows(self.WANTED + query, self._wanted(keys)))

    def lots_named(
        self, names: Collection[tuple[int, int, str, date]]
    ) -> Iterable[tuple[ShelfKey, LotState]]:
        query = f"""{self.LOT} FROM unnest(%(outlets)s::bigint[], %(products)s::bigint[],
                %(codes)s::varchar[], %(days)s::date[]) AS w(outlet_id, product_id, code, expires_on)
            JOIN lots l USING (outlet_id, product_id, code, expires_on)
            JOIN lot_balances b ON b.lot_id = l.id"""
        outlets, products, codes, days = (list(column) for column in zip(*names, strict=True))
        wanted = {"outlets": outlets, "products": products, "codes": codes, "days": days}
        return map(self.lot_of, self.rows(query, wanted))

    def lots_by_id(self, ids: Collection[int]) -> Iterable[tuple[ShelfKey, LotState]]:
        query = f"""{self.LOT} FROM lots l JOIN lot_balances b ON b.lot_id = l.id
            WHERE l.id = ANY(%(ids)s::bigint[])"""
        return map(self.lot_of, self.rows(query, {"ids": list(ids)}))

    def next_ids(self, table: str, count: int) -> Sequence[int]:
        query = f"SELECT nextval('{table}_id_seq') FROM generate_series(1, %(count)s)"  # noqa: S608
        return [row[0] for row in self.rows(query, {"count": count})]

    def _execute(self, statement: str, rows: Iterable[NewRow]) -> None:
        """A statement whose %s are arrays, one for each column of the rows."""
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        self.run(statement, columns)

    def insert_lots(self, lots: Sequence[tuple[ShelfKey, LotState]]) -> None:
        self._execute(
            """INSERT INTO lots (id, outlet_id, product_id, code, expires_on)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::varchar[], %s::date[])""",
            [(lot.id, *key, lot.code, lot.expires_on) for key, lot in lots],
        )
        self._execute(
            "INSERT INTO lot_balances (lot_id, on_hand) SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            [(lot.id, lot.on_hand) for _key, lot in lots],
        )

    def store(self, rows: Sequence[NewRow], shelves: Sequence[tuple[Shelf, int]]) -> dict[PartKey, int]:
        """Both in one statement: every round trip is time that others wait for these shelves."""
        skipped = 1 if rows[0][0] is None else 0
        columns = [list(column) for column in zip(*rows, strict=True)][skipped:]
        names = MOVEMENT_COLUMNS.removeprefix("id, ") if skipped else MOVEMENT_COLUMNS
        arrays = ", ".join(f"%s::{kind}[]" for kind in MOVEMENT_TYPES[skipped:])
        kept = zip(
            *((s.outlet_id, s.product_id, change, s.on_hand_before, s.last_on) for s, change in shelves),
            strict=True,
        )
        found = self.rows(
            f"""WITH kept AS (
                UPDATE shelf_balances s SET on_hand = s.on_hand + w.change, on_hand_before = w.before,
                    last_on = w.last_on
                FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[])
                    AS w(outlet_id, product_id, change, before, last_on)
                WHERE s.outlet_id = w.outlet_id AND s.product_id = w.product_id)
            INSERT INTO stock_movements ({names}) SELECT * FROM unnest({arrays})
            RETURNING movement_ref, part, id""",  # noqa: S608 - our own column names
            (*(list(column) for column in kept), *columns),
        )
        return {(row[0], row[1]): row[2] for row in found}

    def add_to_lots(self, lots: Sequence[tuple[LotState, int]]) -> None:
        self._execute(
            """UPDATE lot_balances b SET on_hand = b.on_hand + w.change
            FROM unnest(%s::bigint[], %s::bigint[]) AS w(lot_id, change) WHERE b.lot_id = w.lot_id""",
            [(lot.id, change) for lot, change in lots],
        )

    def replace_spells(
        self,
        gone: Sequence[tuple[ShelfKey, date]],
        continued: Sequence[tuple[ShelfKey, date, date]],
        new: Sequence[tuple[Shelf, date, date]],
    ) -> None:
        if gone:
            self._execute(
                """DELETE FROM display_spells d
                USING unnest(%s::bigint[], %s::bigint[], %s::date[]) AS w(outlet_id, product_id, day)
                WHERE d.outlet_id = w.outlet_id AND d.product_id = w.product_id AND d.first_day >= w.day""",
                [(*key, day) for key, day in gone],
            )
        if continued:
            self._execute(
                """UPDATE display_spells d SET end_day = w.end_day
                FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])
                    AS w(outlet_id, product_id, day, end_day)
                WHERE d.outlet_id = w.outlet_id AND d.product_id = w.product_id
                    AND d.first_day < w.day AND d.end_day >= w.day""",
                [(*key, day, end) for key, day, end in continued],
            )
        if new:
            self._execute(
                """INSERT INTO display_spells (outlet_id, product_id, first_day, end_day, seller_id)
                SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::bigint[])""",
                [
                    (shelf.outlet_id, shelf.product_id, first, end, shelf.seller_id)
                    for shelf, first, end in new
                ],
            )

    def drop_unused(self, keys: Collection[ShelfKey]) -> None:
        self._execute(
            """DELETE FROM shelf_balances s USING unnest(%s::bigint[], %s::bigint[])
                AS w(outlet_id, product_id)
            WHERE s.outlet_id = w.outlet_id AND s.product_id = w.product_id AND s.last_on IS NULL""",
            list(keys),
        )


def _stamp(moment: datetime) -> str:
    """A moment as SQLAlchemy keeps it on SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def tables_of(session: Session) -> LedgerTables:
    """The ledger's statements on this session's connection."""
    connection = session.connection()
    return PostgresTables(connection) if is_postgres(connection) else SqliteTables(connection)
