"""Prices for paper: of one maker, or of one buyer's list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from ... import clock
from ...db import db
from ...organizations.models import Seller
from ..models import Category, PriceTier, Product, ProductState, ShortlistItem
from .card import is_open, joined

MOST = 500
"""A paper with more lines would take the printer's patience and the server's."""


@dataclass(frozen=True)
class PriceLine:
    """One product on a list of prices or a label."""

    id: int
    seller_id: int
    seller_name: str
    name: str
    variant: str
    sku: str
    gtin: str | None
    category: str
    unit: str
    price_rupiah: int
    retail_price_rupiah: int | None
    min_order: int
    note: str = ""
    tiers: list[tuple[int, int]] = field(default_factory=list)


def _lines(note: Any) -> Select[Any]:
    """Products on sale with their variants, whose main product is on sale too."""
    day, main = clock.today(), aliased(Product)
    name = case((main.id.is_not(None), main.name), else_=Product.name)
    columns = (
        Product.id, Product.seller_id, Seller.name, name, Product.variant_name, Product.sku, Product.gtin,
        Category.path, Product.unit, Product.price_rupiah, Product.retail_price_rupiah,
        Product.min_order, note,
    )  # fmt: skip
    return (
        joined(columns, day)
        .outerjoin(main, main.id == Product.main_id)
        .where(Product.is_live, is_open(day), or_(main.id.is_(None), main.state == ProductState.LIVE))
        .order_by(
            func.lower(Seller.name), Category.path, func.lower(name), Product.main_id.is_not(None), Product.id
        )
        .limit(MOST)
    )


def prices_of_seller(seller_id: int) -> list[PriceLine]:
    """What a maker sells now, by kind and name."""
    return _with_tiers(db.session.execute(_lines(literal("")).where(Product.seller_id == seller_id)))


def prices_of_list(list_id: int) -> list[PriceLine]:
    """What of a buyer's list is on sale now, by maker, with the team's notes."""
    query = _lines(ShortlistItem.note).join(ShortlistItem, ShortlistItem.product_id == Product.id)
    return _with_tiers(db.session.execute(query.where(ShortlistItem.shortlist_id == list_id)))


def labels_of_seller(seller_id: int) -> list[PriceLine]:
    """Everything of a seller that may need a label, be it shown or paused: never a draft."""
    main = aliased(Product)
    name = case((main.id.is_not(None), main.name), else_=Product.name)
    columns = (
        Product.id, Product.seller_id, Seller.name, name, Product.variant_name, Product.sku, Product.gtin,
        Category.path, Product.unit, Product.price_rupiah, Product.retail_price_rupiah, Product.min_order,
    )  # fmt: skip
    query = (
        joined(columns, clock.today())
        .outerjoin(main, main.id == Product.main_id)
        .where(Product.seller_id == seller_id, Product.state != ProductState.DRAFT)
        .order_by(func.lower(name), Product.main_id.is_not(None), Product.id)
        .limit(MOST)
    )
    return [PriceLine(*row) for row in db.session.execute(query)]


def _with_tiers(rows: Iterable[Any]) -> list[PriceLine]:
    lines = [PriceLine(*row) for row in rows]
    tiers: dict[int, list[tuple[int, int]]] = {line.id: line.tiers for line in lines}
    query = (
        select(PriceTier.product_id, PriceTier.min_quantity, PriceTier.price_rupiah)
        .where(PriceTier.product_id.in_(tiers))
        .order_by(PriceTier.product_id, PriceTier.min_quantity)
    )
    for product_id, quantity, price in db.session.execute(query):
        tiers[product_id].append((quantity, price))
    return lines
