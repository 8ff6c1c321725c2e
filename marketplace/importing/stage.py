"""A file's rows on the way in, staged in an SQLite file of their own, so that memory stays small.

The stage also keeps the refused rows, the warnings, and what a dry run has to remember.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ..i18n import _
from ..tabular import BadTable, Cell, Table
from .kinds import Row
from .layout import Layout, Problem

SCHEMA = """
CREATE TABLE lines (line INTEGER PRIMARY KEY, key TEXT NOT NULL, cells TEXT NOT NULL);
CREATE TABLE ranks (place INTEGER PRIMARY KEY, line INTEGER NOT NULL);
CREATE TABLE refused (line INTEGER PRIMARY KEY, problems TEXT NOT NULL, cells TEXT NOT NULL);
CREATE TABLE warnings (line INTEGER NOT NULL, name TEXT NOT NULL, sentence TEXT NOT NULL,
    PRIMARY KEY (line, name, sentence));
CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
UNRANKED = "SELECT line, line, cells FROM lines WHERE line > ? ORDER BY line LIMIT ?"
RANKED = """
SELECT ranks.place, lines.line, lines.cells FROM ranks JOIN lines ON lines.line = ranks.line
WHERE ranks.place > ? ORDER BY ranks.place LIMIT ?
"""
START = -1
"""The place before every row."""
CHUNK = 2_000
SLICE = 900


@dataclass(frozen=True)
class StagedRow:
    """One row as it stood in the file; `place` is its place in the order of the whole file."""

    place: int
    line: int
    cells: list[Cell]


@dataclass(frozen=True)
class RefusedRow:
    """A refused row with all that is wrong with it."""

    line: int
    problems: list[Problem]
    cells: list[Cell]

    @property
    def sentence(self) -> str:
        """Every problem in one line."""
        return " ".join(f"{p.column}: {p.sentence}" if p.column else p.sentence for p in self.problems)


class Stage:
    """The open stage of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA synchronous=OFF")
        self.connection.execute("PRAGMA cache_size=-16384")

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; it stays."""
        self.connection.close()

    @classmethod
    def fill(cls, path: Path, table: Table, layout: Layout, told: Callable[[float, int], None]) -> Stage:
        """Stage every row of a table; `told` hears the share read and the number of rows.

        The stage appears under its name only when it is complete.
        """
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        stage = cls(draft)
        try:
            stage.connection.execute("PRAGMA journal_mode=OFF")
            stage.connection.executescript(SCHEMA)
            stage._fill(table, layout, told)
        except BaseException:
            stage.close()
            draft.unlink(missing_ok=True)
            raise
        stage.close()
        draft.replace(path)
        return cls(path)

    def _fill(self, table: Table, layout: Layout, told: Callable[[float, int], None]) -> None:
        order, count = layout.kind.order, 0
        chunk: list[tuple[int, str, str]] = []
        for line, cells in table.rows:
            key = _key_of(layout, line, cells) if order else ""
            chunk.append((line, key, dump_cells(cells)))
            if len(chunk) >= CHUNK:
                count += self._insert(chunk)
                told(table.share_read(), count)
        count += self._insert(chunk)
        told(1.0, count)
        if order:
            self.connection.execute("INSERT INTO ranks (line) SELECT line FROM lines ORDER BY key, line")

    def _insert(self, chunk: list[tuple[int, str, str]]) -> int:
        self.connection.execute("BEGIN")
        try:
            self.connection.executemany("INSERT INTO lines VALUES (?, ?, ?)", chunk)
        except sqlite3.IntegrityError as error:
            raise BadTable(_("Nomor baris di berkas ini ganda. Simpan ulang, lalu coba lagi.")) from error
        self.connection.execute("COMMIT")
        count = len(chunk)
        chunk.clear()
        return count

    def total(self) -> int:
        """How many rows the file has."""
        return int(self.connection.execute("SELECT count(*) FROM lines").fetchone()[0])

    def after(self, place: int, limit: int) -> list[StagedRow]:
        """The next rows in the order of the whole file."""
        query = RANKED if self._is_ranked() else UNRANKED
        rows = self.connection.execute(query, (place, limit))
        return [StagedRow(at, line, load_cells(cells)) for at, line, cells in rows]

    def _is_ranked(self) -> bool:
        return self.connection.execute("SELECT 1 FROM ranks LIMIT 1").fetchone() is not None

    # --- what became of rows --------------------------------------------------------------------------------

    def settle(
        self,
        rows: Sequence[StagedRow],
        refused: Iterable[RefusedRow],
        warnings: Iterable[tuple[int, str, str]],
    ) -> None:
        """Note what was wrong with some rows, in place of what was noted of them before."""
        lines = [(row.line,) for row in rows]
        self.connection.execute("BEGIN")
        self.connection.executemany("DELETE FROM refused WHERE line = ?", lines)
        self.connection.executemany("DELETE FROM warnings WHERE line = ?", lines)
        self.connection.executemany(
            "INSERT INTO refused VALUES (?, ?, ?)",
            [(row.line, _dump_problems(row.problems), dump_cells(row.cells)) for row in refused],
        )
        self.connection.executemany("INSERT OR IGNORE INTO warnings VALUES (?, ?, ?)", list(warnings))
        self.connection.execute("COMMIT")

    def refused(self, limit: int = -1) -> Iterator[RefusedRow]:
        """The refused rows by line."""
        query = "SELECT line, problems, cells FROM refused ORDER BY line LIMIT ?"
        for line, problems, cells in self.connection.execute(query, (limit,)):
            yield RefusedRow(line, [Problem(*parts) for parts in json.loads(problems)], load_cells(cells))

    def warnings(self, limit: int = -1) -> list[tuple[int, str, str]]:
        """(line, column, sentence) of what was odd, by line."""
        query = "SELECT line, name, sentence FROM warnings ORDER BY line LIMIT ?"
        return self.connection.execute(query, (limit,)).fetchall()

    def warned(self) -> int:
        """How many rows were odd."""
        return int(self.connection.execute("SELECT count(DISTINCT line) FROM warnings").fetchone()[0])

    def forget(self) -> None:
        """Drop verdicts and memory, before the rows are judged anew."""
        for table in ("refused", "warnings", "memory"):
            self.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names are ours

    # --- memory of a dry run --------------------------------------------------------------------------------

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """What was remembered under these keys."""
        wanted, found = list(dict.fromkeys(keys)), {}
        for start in range(0, len(wanted), SLICE):
            some = wanted[start : start + SLICE]
            places = ",".join("?" * len(some))
            query = f"SELECT name, value FROM memory WHERE name IN ({places})"  # noqa: S608 - only marks
            found.update({name: json.loads(value) for name, value in self.connection.execute(query, some)})
        return found

    def put_many(self, values: Mapping[str, Any]) -> None:
        """Remember values by key."""
        pairs = [(name, json.dumps(value)) for name, value in values.items()]
        self.connection.execute("BEGIN")
        self.connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?)", pairs)
        self.connection.execute("COMMIT")


class NoMemory:
    """The memory of a real run: the database knows, so nothing is remembered."""

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """Nothing."""
        return {}

    def put_many(self, values: Mapping[str, Any]) -> None:
        """Forget it."""


def _key_of(layout: Layout, line: int, cells: Sequence[Cell]) -> str:
    """The text by which a row is ordered; a row that cannot be read comes first."""
    row = layout.read(line, cells)
    if not isinstance(row, Row) or layout.kind.order is None:
        return ""
    return layout.kind.order(row.values)


def dump_cells(cells: Sequence[Cell]) -> str:
    """Cells as JSON; days and times are told from text by a list of one."""
    return json.dumps([cell if isinstance(cell, str) else _plain(cell) for cell in cells])


def _plain(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


def load_cells(data: str) -> list[Cell]:
    """The cells again."""
    cells = json.loads(data)
    for index, cell in enumerate(cells):
        if isinstance(cell, list):
            mark, written = cell
            cells[index] = date.fromisoformat(written) if mark == "d" else datetime.fromisoformat(written)
    return list(cells)


def _dump_problems(problems: Iterable[Problem]) -> str:
    return json.dumps([(p.column, p.value, p.sentence) for p in problems])
