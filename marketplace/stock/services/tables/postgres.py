"""The ledger's statements on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from ...rules import LotState, Part, Shelf
from .base import (
    KNOWN_LINE,
    LINE_COLUMNS,
    MOVEMENT_COLUMNS,
    NEW_SHELVES,
    PART_JOINS,
    PARTS,
    PEEK,
    LedgerTables,
    NewRow,
    PartKey,
    ShelfKey,
)

MOVEMENT_TYPES = """bigint varchar smallint bigint bigint bigint bigint boolean varchar bigint bigint date
    bigint varchar bigint text timestamptz bigint""".split()

LINE_TYPES = """bigint varchar varchar varchar varchar bigint bigint bigint bigint date bigint bigint
    timestamptz bigint""".split()

FEW = 50
"""From more postings at once on, rows are looked up by index whatever the planner thinks: a table that an
import is filling has no statistics yet, and one plan serves many batches. Rows of the ledger are written by
COPY then: the driver makes an array of thousands in Python, a row of a COPY in C. One posting takes one round
trip instead, because others wait for its shelf."""


class PostgresTables(LedgerTables):
    """On PostgreSQL the shelves are locked row by row; lists are arrays, many texts are JSON."""

    WANTED = """WITH wanted AS (SELECT * FROM unnest(%(outlets)s::bigint[], %(products)s::bigint[])
        AS w(outlet_id, product_id)) """
    LOT = "SELECT l.outlet_id, l.product_id, l.id, l.code, l.expires_on, b.on_hand"

    def day(self, value: Any) -> date:
        found: date = value
        return found

    def expect(self, count: int) -> None:
        if count > FEW:
            self.run("SET LOCAL enable_seqscan = off", None)

    @staticmethod
    def _wanted(keys: Iterable[ShelfKey]) -> dict[str, str]:
        listed = list(keys)
        return {"outlets": _numbers(key[0] for key in listed), "products": _numbers(key[1] for key in listed)}

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
        query = f"""{PARTS} FROM json_array_elements_text(%(refs)s) AS w(ref)
            JOIN stock_movements m ON m.movement_ref = w.ref {PART_JOINS}"""
        return self.parts_by_ref(self.rows(query, {"refs": json.dumps(list(refs))}))

    def reversed_among(self, ids: Collection[int]) -> set[int]:
        query = "SELECT reverses_id FROM stock_movements WHERE reverses_id = ANY(%(ids)s::bigint[])"
        return {row[0] for row in self.rows(query, {"ids": _numbers(ids)})}

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
        return map(self.lot_of, self.rows(query, {"ids": _numbers(ids)}))

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
        """A few in one statement: every round trip is time that others wait for these shelves."""
        if len(rows) > FEW:
            return self._store_many(rows, shelves)
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

    def _store_many(self, rows: Sequence[NewRow], shelves: Sequence[tuple[Shelf, int]]) -> dict[PartKey, int]:
        ids: Sequence[Any] = [row[0] for row in rows]
        if ids[0] is None:
            ids = self.next_ids("stock_movements", len(rows))
        texts = _texts({row[11] for row in rows} | {row[16] for row in rows})
        self._copy(
            f"COPY stock_movements ({MOVEMENT_COLUMNS}) FROM STDIN",
            (
                (row_id, *row[1:11], texts[row[11]], *row[12:16], texts[row[16]], row[17])
                for row_id, row in zip(ids, rows, strict=True)
            ),
        )
        self._execute(
            """UPDATE shelf_balances s SET on_hand = s.on_hand + w.change, on_hand_before = w.before,
                last_on = w.last_on
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[])
                AS w(outlet_id, product_id, change, before, last_on)
            WHERE s.outlet_id = w.outlet_id AND s.product_id = w.product_id""",
            [(s.outlet_id, s.product_id, change, s.on_hand_before, s.last_on) for s, change in shelves],
        )
        return {(row[1], row[2]): row_id for row_id, row in zip(ids, rows, strict=True)}

    def _copy(self, statement: str, rows: Iterable[NewRow]) -> None:
        """COPY of plain values: text, whole numbers, truths and None."""
        with self._translated(statement), self.cursor.copy(statement) as copy:
            write = copy.write_row
            for row in rows:
                write(row)

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

    def lines_of(self, outlet_id: int, refs: Collection[str]) -> Sequence[Any]:
        query = f"""{KNOWN_LINE} FROM json_array_elements_text(%(refs)s) AS w(line_ref)
            JOIN sale_lines s ON s.outlet_id = %(outlet_id)s AND s.line_ref = w.line_ref"""
        return self.rows(query, {"outlet_id": outlet_id, "refs": json.dumps(list(refs))})

    def insert_lines(self, rows: Sequence[NewRow]) -> None:
        if len(rows) > FEW:
            texts = _texts({row[9] for row in rows} | {row[12] for row in rows})
            self._copy(
                f"COPY sale_lines ({LINE_COLUMNS}) FROM STDIN",
                ((*row[:9], texts[row[9]], *row[10:12], texts[row[12]], row[13]) for row in rows),
            )
            return
        arrays = ", ".join(f"%s::{kind}[]" for kind in LINE_TYPES)
        self._execute(
            f"INSERT INTO sale_lines ({LINE_COLUMNS}) SELECT * FROM unnest({arrays})",  # noqa: S608
            rows,
        )

    def drop_unused(self, keys: Collection[ShelfKey]) -> None:
        self._execute(
            """DELETE FROM shelf_balances s USING unnest(%s::bigint[], %s::bigint[])
                AS w(outlet_id, product_id)
            WHERE s.outlet_id = w.outlet_id AND s.product_id = w.product_id AND s.last_on IS NULL""",
            list(keys),
        )


def _numbers(values: Iterable[int]) -> str:
    """Whole numbers as the text of an array."""
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Iterable[date | datetime]) -> dict[date | datetime, str]:
    """Days and moments as text: the thousands of rows of a batch share a few."""
    return {value: value.isoformat() for value in values}
