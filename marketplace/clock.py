"""The one clock. Times are aware UTC; days are WIB days (Asia/Jakarta, no daylight saving)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
FIRST_DAY = date(1, 1, 1)
LAST_DAY = date(9999, 12, 31)
"""A dated fact without an end holds until this day, so that no query needs to ask for NULL."""

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The day it is in Surakarta."""
    return wib_day(now())


def wib_day(moment: datetime) -> date:
    """The WIB day on which an aware moment falls."""
    return moment.astimezone(WIB).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Within the block `now()` is the given aware moment. For tests and for demo data."""
    if moment.tzinfo is None:
        raise ValueError("a frozen moment must be aware")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
