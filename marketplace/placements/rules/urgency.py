"""How urgent a thing is that waits for somebody: days in, one of three words out.

SHORT is red on the screens: a duty is missed or will be tomorrow. GRACE is soon. INFO can wait.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

PATIENCE_DAYS = 7
"""So long may something wait for a word before it is urgent."""
FETCH_SOON_DAYS = 2
PAY_SOON_DAYS = 3
MESSAGE_DAYS = 2
MESSAGES_KEPT_DAYS = 30
"""A message that nobody answered for longer was not meant to be answered."""


class Urgency(StrEnum):
    """The three kinds of a thing to do, the most urgent first."""

    SHORT = "short"
    GRACE = "grace"
    INFO = "info"


def answer_urgency(reply_by: date | None, day: date) -> Urgency:
    """An offer, a change, a lower price: red on its last day and the one before."""
    return Urgency.SHORT if reply_by is not None and (reply_by - day).days <= 1 else Urgency.GRACE


def sending_urgency(deliver_on: date, day: date) -> Urgency:
    """A delivery note that its maker has written and not sent: red once its day is over."""
    left = (deliver_on - day).days
    if left < 0:
        return Urgency.SHORT
    return Urgency.GRACE if left <= 1 else Urgency.INFO


def arrival_urgency(deliver_on: date, day: date) -> Urgency:
    """Goods on their way, to whoever receives them: red when they should have come before today."""
    left = (deliver_on - day).days
    if left < 0:
        return Urgency.SHORT
    return Urgency.GRACE if left == 0 else Urgency.INFO


def fetching_urgency(fetch_by: date | None, day: date) -> Urgency:
    """A return that its maker should fetch: red once the window is over."""
    if fetch_by is None:
        return Urgency.GRACE
    left = (fetch_by - day).days
    if left < 0:
        return Urgency.SHORT
    return Urgency.GRACE if left <= FETCH_SOON_DAYS else Urgency.INFO


def keeping_urgency(fetch_by: date | None, day: date) -> Urgency:
    """The same return, to the store that keeps it: it can only wait, and write once it is late."""
    return Urgency.GRACE if fetch_by is not None and fetch_by < day else Urgency.INFO


def expiry_urgency(days_left: int) -> Urgency:
    """A lot: the three warnings of 7, 14 and 30 days; what has expired is red."""
    if days_left <= 7:
        return Urgency.SHORT
    return Urgency.GRACE if days_left <= 14 else Urgency.INFO


def word_urgency(waiting_days: int) -> Urgency:
    """What waits for somebody's word: a difference, a settlement, a payment, a draft to issue."""
    return Urgency.SHORT if waiting_days >= PATIENCE_DAYS else Urgency.GRACE


def debt_urgency(due_on: date, day: date) -> Urgency:
    """A bill, to whoever pays it: red once it is overdue."""
    left = (due_on - day).days
    if left < 0:
        return Urgency.SHORT
    return Urgency.GRACE if left <= PAY_SOON_DAYS else Urgency.INFO


def silence_urgency(silent_days: int, cycle_days: int) -> Urgency:
    """A store that tells nothing, to its maker: red once a whole second cycle is missed."""
    return Urgency.SHORT if silent_days >= cycle_days else Urgency.GRACE


def report_urgency(due_on: date, day: date) -> Urgency | None:
    """A sales report, to the store: red once it is late, soon from the day before; else nothing is due."""
    left = (due_on - day).days
    if left < 0:
        return Urgency.SHORT
    return Urgency.GRACE if left <= 1 else None


def message_urgency(waiting_days: int) -> Urgency:
    """A message without an answer."""
    return Urgency.GRACE if waiting_days >= MESSAGE_DAYS else Urgency.INFO
