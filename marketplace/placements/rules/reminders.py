"""When the worker writes to whoever has to answer, and to those whose agreement ends."""

from __future__ import annotations

from datetime import date, timedelta

REPLY_DAYS = (3, 1)
"""So many days before the last day to answer."""
END_DAYS = 30
LAPSED_DAYS = 14
"""For so long after the last day the proposer is still told that nobody answered."""


def is_reply_due(reply_by: date, told_on: date | None, today: date) -> bool:
    """Whether a reminder of the last day to answer is to go out; `told_on` is the day of the last word."""
    return any(_is_due(reply_by - timedelta(days=days), reply_by, told_on, today) for days in REPLY_DAYS)


def is_lapse_due(reply_by: date, told_on: date | None, today: date) -> bool:
    """Whether the proposer is to be told that nobody answered."""
    first = reply_by + timedelta(days=1)
    return _is_due(first, reply_by + timedelta(days=LAPSED_DAYS), told_on, today)


def is_end_due(ends_on: date, told_on: date | None, today: date) -> bool:
    """Whether both are to be told that the agreement ends."""
    return _is_due(ends_on - timedelta(days=END_DAYS), ends_on, told_on, today)


def _is_due(first: date, last: date, told_on: date | None, today: date) -> bool:
    return first <= today <= last and (told_on is None or told_on < first)
