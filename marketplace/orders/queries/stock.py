"""What a maker has ready, what of it is promised, and what its coming weeks hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from ... import clock
from ...catalog.models import Product, ProductState
from ...db import db
from ...texts import one_line
from ..models import CapacityWeek, Parcel, ReadyStock, Reservation, ReservationState
from ..rules.reserving import week_of

PAGE_SIZE = 25
KINDS = ("ready", "to_order")


@dataclass(frozen=True)
class StockRow:
    """One product of a seller; `on_hand` None: made to order. `booked`: units that are made this week for
    orders; `making`: all that are made for orders that were not sent yet, no part of `on_hand`."""

    product_id: int
    name: str
    sku: str
    unit: str
    is_live: bool
    on_hand: int | None
    reserved: int
    capacity: int | None
    booked: int
    making: int

    @property
    def free(self) -> int | None:
        """Units that may still be promised; None for what is made to order."""
        return None if self.on_hand is None else self.on_hand - self.reserved


def stock_of(
    seller_id: int, *, q: str = "", kind: str = "", number: int = 1, size: int | None = PAGE_SIZE
) -> list[StockRow]:
    """One page of a seller's products that are on sale or paused (size None: all), by name."""
    held = Reservation.product_id == Product.id, Reservation.state == ReservationState.HELD.value
    made = func.coalesce(func.sum(Reservation.quantity - Reservation.from_stock), 0)
    making = select(made).where(*held).correlate(Product).scalar_subquery()
    columns = (
        Product.id, Product.name, Product.sku, Product.unit, Product.is_live, ReadyStock.on_hand,
        func.coalesce(ReadyStock.reserved, 0), Product.capacity_per_week,
        func.coalesce(CapacityWeek.booked, 0), making,
    )  # fmt: skip
    this_week = (CapacityWeek.product_id == Product.id) & (CapacityWeek.week == week_of(clock.today()))
    query = _own(seller_id, q, kind, *columns).outerjoin(CapacityWeek, this_week)
    query = query.order_by(func.lower(Product.name), Product.id)
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [StockRow(*row) for row in db.session.execute(query)]


def count_stock(seller_id: int, q: str = "") -> dict[str, int]:
    """How many of them are kept ready, and how many made to order."""
    kind = ReadyStock.product_id.is_not(None)
    rows = db.session.execute(_own(seller_id, q, "", kind, func.count()).group_by(kind)).all()
    return {"ready" if is_ready else "to_order": count for is_ready, count in rows}


def _own(seller_id: int, q: str, kind: str, *columns: Any) -> Select[Any]:
    """A seller's products but its parcels, whose stock is that of what is in them."""
    query = (
        select(*columns)
        .select_from(Product)
        .outerjoin(ReadyStock, ReadyStock.product_id == Product.id)
        .where(
            Product.seller_id == seller_id,
            Product.state.in_([ProductState.LIVE, ProductState.PAUSED]),
            ~Product.is_dropped,
            Product.id.not_in(select(Parcel.product_id)),
        )
    )
    if kind:
        query = query.where(
            ReadyStock.product_id.is_not(None) if kind == "ready" else ReadyStock.product_id.is_(None)
        )
    for word in one_line(q).split()[:8]:
        query = query.where(
            Product.name.icontains(word, autoescape=True) | Product.sku.icontains(word, autoescape=True)
        )
    return query
