"""The ledger's statements on SQLite."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
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

    def lines_of(self, outlet_id: int, refs: Collection[str]) -> Sequence[Any]:
        query = f"""{KNOWN_LINE} FROM json_each(?) w
            CROSS JOIN sale_lines s ON s.outlet_id = ? AND s.line_ref = w.value"""
        return self.rows(query, (json.dumps(list(refs)), outlet_id))

    def insert_lines(self, rows: Sequence[NewRow]) -> None:
        texts = {moment: _stamp(moment) for moment in {row[12] for row in rows}}
        places = ", ".join("?" * 14)
        self.run_many(
            f"INSERT INTO sale_lines ({LINE_COLUMNS}) VALUES ({places})",  # noqa: S608 - our own names
            [(*row[:9], row[9].isoformat(), *row[10:12], texts[row[12]], row[13]) for row in rows],
        )

    def drop_unused(self, keys: Collection[ShelfKey]) -> None:
        self.run_many(
            "DELETE FROM shelf_balances WHERE outlet_id = ? AND product_id = ? AND last_on IS NULL",
            list(keys),
        )


def _stamp(moment: datetime) -> str:
    """A moment as SQLAlchemy keeps it on SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
