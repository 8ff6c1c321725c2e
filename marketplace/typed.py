"""What people type into forms that are not made of WTForms: whole numbers, days, ids."""

from __future__ import annotations

from datetime import date

from .money import MAX_RUPIAH, TooLarge, parse_whole
from .texts import one_line

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Days beyond these are typing errors, and days near the ends of the calendar cannot be counted from."""


def read_whole(text: str) -> int | None:
    """A whole number as people type it; None when it is none. What is too large is the largest."""
    text = one_line(text)[:40]
    try:
        return parse_whole(text) if text.isascii() else None
    except TooLarge:
        return MAX_RUPIAH
    except ValueError:
        return None


def read_day(text: str | None) -> date | None:
    """A day of this century as a date field sends it; None when it is none."""
    try:
        day = date.fromisoformat(one_line(text)[:10])
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_id(text: str | None) -> int:
    """The id of a row; 0, which is nobody's, for nonsense."""
    text = text or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
