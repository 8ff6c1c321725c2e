"""A product as a card on a shelf, and how to read one."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from ... import clock
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on, facts_today
from ...regions import queries as regions
from .. import rules
from ..models import Category, Product


@dataclass(frozen=True)
class ProductCard:
    """A product as a card on a shelf shows it."""

    id: int
    sku: str
    name: str
    unit: str
    price_rupiah: int
    net_weight_g: int | None
    seller_id: int
    seller_ref: str
    seller_name: str
    region_code: str
    category: str
    form: str | None
    cover: str | None
    place: str = ""
    outlets: int = 0
    corner: str = ""
    is_kept: bool | None = None
    """Whether it is one of the reader's favourites; None for a reader who keeps none."""

    @property
    def url(self) -> str:
        """The product's page."""
        return rules.product_path(self.id, self.name)

    @property
    def image_url(self) -> str:
        """The drawn picture."""
        return rules.picture_path(f"{self.seller_ref}/{self.sku}", self.form)


CARD = (
    Product.id,
    Product.sku,
    Product.name,
    Product.unit,
    Product.price_rupiah,
    Product.net_weight_g,
    Product.seller_id,
    Seller.seller_ref,
    Seller.name,
    SellerFacts.region_code,
    Category.path,
    Category.picture_form,
    Product.cover,
)


def is_open(day: date) -> ColumnElement[bool]:
    """SQL criterion: the seller was neither closed nor merged into another."""
    return and_(
        Seller.merged_into_id.is_(None),
        or_(SellerFacts.closed_on.is_(None), SellerFacts.closed_on > day),
    )


def joined(columns: Iterable[Any], day: date) -> Select[Any]:
    """A SELECT over products with their seller, what is known of it on a day, and their category."""
    if day == clock.today():
        return _joined_today(tuple(columns))
    return _joined(columns, facts_on(SellerFacts, day))


@functools.lru_cache(maxsize=64)
def _joined_today(columns: tuple[Any, ...]) -> Select[Any]:
    """Built once for what is asked again and again: building it takes longer than asking."""
    return _joined(columns, facts_today(SellerFacts))


def _joined(columns: Iterable[Any], is_known: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Product)
        .join(Seller, Seller.id == Product.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, is_known))
        .join(Category, Category.id == Product.category_id)
    )


def closeness(column: Any, near: Any) -> ColumnElement[int]:
    """SQL order: 0 same village, 1 same district, 2 same city, 3 elsewhere."""
    return case(
        (column == near, 0),
        (func.substr(column, 1, 8) == func.substr(near, 1, 8), 1),
        (func.substr(column, 1, 5) == func.substr(near, 1, 5), 2),
        else_=3,
    )


def with_places(found: list[ProductCard]) -> list[ProductCard]:
    """The cards with village and district in words: 'Mojosongo, Jebres'."""
    codes = {card.region_code for card in found}
    names = regions.names(codes | {code[:8] for code in codes})

    def place(code: str) -> str:
        parts = [names.get(code, ""), names.get(code[:8], "") if len(code) > 8 else ""]
        return ", ".join(dict.fromkeys(part for part in parts if part))

    return [replace(card, place=place(card.region_code)) for card in found]
