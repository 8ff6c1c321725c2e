"""When a sales report is late and when a store is silent: plain days."""

from __future__ import annotations

from datetime import date, timedelta


def late_days(first_on: date, reported_on: date, cycle_days: int) -> int:
    """By how many days a report came too late: its oldest day should be told within the cycle."""
    return max((reported_on - first_on).days - cycle_days, 0)


def silent_days(missing_since: date, today: date, cycle_days: int) -> int:
    """For how many days a store is silent past its cycle; `missing_since` is the first day not reported.

    The same rule as `late_days`: a store is silent from the day on which its report would be late.
    """
    return late_days(missing_since, today, cycle_days)


def missing_since(covered_to: date | None, starts_on: date) -> date:
    """The first day that no report covers: the day after the last one told, not before the agreement."""
    if covered_to is None:
        return starts_on
    return max(covered_to + timedelta(days=1), starts_on)
