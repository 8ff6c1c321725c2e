"""Many rows at once: on PostgreSQL by COPY, or one statement where they are few; on SQLite one prepared
statement."""

from __future__ import annotations

import csv
import functools
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection
from sqlalchemy.dialects import postgresql

from .db import Base

FEW = 250
"""So many rows go in as one statement."""


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert plain values (text, whole numbers, None) into a table, in the connection's transaction."""
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql" and isinstance(rows, list) and len(rows) <= FEW:
        if rows:
            statement = _from_json(table, tuple(columns))
            connection.exec_driver_sql(statement, (_json(rows),))
    elif connection.dialect.name == "postgresql":
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


class Rows(NamedTuple):
    """Plain values for some columns of a table."""

    table: str
    columns: tuple[str, ...]
    rows: list[Sequence[Any]]


class Change(NamedTuple):
    """An UPDATE or DELETE by plain values: each database's statement, of one parameter, the rows as JSON."""

    sqlite: str
    postgres: str
    rows: list[Sequence[Any]]


def write_rows(connection: Connection, *several: Rows | Change) -> None:
    """Insert rows of several tables, which may point at each other in their order, and change others.

    On PostgreSQL few rows go in as one statement: references are checked at its end, and no part of it sees
    what another part wrote.
    """
    wanted = [one for one in several if one.rows]
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres and wanted and all(len(one.rows) <= FEW for one in wanted):
        statement = _together(tuple(_statement(one) for one in wanted))
        connection.exec_driver_sql(statement, tuple(_json(one.rows) for one in wanted))
        return
    for one in wanted:
        if isinstance(one, Rows):
            copy_rows(connection, *one)
        else:
            connection.exec_driver_sql(one.postgres if is_postgres else one.sqlite, (_json(one.rows),))


def _json(rows: Sequence[Sequence[Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)


def _statement(one: Rows | Change) -> str:
    return _from_json(one.table, one.columns) if isinstance(one, Rows) else one.postgres


@functools.cache
def _together(statements: tuple[str, ...]) -> str:
    if len(statements) == 1:
        return statements[0]
    first = ", ".join(f"w{place} AS ({statement})" for place, statement in enumerate(statements[:-1]))
    return f"WITH {first} {statements[-1]}"


@functools.cache
def _from_json(table: str, columns: tuple[str, ...]) -> str:
    """An INSERT of the rows in one JSON array: COPY asks the server twice, which few rows do not repay."""
    known = Base.metadata.tables[table].columns
    cells = [f"(value ->> {place})::{_cast(known[name])}" for place, name in enumerate(columns)]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(cells)} "  # noqa: S608 - names are ours
        "FROM jsonb_array_elements(%s) WITH ORDINALITY AS row(value, turn) ORDER BY turn"
    )


def _cast(column: Column[Any]) -> str:
    """The type of a column; a cast to a length would cut what is too long instead of refusing it."""
    kind = column.type.compile(postgresql.dialect())
    return "TEXT" if kind.startswith("VARCHAR") else kind


def next_ids_of(connection: Connection, counts: Mapping[str, int]) -> dict[str, Sequence[int]]:
    """`next_ids` for several tables, asked at once."""
    if connection.dialect.name != "postgresql":
        return {table: next_ids(connection, table, count) for table, count in counts.items()}
    found: dict[str, list[int]] = {table: [] for table in counts}
    queries = [
        f"SELECT '{table}', nextval('{table}_id_seq') FROM generate_series(1, {int(count)})"  # noqa: S608
        for table, count in counts.items()
    ]
    for table, new in connection.exec_driver_sql(" UNION ALL ".join(queries)):
        found[table].append(new)
    return dict(found)


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
