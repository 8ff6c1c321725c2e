"""The database: base class, column types, and the unit of work that holds the only commit."""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    bindparam,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from .config import PREPARED_STATEMENTS

P = ParamSpec("P")
R = TypeVar("R")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MAX_TRIES = 5

BigId = BigInteger().with_variant(Integer, "sqlite")
"""64-bit identity; on SQLite the rowid."""


class Base(DeclarativeBase):
    """Every table. Constraints are named, because Alembic drops what has no name."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime in Python on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FairLock:
    """A lock that serves its waiters in the order they came, so that no writer starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiters: deque[threading.Event] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiters.append(turn)
        try:
            turn.wait()
        except BaseException:  # interrupted while waiting: leave the queue, or hand on what was just given
            self._give_up(turn)
            raise

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._hand_on()

    def _give_up(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._waiters:
                self._waiters.remove(turn)
            else:
                self._hand_on()

    def _hand_on(self) -> None:
        if self._waiters:
            self._waiters.popleft().set()
        else:
            self._held = False


_sqlite_turn = FairLock()


def among(column: Any, name: str) -> ColumnElement[bool]:
    """SQL criterion: one of the values given as `name` when the statement runs.

    A statement that is asked on every page is built once: building it takes longer than asking.
    """
    found: ColumnElement[bool] = column.in_(bindparam(name, expanding=True))
    return found


def is_postgres(bind: Session | Connection | None = None) -> bool:
    """Whether this session's (or connection's) database is PostgreSQL."""
    bind = bind if bind is not None else db.session()
    dialect = bind.dialect if isinstance(bind, Connection) else bind.get_bind().dialect
    return dialect.name == "postgresql"


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction that commits at the end of the block or leaves nothing behind.

    A unit inside a unit joins it. What was loaded before is read anew inside, so that a decision is
    never made on a row as it was before the lock. On SQLite it is BEGIN IMMEDIATE, and the threads of
    one process take turns. Hooks given to `after_commit` run once the outermost block has committed.
    """
    session = db.session()
    if session.info.get("in_unit"):
        yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a unit of work")
    session.rollback()
    hooks: list[Callable[[], None]] = []
    with _turn(session):
        session.info["in_unit"], session.info["hooks"] = True, hooks
        try:
            session.connection(execution_options={"etalase_write": True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["in_unit"] = False
    for hook in hooks:
        hook()


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    if is_postgres(session):
        yield
    else:
        with _sqlite_turn:
            yield


def after_commit(session: Session, hook: Callable[[], None]) -> None:
    """Run `hook` after the unit of work has committed; never if it rolls back."""
    if not session.info.get("in_unit"):
        raise RuntimeError("a promise outside a unit of work")
    session.info["hooks"].append(hook)


def retry_on_conflict(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service again when PostgreSQL could not serialise it (40001) or broke a deadlock (40P01).

    Only the outermost call retries, because a unit is retried whole or not at all.
    """

    @functools.wraps(service)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, MAX_TRIES + 1):
            try:
                return service(*args, **kwargs)
            except DBAPIError as error:
                inside = db.session().info.get("in_unit")
                if inside or attempt == MAX_TRIES or not _is_conflict(error):
                    raise
        raise AssertionError("unreachable")

    return wrapped


def _is_conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


def insert_into(session: Session, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, for the database in use."""
    return postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)


@event.listens_for(Session, "before_flush")
def _refuse_write_outside_unit(session: Session, *_: Any) -> None:
    if not session.info.get("in_unit") and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a write outside a unit of work")


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        connection.prepared_max = PREPARED_STATEMENTS
        return
    connection.isolation_level = None
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Dialect, _record: Any, given: Any, named: Any) -> Any:
    if dialect.name != "postgresql":
        return None
    from .postgres import KeptStatements  # noqa: PLC0415 - SQLite alone does without psycopg

    return KeptStatements.connect(*given, **named)


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get("etalase_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
