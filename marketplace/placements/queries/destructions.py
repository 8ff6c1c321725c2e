"""Destruction minutes as lists and pages show them, each actor its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...permissions import Actor
from ..models import Destruction, DestructionLine, ReturnNote
from ..rules import Side
from .parties import side_at
from .sides import papers_visible_to

PAGE_SIZE = 25


@dataclass(frozen=True)
class DestructionPage:
    """All that the page of destruction minutes shows."""

    row: Destruction
    outlet: Outlet
    seller: Seller
    operator: Operator
    note: ReturnNote | None
    lines: list[tuple[DestructionLine, str, str]]
    side: Side | None

    @property
    def units(self) -> int:
        """Units destroyed."""
        return sum(line.quantity for line, _name, _sku in self.lines)


@dataclass(frozen=True)
class DestructionRow:
    """Destruction minutes in a list."""

    id: int
    number: str
    outlet_name: str
    seller_name: str
    destroyed_on: date
    units: int
    borne_by_outlet: int
    borne_by_seller: int


def destructions_of(actor: Actor, *, number: int = 1, size: int | None = PAGE_SIZE) -> list[DestructionRow]:
    """One page of the actor's minutes (size None: all), the latest first."""
    borne_by_outlet = func.sum(
        case((DestructionLine.borne_by == "outlet", DestructionLine.quantity), else_=0)
    )
    units = func.sum(DestructionLine.quantity)
    query = (
        select(
            Destruction.id, Destruction.number, Outlet.name, Seller.name, Destruction.destroyed_on,
            units, borne_by_outlet, units - borne_by_outlet,
        )
        .join(Outlet, Outlet.id == Destruction.outlet_id)
        .join(Seller, Seller.id == Destruction.seller_id)
        .join(DestructionLine, DestructionLine.destruction_id == Destruction.id)
        .where(papers_visible_to(actor, Destruction.outlet_id, Destruction.seller_id))
        .group_by(
            Destruction.id, Destruction.number, Outlet.name, Seller.name, Destruction.destroyed_on
        )
        .order_by(Destruction.id.desc())
    )  # fmt: skip
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [DestructionRow(*row[:5], *(int(value) for value in row[5:])) for row in db.session.execute(query)]


def count_destructions(actor: Actor) -> int:
    """How many minutes there are."""
    query = select(func.count()).where(papers_visible_to(actor, Destruction.outlet_id, Destruction.seller_id))
    return int(db.session.scalar(query) or 0)


def destruction_page(actor: Actor, destruction_id: int) -> DestructionPage | None:
    """Minutes with their parties and lines; None for a stranger."""
    row = db.session.execute(
        select(Destruction, Outlet, Seller)
        .join(Outlet, Outlet.id == Destruction.outlet_id)
        .join(Seller, Seller.id == Destruction.seller_id)
        .where(
            Destruction.id == destruction_id,
            papers_visible_to(actor, Destruction.outlet_id, Destruction.seller_id),
        )
    ).one_or_none()
    if row is None:
        return None
    minutes, outlet, seller = row
    query = (
        select(DestructionLine, Product.name, Product.sku)
        .join(Product, Product.id == DestructionLine.product_id)
        .where(DestructionLine.destruction_id == minutes.id)
        .order_by(DestructionLine.position)
    )
    note = db.session.get(ReturnNote, minutes.return_note_id) if minutes.return_note_id else None
    return DestructionPage(
        row=minutes,
        outlet=outlet,
        seller=seller,
        operator=db.session.get_one(Operator, minutes.operator_id),
        note=note,
        lines=[(line, name, sku) for line, name, sku in db.session.execute(query)],
        side=side_at(db.session(), actor, outlet_id=outlet.id, seller_id=seller.id),
    )


def minutes_by_code(code: str) -> tuple[Destruction, str, str, int] | None:
    """Destruction minutes by the code under their QR."""
    units = select(func.sum(DestructionLine.quantity)).where(DestructionLine.destruction_id == Destruction.id)
    query = (
        select(Destruction, Outlet.name, Seller.name, units.scalar_subquery())
        .join(Outlet, Outlet.id == Destruction.outlet_id)
        .join(Seller, Seller.id == Destruction.seller_id)
        .where(Destruction.code == code.upper()[:24])
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2], int(row[3] or 0))
