"""New rows written with one statement, and known to the session as if it had written them itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session, make_transient_to_detached

from ...bulk import copy_rows, moment_text


def write_new(session: Session, rows: Sequence[Any]) -> None:
    """Write new rows of one table that have their ids, with one statement; the session knows them then.

    Columns that were not set are empty: no default is applied.
    """
    if not rows:
        return
    columns, connection = type(rows[0]).__table__.columns, session.connection()
    names = [column.name for column in columns]
    copy_rows(
        connection,
        rows[0].__tablename__,
        names,
        [[_plain(connection, row.__dict__.get(name)) for name in names] for row in rows],
    )
    for row in rows:
        adopt(session, row)


def adopt(session: Session, row: Any) -> None:
    """Let the session know a row that was written without it; what was not set is read when it is asked."""
    make_transient_to_detached(row)
    session.add(row)


def _plain(connection: Connection, value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(connection, value)
    return value.isoformat() if isinstance(value, date) else value
