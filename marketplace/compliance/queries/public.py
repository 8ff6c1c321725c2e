"""What the public may see: the city's figures and which outlets display local goods. Aggregates only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from ...db import db
from ...stock.models import ShelfBalance
from ..rules import Status
from .places import Scope
from .standings import OutletStanding, standings


@dataclass(frozen=True)
class PublicFigures:
    """How many outlets there are, carry goods, and meet their duty; and whose goods are on shelves."""

    outlets: int
    displaying: int
    sellers_displayed: int
    compliant: int
    duty: int


def public_figures(day: date, region: str = "") -> PublicFigures:
    """The figures for the public home."""
    rows = standings(day, Scope(region))
    duty = [row for row in rows if row.is_duty]
    shown = select(func.count(ShelfBalance.seller_id.distinct())).where(ShelfBalance.on_hand > 0)
    return PublicFigures(
        outlets=len(rows),
        displaying=sum(row.counted > 0 for row in rows),
        sellers_displayed=db.session.scalar(shown) or 0,
        compliant=sum(row.status == Status.COMPLIANT for row in duty),
        duty=len(duty),
    )


def displaying_outlets(day: date, limit: int = 12, region: str = "") -> list[OutletStanding]:
    """The outlets that carry most sellers, most first."""
    rows = [row for row in standings(day, Scope(region)) if row.counted > 0]
    return sorted(rows, key=lambda row: (-row.counted, row.name.casefold()))[:limit]
