"""How old a debt is, and when who owes it is reminded."""

from __future__ import annotations

from datetime import date, timedelta

AGES = (15, 30, 60)
"""Last day of each age of a debt but the oldest: 0-15, 16-30, 31-60, over 60 days."""
REMIND_BEFORE, REMIND_LATE, REMIND_EVERY = timedelta(days=3), timedelta(days=1), timedelta(days=14)
"""A payer is reminded some days before, the day after, and then every two weeks."""


def age_of(days: int) -> int:
    """Which of the four ages a debt of so many days is in, from 0."""
    return sum(days > last for last in AGES)


def is_reminder_due(due_on: date, told_on: date | None, day: date) -> bool:
    """Whether the payer of a debt hears of it on a day, having heard last on `told_on`.

    A night that was missed is made up for: what was due yesterday is said today, once.
    """
    if day < due_on - REMIND_BEFORE:
        return False
    if told_on is None:
        return True
    if day <= due_on:
        return told_on < due_on - REMIND_BEFORE
    return told_on <= due_on or told_on <= day - REMIND_EVERY
