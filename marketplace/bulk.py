"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert plain values (text, whole numbers, None) into a table, in the connection's transaction."""
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.close()
    else:
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names are ours
        if values := [tuple(row) for row in rows]:
            connection.exec_driver_sql(statement, values)


def next_ids(connection: Connection, table: str, count: int) -> Sequence[int]:
    """Ids for new rows of a table, in order. On SQLite the writer is alone, so that what follows is free."""
    if count == 0:
        return ()
    if connection.dialect.name == "postgresql":
        query = f"SELECT nextval('{table}_id_seq') FROM generate_series(1, {int(count)})"  # noqa: S608
        return [row[0] for row in connection.exec_driver_sql(query)]
    last = connection.exec_driver_sql(f"SELECT max(id) FROM {table}").scalar() or 0  # noqa: S608
    return range(last + 1, last + 1 + count)


def moment_text(connection: Connection, moment: datetime) -> str:
    """An aware moment as `copy_rows` takes it, in the form in which each database keeps it."""
    if connection.dialect.name == "postgresql":
        return moment.isoformat()
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def read_reference(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a compressed reference table that the product ships."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
