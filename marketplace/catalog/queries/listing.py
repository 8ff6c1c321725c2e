"""A seller's own list: everything that is drafted, waits, is on sale or paused, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from ...db import db
from ...organizations.models import Seller
from ...texts import one_line
from .. import rules
from ..models import Category, PriceTier, Product, ProductPhoto, ProductState
from ..values import ProductValues, TierValues

OWN_SORTS = ("-changed", "name", "price", "-price", "readiness", "-readiness")
FILE_COLUMNS = (
    "sku", "seller_ref", "name", "category", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "order_multiple", "gtin", "net_weight_g", "shelf_life_days", "description", "pirt_number", "halal_number",
    "bpom_number", "state", "readiness",
)  # fmt: skip
"""As the import of products names them, so that the file can be changed and brought back."""


@dataclass(frozen=True)
class OwnRow:
    """A product in its seller's own list."""

    id: int
    name: str
    sku: str
    unit: str
    price_rupiah: int
    state: str
    readiness: int
    cover: str | None
    season_from: int | None
    season_to: int | None
    updated_at: datetime
    seller_ref: str
    category: str | None
    form: str | None
    variants: int

    @property
    def url(self) -> str:
        """The product's public page."""
        return rules.product_path(self.id, self.name)

    @property
    def image_url(self) -> str:
        """The drawn picture."""
        return rules.picture_path(f"{self.seller_ref}/{self.sku}", self.form)


@dataclass(frozen=True)
class VariantRow:
    """A size, flavour or colour in its seller's list."""

    id: int
    name: str
    sku: str
    price_rupiah: int
    net_weight_g: int | None
    gtin: str | None
    state: str
    is_dropped: bool


_Variant = aliased(Product)
_VARIANTS = (
    select(func.count())
    .where(_Variant.main_id == Product.id, _Variant.is_dropped.is_(False))
    .scalar_subquery()
)
_ROW = (
    Product.id,
    Product.name,
    Product.sku,
    Product.unit,
    Product.price_rupiah,
    Product.state,
    Product.readiness,
    Product.cover,
    Product.season_from,
    Product.season_to,
    Product.updated_at,
    Seller.seller_ref,
    Category.path,
    Category.picture_form,
    _VARIANTS,
)


def own_products(
    seller_id: int, *, q: str = "", state: str = "", sort: str = "", number: int = 1, size: int = 25
) -> list[OwnRow]:
    """One page of a seller's main products; without a sort what is to be worked on comes first."""
    query = _matching(seller_id, q, state, _ROW).order_by(*_order(sort))
    return [OwnRow(*row) for row in db.session.execute(query.limit(size).offset((number - 1) * size))]


def count_own(seller_id: int, *, q: str = "", state: str = "") -> int:
    """How many rows there are."""
    return int(db.session.scalar(_matching(seller_id, q, state, (func.count(),))) or 0)


def own_file(seller_id: int, *, q: str = "", state: str = "") -> Iterator[Sequence[Any]]:
    """The rows of the list as FILE_COLUMNS, variants too."""
    special = {"seller_ref": Seller.seller_ref, "category": Category.path}
    columns = [special.get(name, getattr(Product, name, None)) for name in FILE_COLUMNS]
    query = _matching(seller_id, q, state, columns, mains_only=False)
    yield from db.session.execute(query.order_by(func.lower(Product.name), Product.id))


def _matching(
    seller_id: int, q: str, state: str, columns: Sequence[Any], *, mains_only: bool = True
) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Product)
        .join(Seller, Seller.id == Product.seller_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .where(Product.seller_id == seller_id)
    )
    if mains_only:
        query = query.where(Product.main_id.is_(None))
    for word in one_line(q).split()[:8]:
        places = (Product.name, Product.sku, Category.path)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if state in set(ProductState):
        query = query.where(Product.state == state)
    return query


def _order(sort: str) -> list[Any]:
    name = (func.lower(Product.name), Product.id)
    by: dict[str, list[Any]] = {
        "name": [*name],
        "price": [Product.price_rupiah, *name],
        "-price": [Product.price_rupiah.desc(), *name],
        "readiness": [Product.readiness, *name],
        "-readiness": [Product.readiness.desc(), *name],
        "-changed": [Product.updated_at.desc(), Product.id.desc()],
    }
    return by.get(sort, by["-changed"])


def count_by_state(seller_id: int) -> dict[str, int]:
    """How many of a seller's main products stand where."""
    query = (
        select(Product.state, func.count())
        .where(Product.seller_id == seller_id, Product.main_id.is_(None))
        .group_by(Product.state)
    )
    counts = dict(db.session.execute(query).all())
    return {state.value: counts.get(state.value, 0) for state in ProductState}


def untouched_draft(seller_id: int) -> int | None:
    """A draft in which nothing stands yet, to be offered again instead of a new one."""
    query = select(Product.id).where(
        Product.seller_id == seller_id,
        Product.main_id.is_(None),
        Product.state == ProductState.DRAFT,
        Product.name == "",
        Product.category_id.is_(None),
        Product.price_rupiah == 0,
        ~exists().where(ProductPhoto.product_id == Product.id),
        Product.updated_at == Product.created_at,
    )
    return db.session.scalar(query.order_by(Product.id.desc()).limit(1))


def unfinished(seller_id: int, *, limit: int = 5) -> list[OwnRow]:
    """Drafts and what the office sent back, the latest first."""
    query = (
        _matching(seller_id, "", "", _ROW)
        .where(Product.state.in_((ProductState.DRAFT, ProductState.SENT_BACK)))
        .order_by(Product.updated_at.desc(), Product.id.desc())
        .limit(limit)
    )
    return [OwnRow(*row) for row in db.session.execute(query)]


def variants_of(product_id: int) -> list[VariantRow]:
    """The variants of a product that are still made, the oldest first."""
    query = (
        select(
            Product.id,
            Product.variant_name,
            Product.sku,
            Product.price_rupiah,
            Product.net_weight_g,
            Product.gtin,
            Product.state,
            Product.is_dropped,
        )
        .where(Product.main_id == product_id)
        .order_by(Product.is_dropped, Product.id)
    )
    return [VariantRow(*row) for row in db.session.execute(query)]


def values_of(product: Product, category: str) -> ProductValues:
    """What a product says, as its form and its services take it."""
    plain = {
        name: getattr(product, name)
        for name in ProductValues.__dataclass_fields__
        if name not in {"category", "tiers", "allergens"}
    }
    query = select(PriceTier.min_quantity, PriceTier.price_rupiah).where(PriceTier.product_id == product.id)
    tiers = db.session.execute(query.order_by(PriceTier.min_quantity))
    return ProductValues(
        **plain,
        category=category,
        allergens=tuple(product.allergens),
        tiers=tuple(TierValues(*row) for row in tiers),
    )


def with_waiting(values: ProductValues, waiting: Mapping[str, Any]) -> ProductValues:
    """The values with those laid over them that wait for the office."""
    changed = {name: value for name, value in waiting.items() if name in ProductValues.__dataclass_fields__}
    if "allergens" in changed:
        changed["allergens"] = tuple(changed["allergens"])
    if "tiers" in changed:
        changed["tiers"] = tuple(TierValues(*tier) for tier in changed["tiers"])
    if waiting.get("category_id"):
        path = db.session.scalar(select(Category.path).where(Category.id == waiting["category_id"]))
        changed["category"] = path or values.category
    return replace(values, **changed)
