"""What is stored of products, as the office's file says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, aliased

from ... import clock
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from ...regions import queries as regions
from ..models import Category, Product
from ..queries.bulk import tiers_of, turn_of
from . import cells

SLICE = 400
PART = 2000
_main = aliased(Product)
_ELSEWHERE: Mapping[str, Any] = {
    "seller_ref": Seller.seller_ref,
    "category": Category.path,
    "origin": Product.origin_code,
    "main_sku": _main.sku,
}
"""Columns of the file that are not columns of products by the same name; `price_tiers` is a table."""


def key_of(seller_ref: str, sku: str) -> str:
    """Whose product it is, and its code."""
    return f"{seller_ref}\n{sku}"


def products_by_key(session: Session, keys: set[str], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is stored in the columns of these names, by `key_of`."""
    wanted = [tuple(key.split("\n", 1)) for key in sorted(keys)]
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), SLICE):
        query = _of(names).where(tuple_(Seller.seller_ref, Product.sku).in_(wanted[start : start + SLICE]))
        for state in _states(session, session.execute(query).all(), names):
            found[key_of(state["seller_ref"], state["sku"])] = state
    return found


def products_within(session: Session, region: str, names: Sequence[str]) -> Iterator[list[Any]]:
    """Every product of a region's sellers as a row of a file, by seller and code."""
    query = (
        _of(names)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(
            facts_on(SellerFacts, clock.today()),
            regions.within(SellerFacts.region_code, region),
            Product.category_id.is_not(None),
        )
        .order_by(Seller.seller_ref, Product.sku)
        .execution_options(yield_per=PART)
    )
    for part in session.execute(query).partitions():
        for state in _states(session, part, names):
            yield [cells.written(name, state[name]) for name in names]


def _of(names: Sequence[str]) -> Select[Any]:
    columns = [
        _ELSEWHERE[name] if name in _ELSEWHERE else getattr(Product, name)
        for name in names
        if name != "price_tiers"
    ]
    query = select(Product.id, Seller.seller_ref, Product.sku, *(column for column in columns))
    query = query.join(Seller, Seller.id == Product.seller_id)
    query = query.outerjoin(Category, Category.id == Product.category_id)
    return query.outerjoin(_main, _main.id == Product.main_id) if "main_sku" in names else query


def _states(session: Session, rows: Sequence[Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each row by the names of the file."""
    tiers = tiers_of(session, [row[0] for row in rows]) if "price_tiers" in names else {}
    plain = [name for name in names if name != "price_tiers"]
    for number, seller_ref, sku, *values in rows:
        state = dict(zip(plain, values, strict=True)) | {"seller_ref": seller_ref, "sku": sku}
        if "price_tiers" in names:
            state["price_tiers"] = tiers.get(number, [])
        if "allergens" in names:
            state["allergens"] = sorted(state["allergens"], key=turn_of)
        yield state
