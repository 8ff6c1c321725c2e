"""What leaves the building: a row in the same transaction, delivered after the commit, safe to run twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, Index, Integer, String, Text, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .db import Base, BigId, UtcDateTime, after_commit, db, unit_of_work

log = structlog.get_logger()
Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}
_wakers: list[Callable[[], None]] = []

LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 12


class OutboxItem(Base):
    """One thing to do outside: done when `done_at` is set, given up after MAX_ATTEMPTS."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "done_at", "not_before"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_NEW = insert(OutboxItem.__table__)  # type: ignore[arg-type]


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does a kind of work. It gets the payload and may run twice."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def enqueue(
    session: Session, kind: str, payload: dict[str, Any], *, not_before: datetime | None = None
) -> None:
    """Promise a piece of work in the caller's transaction; the worker is woken after the commit."""
    if kind not in _handlers:
        raise LookupError(f"nothing handles {kind}")
    after_commit(session, _wake)
    now = clock.now()
    promise = {"kind": kind, "payload": payload, "created_at": now, "not_before": not_before or now}
    session.connection().execute(_NEW, promise)


def on_enqueue(waker: Callable[[], None]) -> None:
    """Register what wakes the worker after a commit (jobs does)."""
    _wakers[:] = [waker]


def _wake() -> None:
    for waker in _wakers:
        waker()


def drain(limit: int = 500) -> int:
    """Do the waiting work, oldest first; returns how many items were done."""
    done = 0
    for _turn in range(limit):
        item = _lease_next()
        if item is None:
            break
        done += _attempt(item)
    return done


def waiting() -> int:
    """How many items are still to be done."""
    count = db.session.scalar(select(func.count()).where(*_open())) or 0
    return int(count)


def _open() -> tuple[Any, ...]:
    return OutboxItem.done_at.is_(None), OutboxItem.attempts < MAX_ATTEMPTS


def _lease_next() -> OutboxItem | None:
    now = clock.now()
    with unit_of_work() as session:
        item = session.scalar(
            select(OutboxItem)
            .where(
                *_open(),
                OutboxItem.not_before <= now,
                or_(OutboxItem.leased_until.is_(None), OutboxItem.leased_until < now),
            )
            .order_by(OutboxItem.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if item is not None:
            item.leased_until = now + LEASE
            item.attempts += 1
        return item


def _attempt(item: OutboxItem) -> int:
    try:
        _handlers[item.kind](item.payload)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again later
        log.warning("outbox item failed", item=item.id, kind=item.kind, error=type(error).__name__)
        _settle(item.id, error=f"{type(error).__name__}: {error}"[:2000])
        return 0
    _settle(item.id)
    return 1


def _settle(item_id: int, *, error: str = "") -> None:
    now = clock.now()
    with unit_of_work() as session:
        item = session.get_one(OutboxItem, item_id)
        item.leased_until = None
        item.last_error = error
        if error:
            item.not_before = now + timedelta(seconds=5 * 2**item.attempts)
        else:
            item.done_at = now
