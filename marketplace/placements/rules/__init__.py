"""Decisions about agreements over plain values."""

from .acts import ACTS, Act, Side, Verb, allowed_verbs, require
from .days import (
    LAST_DAY,
    ONE_DAY,
    Condition,
    Days,
    Terms,
    days_in_force,
    first_overlap,
    in_force,
    overlaps,
    state_on,
)
from .shelf import Outlook, outlook, seller_share

__all__ = [
    "ACTS",
    "LAST_DAY",
    "ONE_DAY",
    "Act",
    "Condition",
    "Days",
    "Outlook",
    "Side",
    "Terms",
    "Verb",
    "allowed_verbs",
    "days_in_force",
    "first_overlap",
    "in_force",
    "outlook",
    "overlaps",
    "require",
    "seller_share",
    "state_on",
]
