"""Whole batches of products at once, for imports: called inside a unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from .. import clock, signals
from .models import PriceTier, Product, ProductState
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
    "price_tiers": [],
    "capacity_per_week": None,
    "lead_time_days": None,
    "offers_consignment": True,
    "storage": None,
    "ingredients": "",
    "allergens": [],
    "material": "",
    "length_mm": None,
    "width_mm": None,
    "height_mm": None,
    "is_made_to_order": False,
    "origin": None,
    "season_from": None,
    "season_to": None,
    "main_sku": None,
    "variant_axis": "",
    "variant_name": "",
}
"""What a new product says of what the file does not name, and what an empty cell means."""
ELSEWHERE = {"category", "price_tiers", "origin", "main_sku"}
"""What the file says in another way than the columns of products."""
Key = tuple[int, str]
"""Seller and code."""


@dataclass(frozen=True)
class BulkProduct:
    """One row: whose product, its code, and what it says by the names of the file.

    `category` is a path, `price_tiers` [[quantity, price], ...], `main_sku` the code of the product of which
    it is a size, flavour or colour.
    """

    seller_id: int
    sku: str
    columns: Mapping[str, Any]


def upsert_products(session: Session, rows: Sequence[BulkProduct]) -> None:
    """Make products and change known ones, by seller and code; a later row changes an earlier one.

    New ones are live at once, a new variant stands where its main product does. A variant never moves.
    Tells whoever keeps the public face of products.
    """
    said: dict[Key, dict[str, Any]] = {}
    for row in rows:
        said.setdefault((row.seller_id, row.sku), {}).update(row.columns)
    known = ids_of(session, list(said))
    categories: dict[str, int] = {}
    columns = {key: _columns(session, one, categories) for key, one in said.items()}
    news = [key for key in said if key not in known]
    mains = {key: (key[0], said[key]["main_sku"]) for key in news if said[key].get("main_sku")}
    _insert(session, {key: columns[key] for key in news if key not in mains})
    _insert(session, _joined(session, {key: columns[key] for key in mains}, mains))
    _update(session, [{"id": known[key], **columns[key]} for key in said if key in known])
    ids = {**known, **ids_of(session, news)}
    _write_tiers(session, {ids[key]: one["price_tiers"] for key, one in said.items() if "price_tiers" in one})
    signals.product_changed.send(session, product_ids=sorted(ids.values()))


def _columns(session: Session, said: Mapping[str, Any], categories: dict[str, int]) -> dict[str, Any]:
    """What a row says as columns of products."""
    columns = {name: value for name, value in said.items() if name not in ELSEWHERE}
    if "origin" in said:
        columns["origin_code"] = said["origin"]
    if "category" in said:
        path = said["category"]
        if path not in categories:
            categories[path] = ensure_category(session, path).id
        columns["category_id"] = categories[path]
    return columns


def _joined(
    session: Session, variants: Mapping[Key, dict[str, Any]], mains: Mapping[Key, Key]
) -> dict[Key, dict[str, Any]]:
    """Variants with what they take over from their main products."""
    ids = ids_of(session, sorted(set(mains.values())))
    found: dict[int, Any] = {}
    for part in _slices(sorted(ids.values())):
        query = select(Product.id, Product.state, Product.cover).where(Product.id.in_(part))
        found.update({row.id: row for row in session.execute(query)})
    taken = {key: found[ids[mains[key]]] for key in variants}
    return {
        key: {**columns, "main_id": taken[key].id, "state": taken[key].state, "cover": taken[key].cover}
        for key, columns in variants.items()
    }


def _insert(session: Session, news: Mapping[Key, Mapping[str, Any]]) -> None:
    if not news:
        return
    now = clock.now()
    blanks = {name: value for name, value in BLANKS.items() if name not in ELSEWHERE}
    rows: list[dict[str, Any]] = [
        {
            **blanks,
            "origin_code": None,
            "state": ProductState.LIVE,
            **columns,
            "seller_id": seller_id,
            "sku": sku,
        }
        for (seller_id, sku), columns in news.items()
    ]
    for row in rows:
        row["first_live_at"] = now if row["state"] == ProductState.LIVE else None
        row["created_at"] = row["updated_at"] = now
    session.execute(insert(Product), rows)


def _update(session: Session, changed: list[dict[str, Any]]) -> None:
    now = clock.now()
    for _names, group in groupby(sorted(changed, key=sorted), key=sorted):
        session.execute(update(Product), [{**row, "updated_at": now} for row in group])


def _write_tiers(session: Session, tiers: Mapping[int, Sequence[Sequence[int]]]) -> None:
    """Make the wholesale prices of some products what the file says."""
    for part in _slices(sorted(tiers)):
        session.execute(delete(PriceTier).where(PriceTier.product_id.in_(part)))
    rows = [
        {"product_id": product_id, "min_quantity": quantity, "price_rupiah": price}
        for product_id, steps in tiers.items()
        for quantity, price in steps
    ]
    if rows:
        session.execute(insert(PriceTier), rows)


def ids_of(session: Session, keys: Sequence[Key]) -> dict[Key, int]:
    """Ids of products by seller and code; unknown ones are absent."""
    found: dict[Key, int] = {}
    for part in _slices(keys):
        query = select(Product.seller_id, Product.sku, Product.id).where(
            tuple_(Product.seller_id, Product.sku).in_(part)
        )
        found.update({(seller_id, sku): number for seller_id, sku, number in session.execute(query)})
    return found


def _slices(found: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(found), SLICE):
        yield found[start : start + SLICE]
