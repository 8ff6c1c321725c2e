"""What search engines may find: kinds that hold something, products on sale, makers with products on sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_

from ... import clock
from ...db import db
from ...organizations.models import Seller, SellerFacts
from .. import rules
from ..models import Product
from .filters import category_facet
from .matching import matches
from .page import IS_REFUSED_OR_WAITING
from .search import Search, public_products

PART_SIZE = 50_000
"""So many addresses may stand in one file (sitemaps.org)."""
BLOCK = 2_000


@dataclass(frozen=True)
class Place:
    """A public page: its path, and the day on which it changed, where that is known."""

    path: str
    changed_on: date | None = None


def count_products() -> int:
    """How many products are on sale."""
    return _count(public_products((Product.id,), Search(), clock.today()))


def count_makers() -> int:
    """How many makers have a public page with something on it."""
    return _count(_makers())


def kinds() -> list[Place]:
    """The categories that hold products, and those above them."""
    addresses = (rules.category_address(value.value) for value in category_facet(matches(Search())))
    return [Place(address) for address in dict.fromkeys(addresses)]


def products(part: int) -> Iterator[Place]:
    """One stretch of the products on sale, by their number."""
    query = public_products((Product.id, Product.name, Product.updated_at), Search(), clock.today())
    for row in _stretch(query.order_by(Product.id), part):
        yield Place(rules.product_path(row.id, row.name), clock.wib_day(row.updated_at))


def makers(part: int) -> Iterator[Place]:
    """One stretch of the makers with products on sale, by their number."""
    for row in _stretch(_makers().order_by(Seller.id), part):
        yield Place(f"/sellers/{row.id}", clock.wib_day(row.changed_at))


def _makers() -> Select[Any]:
    columns = (Seller.id, func.max(Product.updated_at).label("changed_at"))
    query = public_products(columns, Search(), clock.today()).where(
        Seller.merged_into_id.is_(None), or_(SellerFacts.verified_on.is_not(None), ~IS_REFUSED_OR_WAITING)
    )
    return query.group_by(Seller.id)


def _stretch(query: Select[Any], part: int) -> Iterator[Any]:
    some = query.offset((part - 1) * PART_SIZE).limit(PART_SIZE).execution_options(yield_per=BLOCK)
    yield from db.session.execute(some)


def _count(query: Select[Any]) -> int:
    found = query.subquery()
    return db.session.query(func.count()).select_from(found).scalar() or 0
