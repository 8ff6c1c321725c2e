"""What readiness looks at, read for many products at once; and the check that the kept figure is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from ... import clock, legal
from ...db import db
from .. import rules
from ..models import (
    Category,
    Certificate,
    CertificateState,
    HalalState,
    PhotoState,
    Product,
    ProductPhoto,
    ProductState,
)
from ..rules import ProductFacts, ReadinessItem
from .listing import OwnRow, own_products

SLICE = 400
PERMIT_KEY = "food.permit_free_below_days"
DECLARED = (HalalState.CERTIFIED, HalalState.NON_HALAL, HalalState.EXEMPT)


@dataclass(frozen=True)
class Readiness:
    """How ready a product is, 0 to 100, and every item of the checklist."""

    score: int
    items: list[ReadinessItem]

    @property
    def missing(self) -> list[ReadinessItem]:
        """What is not done, the weightiest first."""
        return rules.missing(self.items)


def readiness_of(product_id: int) -> Readiness:
    """The checklist of one product, as its seller sees it."""
    items = rules.checklist(facts_of(db.session(), [product_id])[product_id])
    return Readiness(rules.score(items), items)


def least_ready(seller_id: int, *, below: int) -> tuple[OwnRow, Readiness] | None:
    """The product on sale that lacks most, with its checklist; None when all are ready enough."""
    rows = own_products(seller_id, state=ProductState.LIVE, sort="readiness", size=1)
    if not rows or rows[0].readiness >= below:
        return None
    readiness = readiness_of(rows[0].id)
    return (rows[0], readiness) if readiness.missing else None


def facts_of(session: Session, product_ids: Sequence[int]) -> dict[int, ProductFacts]:
    """What readiness looks at, by product; variants have none, for their main product speaks for them."""
    free_days = legal.values_on(session, clock.today()).get(PERMIT_KEY, 0)
    found: dict[int, ProductFacts] = {}
    for start in range(0, len(product_ids), SLICE):
        query = _QUERY.where(Product.id.in_(product_ids[start : start + SLICE]))
        for product_id, *values in session.execute(query):
            found[product_id] = _facts(*values, free_days=free_days)
    return found


def _verified(*kinds: str) -> ColumnElement[bool]:
    """SQL: the office has verified such a paper, of the product or of its whole business."""
    return exists().where(
        Certificate.seller_id == Product.seller_id,
        or_(Certificate.product_id == Product.id, Certificate.product_id.is_(None)),
        Certificate.kind.in_(kinds),
        Certificate.state == CertificateState.VERIFIED,
    )


_PHOTOS = (
    select(func.count())
    .where(
        ProductPhoto.product_id == Product.id,
        ProductPhoto.state != PhotoState.FAILED,
        ProductPhoto.removed_at.is_(None),
        ProductPhoto.is_held.is_(False),
    )
    .scalar_subquery()
)
_QUERY = (
    select(
        Product.id,
        Product.name,
        Product.price_rupiah,
        Product.unit,
        Product.description,
        Product.net_weight_g,
        Product.shelf_life_days,
        Product.storage,
        Product.ingredients,
        Product.allergens,
        Product.material,
        Product.length_mm,
        Product.capacity_per_week,
        Product.lead_time_days,
        Product.retail_price_rupiah,
        Product.origin_code,
        Product.gtin,
        Product.pirt_number,
        Product.bpom_number,
        Product.halal_number,
        Product.halal_state,
        Category.path,
        Category.is_food,
        _PHOTOS,
        _verified("pirt", "bpom"),
        _verified("halal"),
    )
    .outerjoin(Category, Category.id == Product.category_id)
    .where(Product.main_id.is_(None))
)


def _facts(
    name: str,
    price_rupiah: int,
    unit: str,
    story: str,
    net_weight_g: int | None,
    shelf_life_days: int | None,
    storage: str | None,
    ingredients: str,
    allergens: Sequence[str],
    material: str,
    length_mm: int | None,
    capacity_per_week: int | None,
    lead_time_days: int | None,
    retail_price_rupiah: int | None,
    origin_code: str | None,
    gtin: str | None,
    pirt_number: str | None,
    bpom_number: str | None,
    halal_number: str | None,
    halal_state: str | None,
    path: str | None,
    is_food: bool | None,
    photos: int,
    is_permitted: bool,
    is_halal: bool,
    *,
    free_days: int,
) -> ProductFacts:
    is_fresh = shelf_life_days is not None and shelf_life_days < free_days
    return ProductFacts(
        name=name,
        has_category=path is not None,
        price_rupiah=price_rupiah,
        unit=unit,
        photos=photos,
        story=story,
        is_food=bool(is_food),
        is_craft=not is_food and rules.is_craft(path or ""),
        has_permit=bool(pirt_number or bpom_number or is_permitted),
        has_halal=bool(halal_number or halal_state in DECLARED or is_halal),
        needs_permit=not is_fresh,
        net_weight_g=net_weight_g,
        shelf_life_days=shelf_life_days,
        storage=storage,
        ingredients=ingredients,
        allergens=allergens,
        material=material,
        has_size=length_mm is not None,
        capacity_per_week=capacity_per_week,
        lead_time_days=lead_time_days,
        retail_price_rupiah=retail_price_rupiah,
        has_origin=origin_code is not None,
        gtin=gtin,
    )


def readiness_differences() -> Iterator[str]:
    """A sentence for each product whose kept readiness is not what its facts say."""
    session, last = db.session(), 0
    while True:
        query = (
            select(Product.id, Product.readiness).where(Product.id > last).order_by(Product.id).limit(SLICE)
        )
        kept = dict(session.execute(query).all())
        if not kept:
            return
        right = facts_of(session, list(kept))
        for product_id, score in kept.items():
            facts = right.get(product_id)
            real = rules.score(rules.checklist(facts)) if facts else 0
            if score != real:
                yield f"product {product_id}: readiness is kept as {score}, its facts give {real}"
        last = max(kept)
