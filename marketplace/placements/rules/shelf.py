"""How long the goods on a shelf will last."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SOON_DAYS = 7


class Level(StrEnum):
    """How urgent a shelf is."""

    OUT = "out"
    SOON = "soon"
    ENOUGH = "enough"
    QUIET = "quiet"


@dataclass(frozen=True)
class Outlook:
    """What can be expected of a shelf; `days` until it is empty where a pace is known."""

    level: Level
    days: int | None = None


def outlook(on_hand: int, sold: int, days: int = 7) -> Outlook:
    """What to expect of a shelf by the pace of its last days; no sale means no pace to go by."""
    if on_hand <= 0:
        return Outlook(Level.OUT, 0)
    if sold <= 0:
        return Outlook(Level.QUIET)
    left = on_hand * days // sold
    return Outlook(Level.SOON if left < SOON_DAYS else Level.ENOUGH, left)
