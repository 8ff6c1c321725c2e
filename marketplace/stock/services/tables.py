"""The ledger's SQL, set by set: what the writer reads under its lock and what it writes.

The statements go to the driver as they are, because they run for every posting; each database has its way
of handing over a list (json_each, unnest). Dates are text on SQLite and dates on PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection
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


class LedgerTables:
    """The statements that both databases share, and the names of those they do not."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def rows(self, statement: str, parameters: Any) -> Sequence[Any]:
        """The rows of a query."""
        return self.connection.exec_driver_sql(statement, parameters).fetchall()

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

    def insert_movements(self, rows: Sequence[NewRow]) -> None:
        """Write rows of the ledger, in the order of MOVEMENT_COLUMNS."""
        raise NotImplementedError

    def add_to_shelves(self, shelves: Sequence[tuple[Shelf, int]]) -> None:
        """Add to balances; the CHECK refuses to go below zero whatever the writer believed."""
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
        return Shelf(outlet_id, product_id, seller_id, Track(on_hand, changes), {}, Track(on_hand, changes))

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
            self.connection.exec_driver_sql(self.WANTED + NEW_SHELVES, wanted)
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
        self.connection.exec_driver_sql(statement, rows)
        balances = [(lot.id, lot.on_hand) for _key, lot in lots]
        self.connection.exec_driver_sql("INSERT INTO lot_balances (lot_id, on_hand) VALUES (?, ?)", balances)

    def insert_movements(self, rows: Sequence[NewRow]) -> None:
        places = ", ".join("?" * 18)
        statement = f"INSERT INTO stock_movements ({MOVEMENT_COLUMNS}) VALUES ({places})"  # noqa: S608
        self.connection.exec_driver_sql(statement, [self._plain(row) for row in rows])

    @staticmethod
    def _plain(row: NewRow) -> NewRow:
        moment: datetime = row[16]
        text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return (*row[:11], row[11].isoformat(), *row[12:16], text, row[17])

    def add_to_shelves(self, shelves: Sequence[tuple[Shelf, int]]) -> None:
        rows = [
            (change, shelf.on_hand_before, _iso(shelf.last_on), shelf.outlet_id, shelf.product_id)
            for shelf, change in shelves
        ]
        self.connection.exec_driver_sql(
            """UPDATE shelf_balances SET on_hand = on_hand + ?, on_hand_before = ?, last_on = ?
            WHERE outlet_id = ? AND product_id = ?""",
            rows,
        )

    def add_to_lots(self, lots: Sequence[tuple[LotState, int]]) -> None:
        rows = [(change, lot.id) for lot, change in lots]
        self.connection.exec_driver_sql(
            "UPDATE lot_balances SET on_hand = on_hand + ? WHERE lot_id = ?", rows
        )

    def replace_spells(
        self,
        gone: Sequence[tuple[ShelfKey, date]],
        continued: Sequence[tuple[ShelfKey, date, date]],
        new: Sequence[tuple[Shelf, date, date]],
    ) -> None:
        if gone:
            self.connection.exec_driver_sql(
                "DELETE FROM display_spells WHERE outlet_id = ? AND product_id = ? AND first_day >= ?",
                [(*key, day.isoformat()) for key, day in gone],
            )
        if continued:
            self.connection.exec_driver_sql(
                """UPDATE display_spells SET end_day = ?
                WHERE outlet_id = ? AND product_id = ? AND first_day < ? AND end_day >= ?""",
                [(end.isoformat(), *key, day.isoformat(), day.isoformat()) for key, day, end in continued],
            )
        if new:
            self.connection.exec_driver_sql(
                """INSERT INTO display_spells (outlet_id, product_id, first_day, end_day, seller_id)
                VALUES (?, ?, ?, ?, ?)""",
                [
                    (shelf.outlet_id, shelf.product_id, first.isoformat(), end.isoformat(), shelf.seller_id)
                    for shelf, first, end in new
                ],
            )

    def drop_unused(self, keys: Collection[ShelfKey]) -> None:
        self.connection.exec_driver_sql(
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
        """New shelves first, in order; then all locks, in order: nobody waits while holding a later one."""
        wanted = self._wanted(sorted(set(keys)))
        self.connection.exec_driver_sql(self.WANTED + NEW_SHELVES, wanted)
        query = """SELECT s.outlet_id, s.product_id, s.seller_id, s.on_hand, s.on_hand_before, s.last_on
            FROM shelf_balances s
            JOIN wanted w ON w.outlet_id = s.outlet_id AND w.product_id = s.product_id
            ORDER BY s.outlet_id, s.product_id FOR UPDATE OF s"""
        return {(row[0], row[1]): self.shelf_of(row) for row in self.rows(self.WANTED + query, wanted)}

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
        self.connection.exec_driver_sql(statement, columns)

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

    def insert_movements(self, rows: Sequence[NewRow]) -> None:
        self._execute(
            f"""INSERT INTO stock_movements ({MOVEMENT_COLUMNS})
            SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::smallint[], %s::bigint[], %s::bigint[],
                %s::bigint[], %s::bigint[], %s::boolean[], %s::varchar[], %s::bigint[], %s::bigint[],
                %s::date[], %s::bigint[], %s::varchar[], %s::bigint[], %s::text[], %s::timestamptz[],
                %s::bigint[])""",  # noqa: S608 - our own column names
            rows,
        )

    def add_to_shelves(self, shelves: Sequence[tuple[Shelf, int]]) -> None:
        self._execute(
            """UPDATE shelf_balances s SET on_hand = s.on_hand + w.change, on_hand_before = w.before,
                last_on = w.last_on
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[])
                AS w(outlet_id, product_id, change, before, last_on)
            WHERE s.outlet_id = w.outlet_id AND s.product_id = w.product_id""",
            [
                (shelf.outlet_id, shelf.product_id, change, shelf.on_hand_before, shelf.last_on)
                for shelf, change in shelves
            ],
        )

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


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def tables_of(session: Session) -> LedgerTables:
    """The ledger's statements on this session's connection."""
    connection = session.connection()
    return PostgresTables(connection) if is_postgres(connection) else SqliteTables(connection)
