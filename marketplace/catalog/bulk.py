"""Whole batches of products at once, for imports: called inside a unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from .. import clock, signals
from .models import Product, ProductState
from .services import ensure_category

SLICE = 400
BLANKS: dict[str, Any] = {
    "retail_price_rupiah": None,
    "unit": "",
    "min_order": 1,
    "order_multiple": 1,
    "gtin": None,
    "net_weight_g": None,
    "shelf_life_days": None,
    "description": "",
    "pirt_number": None,
    "halal_number": None,
    "bpom_number": None,
}
"""What a new product says of what the file does not name, and what an empty cell means."""


@dataclass(frozen=True)
class BulkProduct:
    """One row: whose product, its code, and the columns that it names (`category` is a path)."""

    seller_id: int
    sku: str
    columns: Mapping[str, Any]


def upsert_products(session: Session, rows: Sequence[BulkProduct]) -> None:
    """Make products and change known ones, by seller and code; a later row changes an earlier one.

    New ones are live at once. Tells whoever keeps the public face of products.
    """
    wanted: dict[tuple[int, str], dict[str, Any]] = {}
    categories: dict[str, int] = {}
    for row in rows:
        columns = dict(row.columns)
        if "category" in columns:
            path = columns.pop("category")
            if path not in categories:
                categories[path] = ensure_category(session, path).id
            columns["category_id"] = categories[path]
        wanted.setdefault((row.seller_id, row.sku), {}).update(columns)
    known = ids_of(session, list(wanted))
    changed = [{"id": known[key], **columns} for key, columns in wanted.items() if key in known]
    made = _insert(session, {key: columns for key, columns in wanted.items() if key not in known})
    _update(session, changed)
    signals.product_changed.send(session, product_ids=sorted([*made, *(row["id"] for row in changed)]))


def _insert(session: Session, news: Mapping[tuple[int, str], Mapping[str, Any]]) -> list[int]:
    if not news:
        return []
    now = clock.now()
    rows = [
        {
            **BLANKS,
            **columns,
            "seller_id": seller_id,
            "sku": sku,
            "state": ProductState.LIVE,
            "first_live_at": now,
            "created_at": now,
            "updated_at": now,
        }
        for (seller_id, sku), columns in news.items()
    ]
    return list(session.scalars(insert(Product).returning(Product.id), rows))


def _update(session: Session, changed: list[dict[str, Any]]) -> None:
    now = clock.now()
    for _names, group in groupby(sorted(changed, key=sorted), key=sorted):
        session.execute(update(Product), [{**row, "updated_at": now} for row in group])


def ids_of(session: Session, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Ids of products by seller and code; unknown ones are absent."""
    found: dict[tuple[int, str], int] = {}
    for start in range(0, len(keys), SLICE):
        query = select(Product.seller_id, Product.sku, Product.id).where(
            tuple_(Product.seller_id, Product.sku).in_(keys[start : start + SLICE])
        )
        found.update({(seller_id, sku): number for seller_id, sku, number in session.execute(query)})
    return found
