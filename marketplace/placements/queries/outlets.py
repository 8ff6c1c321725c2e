"""Outlets as sellers and buyers choose them, and where a product stands."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, exists, func, or_, select

from ... import clock
from ...catalog.queries import closeness
from ...db import among, db
from ...organizations.models import Operator, Outlet, OutletFacts, SellerFacts
from ...organizations.versions import facts_on, facts_today
from ...permissions import Actor
from ...regions.queries import full_names
from ...stock.models import ShelfBalance
from ...texts import one_line
from ..models import Agreement, AgreementState

PAGE_SIZE = 25


@dataclass(frozen=True)
class OutletChoice:
    """An outlet to propose to, or of one's own. `is_taken`: an agreement or proposal of these two is open."""

    id: int
    name: str
    kind: str
    address: str
    region_code: str
    operator_name: str
    operator_id: int
    place: str = ""
    is_taken: bool = False


@dataclass(frozen=True)
class ProductShelf:
    """A product at one outlet."""

    outlet_id: int
    outlet_name: str
    address: str
    on_hand: int
    place: str = ""


def _open_outlets(columns: Sequence[Any], day: date) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Outlet)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, day)))
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(
            OutletFacts.opened_on <= day,
            or_(OutletFacts.closed_on.is_(None), OutletFacts.closed_on > day),
        )
    )


_CHOICE = (
    Outlet.id, Outlet.name, OutletFacts.kind, Outlet.address, OutletFacts.region_code, Operator.name,
    Operator.id,
)  # fmt: skip


def outlets_of_operator(operator_id: int) -> list[OutletChoice]:
    """An operator's outlets that are open today, by name."""
    query = _open_outlets(_CHOICE, clock.today()).where(OutletFacts.operator_id == operator_id)
    return _with_places([OutletChoice(*row) for row in _rows(query.order_by(Outlet.name, Outlet.id))])


def outlet_choice(outlet_id: int) -> OutletChoice | None:
    """An outlet that is open today."""
    row = db.session.execute(
        _open_outlets(_CHOICE, clock.today()).where(Outlet.id == outlet_id)
    ).one_or_none()
    return _with_places([OutletChoice(*row)])[0] if row else None


def outlets_for_seller(
    actor: Actor, *, q: str = "", kind: str = "", number: int = 1, size: int = PAGE_SIZE
) -> tuple[list[OutletChoice], int]:
    """Open outlets for a seller to offer itself to, the nearest first; and how many there are."""
    day = clock.today()
    near = db.session.scalar(
        select(SellerFacts.region_code).where(
            SellerFacts.seller_id == actor.seller_id, facts_on(SellerFacts, day)
        )
    )
    taken = exists().where(
        Agreement.outlet_id == Outlet.id, Agreement.seller_id == actor.seller_id, is_open_on(day)
    )
    query = _open_outlets((*_CHOICE, taken), day)
    for word in one_line(q).split()[:8]:
        places = (Outlet.name, Operator.name, Outlet.address)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if kind:
        query = query.where(OutletFacts.kind == kind)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.order_by(closeness(OutletFacts.region_code, near or ""), Outlet.name, Outlet.id)
    rows = _rows(query.limit(size).offset((number - 1) * size))
    found = [replace(OutletChoice(*row[:-1]), is_taken=bool(row[-1])) for row in rows]
    return _with_places(found), total


def is_open_on(day: date) -> Any:
    """SQL criterion: an agreement that holds today or later, or a proposal that can still be answered."""
    return or_(
        and_(
            Agreement.state == AgreementState.PROPOSED.value,
            or_(Agreement.reply_by.is_(None), Agreement.reply_by >= day),
        ),
        and_(
            Agreement.state == AgreementState.ACCEPTED.value,
            or_(Agreement.ends_on.is_(None), Agreement.ends_on >= day),
            or_(Agreement.terminated_on.is_(None), Agreement.terminated_on > day),
        ),
    )


def outlets_with_product(product_id: int, *, limit: int = 8) -> tuple[list[ProductShelf], int]:
    """Open outlets that have a product on hand now, the fullest shelf first; and how many there are."""
    rows = db.session.execute(_with_product_on(clock.today()), {"product": product_id, "many": limit}).all()
    places = full_names([row[4] for row in rows])
    shelves = [replace(ProductShelf(*row[:4]), place=places.get(row[4], "")) for row in rows]
    return shelves, rows[0][5] if rows else 0


@functools.lru_cache(maxsize=2)
def _with_product_on(day: date) -> Any:
    """Built once: building it takes longer than asking."""
    columns = (
        Outlet.id, Outlet.name, Outlet.address, ShelfBalance.on_hand, OutletFacts.region_code,
        func.count().over(),
    )  # fmt: skip
    return (
        _open_outlets(columns, day)
        .join(ShelfBalance, ShelfBalance.outlet_id == Outlet.id)
        .where(ShelfBalance.product_id == bindparam("product"), ShelfBalance.on_hand > 0)
        .order_by(ShelfBalance.on_hand.desc(), Outlet.id)
        .limit(bindparam("many"))
    )


@dataclass(frozen=True)
class SellerShelf:
    """An outlet that sells a maker's goods, and how many of them."""

    outlet_id: int
    outlet_name: str
    address: str
    kind: str
    products: int
    place: str = ""


def outlets_with_goods_of(seller_id: int, *, limit: int = 24) -> tuple[list[SellerShelf], int]:
    """Open outlets that have goods of a seller on hand now, the widest choice first; and how many."""
    day = clock.today()
    goods = func.count(ShelfBalance.product_id)
    query = (
        _open_outlets(
            (Outlet.id, Outlet.name, Outlet.address, OutletFacts.kind, goods, OutletFacts.region_code), day
        )
        .join(ShelfBalance, ShelfBalance.outlet_id == Outlet.id)
        .where(ShelfBalance.seller_id == seller_id, ShelfBalance.on_hand > 0)
        .group_by(Outlet.id, Outlet.name, Outlet.address, OutletFacts.kind, OutletFacts.region_code)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = _rows(query.order_by(goods.desc(), Outlet.name, Outlet.id).limit(limit))
    places = full_names([row[5] for row in rows])
    return [replace(SellerShelf(*row[:5]), place=places.get(row[5], "")) for row in rows], total


def shelf_counts(product_ids: Sequence[int]) -> dict[int, int]:
    """At how many outlets each product is on hand now."""
    rows = db.session.execute(_shelf_counts(), {"ids": list(product_ids)})
    return {product_id: int(count) for product_id, count in rows}


@functools.cache
def _shelf_counts() -> Any:
    return (
        select(ShelfBalance.product_id, func.sum(case((ShelfBalance.on_hand > 0, 1), else_=0)))
        .where(among(ShelfBalance.product_id, "ids"))
        .group_by(ShelfBalance.product_id)
    )


def products_carried_by(actor: Actor) -> set[int]:
    """The products that some outlet of the buyer's has on hand now."""
    return set(db.session.scalars(_carried(), {"operator": actor.operator_id}))


@functools.cache
def _carried() -> Select[Any]:
    return (
        select(ShelfBalance.product_id)
        .join(
            OutletFacts,
            and_(OutletFacts.outlet_id == ShelfBalance.outlet_id, facts_today(OutletFacts)),
        )
        .where(OutletFacts.operator_id == bindparam("operator"), ShelfBalance.on_hand > 0)
        .distinct()
    )


def _rows(query: Select[Any]) -> list[Any]:
    return list(db.session.execute(query))


def _with_places(found: list[OutletChoice]) -> list[OutletChoice]:
    places = full_names([outlet.region_code for outlet in found])
    return [replace(outlet, place=places.get(outlet.region_code, "")) for outlet in found]
