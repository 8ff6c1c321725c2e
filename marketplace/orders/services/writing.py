"""New rows written without the session, with one statement, and known to it as if it had written them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session, make_transient_to_detached

from ...bulk import Rows, moment_text
from ...db import Base


def rows_of(connection: Connection, new: Sequence[Any]) -> Rows:
    """New objects of one table, which have their ids, for `bulk.write_rows`.

    Columns that were not set are empty: no default is applied.
    """
    names = _columns(new[0].__tablename__)
    rows = [[_plain(connection, one.__dict__.get(name)) for name in names] for one in new]
    return Rows(new[0].__tablename__, names, list(rows))


def adopt(session: Session, new: Sequence[Any]) -> None:
    """Let the session know objects that were written without it."""
    for one in new:
        make_transient_to_detached(one)
        session.add(one)


@functools.cache
def _columns(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in Base.metadata.tables[table].columns)


def _plain(connection: Connection, value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(connection, value)
    return value.isoformat() if isinstance(value, date) else value
