"""On which days an agreement is in force, and what it is called on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

LAST_DAY = date(9999, 12, 31)
ONE_DAY = timedelta(days=1)


class Condition(StrEnum):
    """What an agreement is on a day. It follows from what was decided and from the dates."""

    PROPOSED = "proposed"
    LAPSED = "lapsed"
    UPCOMING = "upcoming"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Days(NamedTuple):
    """Days first <= day < end; empty when end is not after first."""

    first: date
    end: date

    @property
    def is_empty(self) -> bool:
        """Whether no day lies in it."""
        return self.end <= self.first

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day < self.end


@dataclass(frozen=True)
class Course:
    """What decides about an agreement's days. `state` is what was decided: proposed, accepted, ..."""

    state: str
    starts_on: date
    ends_on: date | None = None
    terminated_on: date | None = None
    reply_by: date | None = None
    suspensions: Sequence[Days] = ()


def days_in_force(starts_on: date, ends_on: date | None, terminated_on: date | None) -> Days:
    """The days of an accepted agreement: to its last day, or to the day before it was terminated."""
    end = LAST_DAY if ends_on is None or ends_on == LAST_DAY else ends_on + ONE_DAY
    return Days(starts_on, min(end, terminated_on or LAST_DAY))


def in_force(course: Course, day: date) -> bool:
    """Whether an agreement is in force on a day: accepted by both, begun, not over, not suspended."""
    if course.state != "accepted":
        return False
    days = days_in_force(course.starts_on, course.ends_on, course.terminated_on)
    return days.holds(day) and not any(pause.holds(day) for pause in course.suspensions)


def state_on(course: Course, day: date) -> Condition:
    """What an agreement is on a day. A proposal that nobody answered in time has lapsed, not begun."""
    if course.state == "proposed":
        return talk_on(course.reply_by, day)
    if course.state != "accepted":
        return Condition(course.state)
    days = days_in_force(course.starts_on, course.ends_on, course.terminated_on)
    if day >= days.end or days.is_empty:
        return Condition.ENDED
    if day < days.first:
        return Condition.UPCOMING
    return Condition.IN_FORCE if in_force(course, day) else Condition.SUSPENDED


def talk_on(reply_by: date | None, day: date) -> Condition:
    """What a version that waits for an answer is on a day."""
    return Condition.LAPSED if reply_by is not None and reply_by < day else Condition.PROPOSED


def overlaps(one: Days, other: Days) -> bool:
    """Whether two stretches share a day."""
    return max(one.first, other.first) < min(one.end, other.end)


def first_overlap(days: Days, others: Iterable[Days]) -> Days | None:
    """The earliest of some stretches that shares a day with this one."""
    return min((other for other in others if overlaps(days, other)), default=None)
