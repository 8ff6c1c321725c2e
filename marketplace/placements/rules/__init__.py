"""Decisions about agreements over plain values."""

from .acts import ACTS, Act, Side, Verb, allowed_verbs, asked_of, require
from .days import (
    LAST_DAY,
    ONE_DAY,
    Condition,
    Course,
    Days,
    days_in_force,
    first_overlap,
    in_force,
    overlaps,
    state_on,
    talk_on,
)
from .shelf import Outlook, outlook
from .terms import AnnexPrice, Fee, Span, Terms, span_among, terms_among

__all__ = [
    "ACTS",
    "LAST_DAY",
    "ONE_DAY",
    "Act",
    "AnnexPrice",
    "Condition",
    "Course",
    "Days",
    "Fee",
    "Outlook",
    "Side",
    "Span",
    "Terms",
    "Verb",
    "allowed_verbs",
    "asked_of",
    "days_in_force",
    "first_overlap",
    "in_force",
    "outlook",
    "overlaps",
    "require",
    "span_among",
    "state_on",
    "talk_on",
    "terms_among",
]
