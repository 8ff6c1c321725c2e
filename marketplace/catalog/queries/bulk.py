"""A seller's products as rows of a file, what an import did to them, and the table to edit many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from ...db import db
from ...permissions import Actor
from ...regions import queries as regions
from ...regions.rules import Level, level_of
from ...texts import one_line
from .. import rules
from ..models import (
    Category,
    PriceTier,
    Product,
    ProductImport,
    ProductImportRow,
    ProductState,
    Review,
    ReviewKind,
    ReviewState,
)

SLICE = 400
ALLERGENS = [*rules.ALLERGENS, rules.NO_ALLERGENS]
PLAIN = (
    "name", "price_rupiah", "unit", "retail_price_rupiah", "min_order", "order_multiple", "capacity_per_week",
    "lead_time_days", "offers_consignment", "description", "net_weight_g", "shelf_life_days", "storage",
    "ingredients", "allergens", "material", "length_mm", "width_mm", "height_mm", "is_made_to_order",
    "pirt_number", "halal_number", "bpom_number", "season_from", "season_to", "gtin", "variant_axis",
    "variant_name",
)  # fmt: skip


@dataclass(frozen=True)
class FileState:
    """A product as its seller's file says it, what waits for the office laid over what is on sale."""

    product_id: int
    state: str
    columns: dict[str, Any]


def file_states(session: Session, seller_id: int, skus: Sequence[str] | None = None) -> dict[str, FileState]:
    """A seller's products by their code: those named, or all, mains before their variants."""
    found: dict[str, FileState] = {}
    parts = [None] if skus is None else [skus[at : at + SLICE] for at in range(0, len(skus), SLICE)]
    for part in parts:
        found |= _file_states(session, seller_id, part)
    return found


def _file_states(session: Session, seller_id: int, skus: Sequence[str] | None) -> dict[str, FileState]:
    main = aliased(Product)
    query = (
        select(Product, Category.path, main.sku)
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(main, main.id == Product.main_id)
        .where(Product.seller_id == seller_id, Product.is_dropped.is_(False))
        .order_by(func.coalesce(Product.main_id, Product.id), Product.main_id.is_not(None), Product.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query if skus is None else query.where(Product.sku.in_(skus))).all()
    ids = [product.id for product, _path, _main in rows]
    tiers, waiting = tiers_of(session, ids), _waiting(session, ids)
    found = {}
    for product, path, main_sku in rows:
        columns = {name: getattr(product, name) for name in PLAIN}
        columns |= {"sku": product.sku, "category": path or "", "price_tiers": tiers.get(product.id, [])}
        columns |= {"origin": product.origin_code, "main_sku": main_sku}
        columns["allergens"] = sorted(product.allergens, key=turn_of)
        found[product.sku] = FileState(product.id, product.state, columns | waiting.get(product.id, {}))
    return found


def turn_of(allergen: str) -> int:
    """Where an allergen stands in a file: as on the form."""
    return ALLERGENS.index(allergen) if allergen in ALLERGENS else len(ALLERGENS)


def tiers_of(session: Session, ids: Sequence[int]) -> dict[int, list[list[int]]]:
    """Wholesale prices of some products as [[quantity, price], ...], the smallest quantity first."""
    found: dict[int, list[list[int]]] = {}
    for at in range(0, len(ids), SLICE):
        query = (
            select(PriceTier)
            .where(PriceTier.product_id.in_(ids[at : at + SLICE]))
            .order_by(PriceTier.product_id, PriceTier.min_quantity)
        )
        for tier in session.scalars(query):
            found.setdefault(tier.product_id, []).append([tier.min_quantity, tier.price_rupiah])
    return found


def _waiting(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What waits for the office of products on sale, by the names of the file."""
    found: dict[int, dict[str, Any]] = {}
    for at in range(0, len(ids), SLICE):
        query = select(Review.product_id, Review.changes).where(
            Review.product_id.in_(ids[at : at + SLICE]),
            Review.state == ReviewState.WAITING,
            Review.kind == ReviewKind.CHANGE,
        )
        for product_id, changes in session.execute(query):
            found[product_id] = {name: change["after"] for name, change in changes.items()}
    wanted = {change["category_id"] for change in found.values() if change.get("category_id")}
    paths = dict(session.execute(select(Category.id, Category.path).where(Category.id.in_(wanted))).all())
    for change in found.values():
        change.pop("photos", None)
        if "category_id" in change:
            change["category"] = paths.get(change.pop("category_id"), "")
        if "tiers" in change:
            change["price_tiers"] = change.pop("tiers")
        if "origin_code" in change:
            change["origin"] = change.pop("origin_code")
    return found


def waiting_numbers(product_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What waits for the office of some products, by the names of the file."""
    return _waiting(db.session(), product_ids)


def is_village(code: str) -> bool:
    """Whether a code names a village that is known."""
    return regions.exists(db.session(), code) and level_of(code) == Level.VILLAGE


# --- what an import did -------------------------------------------------------------------------------------


def import_of(run_id: int) -> ProductImport | None:
    """How far the photos and the undoing of an import are; None before it wrote anything."""
    return db.session.get(ProductImport, run_id, populate_existing=True)


@dataclass(frozen=True)
class ImportedRows:
    """How many products an import changed, how many of them were taken back, and those that were left."""

    total: int
    undone: int
    left: list[ProductImportRow]


def imported_rows(run_id: int) -> ImportedRows:
    """What became of the rows of an import."""
    query = (
        select(ProductImportRow.outcome, func.count())
        .where(ProductImportRow.run_id == run_id)
        .group_by(ProductImportRow.outcome)
    )
    counts = dict(db.session.execute(query).all())
    left = select(ProductImportRow).where(
        ProductImportRow.run_id == run_id, ProductImportRow.outcome == "left"
    )
    return ImportedRows(
        total=sum(counts.values()),
        undone=counts.get("undone", 0),
        left=list(db.session.scalars(left.order_by(ProductImportRow.sku).limit(200))),
    )


# --- the table ----------------------------------------------------------------------------------------------


def table_rows(
    actor: Actor, *, q: str = "", state: str = "", offset: int = 0, limit: int = 25
) -> tuple[list[Product], int]:
    """A page of a seller's own products for the table, by name, and how many there are."""
    wheres = [Product.seller_id == actor.seller_id, Product.is_dropped.is_(False)]
    wheres += [
        or_(Product.name.icontains(word, autoescape=True), Product.sku.icontains(word, autoescape=True))
        for word in one_line(q).split()[:8]
    ]
    if state in set(ProductState):
        wheres.append(Product.state == state)
    total = db.session.scalar(select(func.count()).select_from(Product).where(*wheres)) or 0
    query = (
        select(Product)
        .where(*wheres)
        .order_by(func.lower(Product.name), Product.id)
        .offset(offset)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query)), int(total)
