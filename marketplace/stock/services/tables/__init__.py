"""The ledger's SQL, set by set: what the writer reads under its lock and what it writes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ....db import is_postgres
from .base import LedgerTables, NewRow, ShelfKey
from .postgres import PostgresTables
from .sqlite import SqliteTables

__all__ = ["LedgerTables", "NewRow", "ShelfKey", "tables_of"]


def tables_of(session: Session) -> LedgerTables:
    """The ledger's statements on this session's connection."""
    connection = session.connection()
    return PostgresTables(connection) if is_postgres(connection) else SqliteTables(connection)
