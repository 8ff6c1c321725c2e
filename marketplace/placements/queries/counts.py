"""Every read of stock counts, and which outlets should be counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller
from ...permissions import Actor
from ...stock.models import DisplaySpell, Lot, ShelfBalance
from ..models import StockCount, StockCountLine
from .reporting import outlets_worked_by
from .sides import papers_visible_to

PAGE_SIZE = 25
COUNT_EVERY_DAYS = 30
"""So often a shelf should be counted; the difference is small as long as it is young."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count in a list."""

    id: int
    outlet_id: int
    outlet_name: str
    counted_on: date
    line_count: int
    lost_units: int
    found_units: int
    note: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CountLine:
    """What was counted of one product or lot."""

    product_name: str
    sku: str
    seller_id: int
    seller_name: str
    lot_code: str
    expires_on: date | None
    expected: int
    counted: int
    reason: str | None
    borne_by: str | None

    @property
    def difference(self) -> int:
        """Units over (above zero) or missing (below)."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class CountDue:
    """An outlet whose shelf should be counted; `last_on` None: nobody ever counted it."""

    outlet_id: int
    outlet_name: str
    last_on: date | None
    due_on: date
    products: int

    @property
    def days_late(self) -> int:
        """For how many days it waits."""
        return (clock.today() - self.due_on).days


def _counts() -> Any:
    return select(
        StockCount.id, StockCount.outlet_id, Outlet.name, StockCount.counted_on, StockCount.line_count,
        StockCount.lost_units, StockCount.found_units, StockCount.note, StockCount.recorded_at,
    ).join(Outlet, Outlet.id == StockCount.outlet_id)  # fmt: skip


def _sees(actor: Actor) -> ColumnElement[bool]:
    if actor.seller_id is not None and not actor.is_office:
        mine = select(StockCountLine.count_id).where(StockCountLine.seller_id == actor.seller_id)
        return StockCount.id.in_(mine)
    return papers_visible_to(actor, StockCount.outlet_id, StockCount.outlet_id)


def counts_of(
    actor: Actor, *, outlet_id: int | None = None, number: int = 1, size: int | None = PAGE_SIZE
) -> tuple[list[CountRow], int]:
    """Counts that an actor may read, the newest first, and how many there are."""
    criteria = [_sees(actor)] + ([StockCount.outlet_id == outlet_id] if outlet_id is not None else [])
    query = _counts().where(*criteria).order_by(StockCount.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    total = db.session.scalar(select(func.count()).select_from(StockCount).where(*criteria))
    return [CountRow(*row) for row in db.session.execute(query)], int(total or 0)


def count_for(actor: Actor, count_id: int) -> CountRow | None:
    """One count that the actor may read."""
    row = db.session.execute(_counts().where(StockCount.id == count_id, _sees(actor))).one_or_none()
    return CountRow(*row) if row else None


def lines_of(actor: Actor, count_id: int) -> list[CountLine]:
    """The lines of a count, those that differ first; a maker reads its own."""
    query = (
        select(
            Product.name, Product.sku, StockCountLine.seller_id, Seller.name, Lot.code, Lot.expires_on,
            StockCountLine.expected, StockCountLine.counted, StockCountLine.reason, StockCountLine.borne_by,
        )
        .join(Product, Product.id == StockCountLine.product_id)
        .join(Seller, Seller.id == StockCountLine.seller_id)
        .outerjoin(Lot, Lot.id == StockCountLine.lot_id)
        .where(StockCountLine.count_id == count_id)
        .order_by(StockCountLine.movement_ref.is_(None), Seller.name, Product.name, StockCountLine.line)
    )  # fmt: skip
    if actor.seller_id is not None and not actor.is_office:
        query = query.where(StockCountLine.seller_id == actor.seller_id)
    return [_line(row) for row in db.session.execute(query)]


def _line(row: Sequence[Any]) -> CountLine:
    values = list(row)
    values[4] = values[4] or ""
    values[5] = None if values[5] == clock.LAST_DAY else values[5]
    return CountLine(*values)


def counts_due(actor: Actor) -> list[CountDue]:
    """The actor's outlets whose shelves should be counted by today, the longest waiting first."""
    names = {outlet.id: outlet.name for outlet in outlets_worked_by(actor)}
    if not names:
        return []
    last = (
        select(StockCount.outlet_id, func.max(StockCount.counted_on).label("last_on"))
        .group_by(StockCount.outlet_id)
        .subquery()
    )
    first = (
        select(DisplaySpell.outlet_id, func.min(DisplaySpell.first_day).label("first_on"))
        .where(DisplaySpell.outlet_id.in_(names))
        .group_by(DisplaySpell.outlet_id)
        .subquery()
    )
    limit = clock.today() - timedelta(days=COUNT_EVERY_DAYS)
    query = (
        select(ShelfBalance.outlet_id, last.c.last_on, first.c.first_on, func.count())
        .outerjoin(last, last.c.outlet_id == ShelfBalance.outlet_id)
        .join(first, first.c.outlet_id == ShelfBalance.outlet_id)
        .where(
            ShelfBalance.outlet_id.in_(names),
            ShelfBalance.on_hand > 0,
            or_(last.c.last_on <= limit, and_(last.c.last_on.is_(None), first.c.first_on <= limit)),
        )
        .group_by(ShelfBalance.outlet_id, last.c.last_on, first.c.first_on)
    )
    due = [
        CountDue(
            outlet_id,
            names[outlet_id],
            last_on,
            (last_on or first_on) + timedelta(days=COUNT_EVERY_DAYS),
            count,
        )
        for outlet_id, last_on, first_on, count in db.session.execute(query)
    ]
    return sorted(due, key=lambda one: (one.due_on, one.outlet_name))
