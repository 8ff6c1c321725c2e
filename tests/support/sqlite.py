"""A SQLite file that tests use one after the other, emptied between them, as support.postgres does.

Copying a migrated file, opening it and preparing its statements anew was a third of a short test's time.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Collection
from pathlib import Path

NAMES = ("etalase.sqlite3", "etalase.sqlite3-wal", "etalase.sqlite3-shm")
"""What of a folder belongs to it."""
EMPTYING = 1_111
"""PRAGMA user_version while a file is emptied; the product leaves it 0."""
RESTING = f" WHEN (SELECT user_version FROM pragma_user_version) <> {EMPTYING}"
GUARD = re.compile(r"(CREATE TRIGGER \w+ BEFORE DELETE ON \w+) BEGIN ")


def let_guards_rest(path: Path) -> None:
    """Have a template's ledgers refuse deletions but for the moment in which their file is emptied."""
    connection = sqlite3.connect(path, isolation_level=None)
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%DELETE ON%'"
    ).fetchall()
    for name, text in guards:
        resting, count = GUARD.subn(rf"\1{RESTING} BEGIN ", text)
        assert count == 1, text
        connection.execute(f"DROP TRIGGER {name}")
        connection.execute(resting)
    connection.close()


class EmptiedFile:
    """One file, made from a template and emptied after each test but for the tables to keep.

    It is copied anew when a test changed its schema, put another file in its place or still holds it.
    """

    def __init__(self, folder: Path, template: Path, keep: Collection[str]) -> None:
        self.path, self._template, self._keep = folder / NAMES[0], template, frozenset(keep)
        self._opened: sqlite3.Connection | None = None
        self._made_as: tuple[int, int] | None = None
        os.register_at_fork(before=self._close)  # no connection may be carried into another process

    def begin(self) -> bool:
        """Have it there and empty; True when it had to be copied, so that it must be opened anew."""
        if self._made_as is not None and self._is_emptied():
            return False
        self._close()
        for name in NAMES:
            self.path.with_name(name).unlink(missing_ok=True)
        shutil.copy(self._template, self.path)
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._tables = sorted(name for (name,) in names if name not in self._keep and name[:7] != "sqlite_")
        self._are_filled = "SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in self._tables)
        self._made_as = self._state
        return True

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = sqlite3.connect(self.path, isolation_level=None, timeout=1)
            self._opened.execute("PRAGMA synchronous=OFF")
        return self._opened

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _state(self) -> tuple[int, int]:
        (schema,) = self._connection.execute("PRAGMA schema_version").fetchone()
        return schema, self.path.stat().st_ino

    def _is_emptied(self) -> bool:
        try:
            if self._state != self._made_as:
                return False
            self._connection.execute("BEGIN IMMEDIATE")
            filled = self._connection.execute(self._are_filled).fetchone()
            self._connection.execute(f"PRAGMA user_version={EMPTYING}")
            for name, is_filled in zip(self._tables, filled, strict=True):
                if is_filled:
                    self._connection.execute(f"DELETE FROM {name}")
            self._connection.execute("PRAGMA user_version=0")
            self._connection.execute("COMMIT")
        except (sqlite3.Error, OSError):
            return False
        return True
