"""A seller's goods everywhere, a store's goods on its shelves: by lot, by product, by outlet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller
from ...permissions import Actor
from ...stock.models import ShelfBalance
from ...texts import one_line
from ..rules.returns import NEAR_DAYS, Suggestion
from .lots import Holding, advise, holdings
from .sides import papers_visible_to

PAGE_SIZE = 25
SORTS = ("expires_on", "-expires_on", "outlet", "-outlet", "product", "-product", "on_hand", "-on_hand")
LIVES = ("expired", "week", "near", "good", "undated")
GROUPS = ("lot", "product", "outlet")


@dataclass(frozen=True)
class GoodsFilter:
    """What is asked of a list of goods."""

    q: str = ""
    life: str = ""
    by: str = "lot"
    sort: str = ""
    outlet_id: int | None = None
    product_id: int | None = None


@dataclass(frozen=True)
class GoodsRow:
    """Units of one lot at one outlet, and what to do with them."""

    holding: Holding
    outlet_name: str
    seller_name: str
    product_name: str
    sku: str
    unit: str
    days_left: int | None
    advice: Suggestion

    @property
    def on_hand(self) -> int:
        """Units of it."""
        return self.holding.on_hand


@dataclass(frozen=True)
class GroupRow:
    """Units of one product over all outlets, or of one outlet over all products."""

    id: int
    name: str
    detail: str
    lots: int
    others: int
    """Outlets of a product, products of an outlet."""
    on_hand: int
    expired: int
    near: int
    expires_on: date | None
    days_left: int | None


@dataclass(frozen=True)
class GoodsSums:
    """The whole of what was asked for, in figures."""

    rows: int = 0
    on_hand: int = 0
    outlets: int = 0
    products: int = 0
    expired: int = 0
    near: int = 0


def goods(
    actor: Actor, asked: GoodsFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[GoodsRow]:
    """One page of lots (size None: all), what expires first on top."""
    today = clock.today()
    held = _held(actor)
    query = _asked(
        select(held, Outlet.name, Seller.name, Product.name, Product.sku, Product.unit), held, asked, today
    )
    query = query.order_by(*_ordering(asked.sort, held))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    rows = db.session.execute(query).all()
    found = [_holding(row) for row in rows]
    return [
        GoodsRow(one, row[6], row[7], row[8], row[9], row[10], one.days_left(today), advice)
        for one, row, advice in zip(found, rows, advise(found, today), strict=True)
    ]


def _holding(row: Any) -> Holding:
    return Holding(row[0], row[1], row[2], row[3], row[4], int(row[5]))


def sums(actor: Actor, asked: GoodsFilter) -> GoodsSums:
    """How much of it there is, of that how much has expired or will within 30 days."""
    today = clock.today()
    held = _held(actor)
    columns = (
        func.count(),
        func.coalesce(func.sum(held.c.on_hand), 0),
        func.count(held.c.outlet_id.distinct()),
        func.count(held.c.product_id.distinct()),
        _units_where(held, held.c.expires_on < today),
        _units_where(held, _is_near(held, today)),
    )
    row = db.session.execute(_asked(select(*columns), held, asked, today)).one()
    return GoodsSums(*(int(value or 0) for value in row))


def grouped(
    actor: Actor, asked: GoodsFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[GroupRow]:
    """The same by product or by outlet."""
    today = clock.today()
    held = _held(actor)
    by_outlet = asked.by == "outlet"
    key, name, detail = (
        (Outlet.id, Outlet.name, Outlet.address) if by_outlet else (Product.id, Product.name, Product.sku)
    )
    other = held.c.product_id if by_outlet else held.c.outlet_id
    soonest = func.min(held.c.expires_on).label("soonest")
    columns = (
        key, name, detail, func.count(), func.count(other.distinct()), func.sum(held.c.on_hand),
        _units_where(held, held.c.expires_on < today), _units_where(held, _is_near(held, today)), soonest,
    )  # fmt: skip
    query = _asked(select(*columns), held, asked, today).group_by(key, name, detail)
    query = query.order_by(*_group_ordering(asked.sort, held, name, soonest), key)
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [_group_row(row, today) for row in db.session.execute(query)]


def count_groups(actor: Actor, asked: GoodsFilter) -> int:
    """How many products or outlets there are."""
    held = _held(actor)
    key = held.c.outlet_id if asked.by == "outlet" else held.c.product_id
    query = _asked(select(func.count(key.distinct())), held, asked, clock.today())
    return int(db.session.scalar(query) or 0)


def outlets_holding(actor: Actor) -> list[tuple[int, str]]:
    """The outlets that hold anything of the actor's, by name: for a filter."""
    query = (
        select(Outlet.id, Outlet.name)
        .where(Outlet.id.in_(select(ShelfBalance.outlet_id).where(_visible(actor), ShelfBalance.on_hand > 0)))
        .order_by(Outlet.name, Outlet.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _visible(actor: Actor) -> Any:
    return papers_visible_to(actor, ShelfBalance.outlet_id, ShelfBalance.seller_id)


def _held(actor: Actor) -> Any:
    return holdings(and_(_visible(actor), ShelfBalance.on_hand > 0))


def _asked(query: Select[Any], held: Any, asked: GoodsFilter, day: date) -> Select[Any]:
    query = (
        query.select_from(held)
        .join(Outlet, Outlet.id == held.c.outlet_id)
        .join(Seller, Seller.id == held.c.seller_id)
        .join(Product, Product.id == held.c.product_id)
    )
    if asked.outlet_id is not None:
        query = query.where(held.c.outlet_id == asked.outlet_id)
    if asked.product_id is not None:
        query = query.where(held.c.product_id == asked.product_id)
    expires = held.c.expires_on
    lives = {
        "expired": expires < day,
        "week": and_(expires >= day, expires <= day + timedelta(days=7)),
        "near": _is_near(held, day),
        "good": expires > day + timedelta(days=NEAR_DAYS),
        "undated": expires.is_(None),
    }
    if asked.life:
        query = query.where(lives[asked.life])
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Seller.name, Product.name, Product.sku, held.c.lot_code)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def _is_near(held: Any, day: date) -> Any:
    return and_(held.c.expires_on >= day, held.c.expires_on <= day + timedelta(days=NEAR_DAYS))


def _units_where(held: Any, criterion: Any) -> Any:
    return func.coalesce(func.sum(case((criterion, held.c.on_hand), else_=0)), 0)


def _ordering(sort: str, held: Any) -> list[Any]:
    first_out = [held.c.expires_on.is_(None), held.c.expires_on, Outlet.name, Product.name, held.c.lot_code]
    keys: dict[str, Any] = {
        "outlet": Outlet.name, "product": Product.name, "on_hand": held.c.on_hand,
        "expires_on": held.c.expires_on,
    }  # fmt: skip
    key = keys.get(sort.lstrip("-"))
    if key is None:
        return first_out
    return [held.c.expires_on.is_(None) if key is held.c.expires_on else key.is_(None),
            key.desc() if sort.startswith("-") else key.asc(), *first_out]  # fmt: skip


def _group_ordering(sort: str, held: Any, name: Any, soonest: Any) -> list[Any]:
    down = sort.startswith("-")
    keys: dict[str, Any] = {
        "outlet": name, "product": name, "on_hand": func.sum(held.c.on_hand), "expires_on": soonest,
    }  # fmt: skip
    key = keys.get(sort.lstrip("-"), soonest)
    return [key.is_(None), key.desc() if down else key.asc(), name]


def _group_row(row: Any, day: date) -> GroupRow:
    soonest = row[8]
    left = None if soonest is None else (soonest - day).days
    lots, others, on_hand, expired, near = (int(value or 0) for value in row[3:8])
    return GroupRow(row[0], row[1], row[2] or "", lots, others, on_hand, expired, near, soonest, left)
