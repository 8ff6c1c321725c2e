"""Reads of curation: one review side by side, a product's history, what came back to its seller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from .... import clock
from ....db import db
from ....organizations.models import SellerFacts
from ....permissions import Actor
from ...models import (
    Category,
    Certificate,
    CertificateState,
    PriceTier,
    Product,
    ProductPhoto,
    ProductState,
    Review,
    ReviewEvent,
    ReviewKind,
    ReviewState,
)
from ...rules import curation as rules
from ..card import CARD, ProductCard, joined, with_places
from .checklist import criteria_for
from .inbox import days_since

SEEN = (
    "name", "variant_name", "category_id", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "net_weight_g", "shelf_life_days", "storage", "ingredients", "allergens", "material", "length_mm",
    "width_mm", "height_mm", "description", "halal_state", "pirt_number", "halal_number", "bpom_number",
)  # fmt: skip
"""Columns that an officer sees before deciding on a new product; a change of one asks for another look."""


def review_stamp(session: Session, review: Review, product: Product) -> str:
    """The mark of what an officer sees of a review now."""
    columns = SEEN if review.kind == ReviewKind.NEW else sorted(set(review.changes) & set(SEEN))
    photos = session.execute(
        select(ProductPhoto.stem, ProductPhoto.is_held)
        .where(ProductPhoto.product_id == product.id, ProductPhoto.removed_at.is_(None))
        .order_by(ProductPhoto.position, ProductPhoto.id)
    )
    seen: dict[str, Any] = {name: getattr(product, name) for name in columns}
    if review.kind == ReviewKind.NEW or "photos" in review.changes:
        seen["photos"] = [tuple(row) for row in photos]
    if review.kind == ReviewKind.NEW:
        seen["tiers"] = [(one.min_quantity, one.price_rupiah) for one in _tiers(session, product.id)]
        seen["variants"] = [(one.variant_name, one.price_rupiah) for one in _variants(session, product.id)]
    return rules.stamp({"review": review.id, "changes": review.changes, "seen": seen})


def _tiers(session: Session, product_id: int) -> Sequence[PriceTier]:
    query = select(PriceTier).where(PriceTier.product_id == product_id).order_by(PriceTier.min_quantity)
    return session.scalars(query).all()


def _variants(session: Session, product_id: int) -> Sequence[Product]:
    query = select(Product).where(Product.main_id == product_id, ~Product.is_dropped).order_by(Product.id)
    return session.scalars(query).all()


@dataclass(frozen=True)
class Difference:
    """One column of a change, old beside new, in words. `kind`: text, words, money or photos."""

    column: str
    kind: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ReviewPage:
    """One review as an officer decides on it."""

    review: Review
    product: Product
    card: ProductCard
    category: str
    is_food: bool
    stamp: str
    differences: Sequence[Difference]
    criteria: Sequence[rules.Wish]
    others_needed: int
    halal_rests_on_recipe: bool
    history: Sequence[ReviewEvent]
    earlier: Sequence[Review]
    variants: Sequence[Product]
    tiers: Sequence[PriceTier]
    days: int


def review_page(actor: Actor, review_id: int) -> ReviewPage | None:
    """A review for an office of the region; None when there is none or it lies elsewhere."""
    session, day = db.session(), clock.today()
    row = session.execute(
        joined((Review, Product, Category, SellerFacts.region_code, *CARD), day)
        .join(Review, Review.product_id == Product.id)
        .where(Review.id == review_id)
    ).one_or_none()
    if row is None:
        return None
    review, product, category, region_code, *card = row
    if not actor.sees_region(region_code):
        return None
    criteria, others_needed = criteria_for(session, product.category_id)
    return ReviewPage(
        review=review,
        product=product,
        card=with_places([ProductCard(*card)])[0],
        category=category.path,
        is_food=category.is_food,
        stamp=review_stamp(session, review, product),
        differences=_differences(session, review, product, category.path),
        criteria=criteria,
        others_needed=others_needed,
        halal_rests_on_recipe=_rests_on_recipe(session, review, product, day),
        history=history_of_review(review.id),
        earlier=[one for one in reviews_of(product.id) if one.id != review.id],
        variants=_variants(session, product.id),
        tiers=_tiers(session, product.id),
        days=days_since(review.submitted_at),
    )


def _differences(session: Session, review: Review, product: Product, category: str) -> list[Difference]:
    order = ("name", "variant_name", "photos", "category_id", "price_rupiah", "ingredients", "allergens")
    found = []
    for column in sorted(review.changes, key=order.index):
        change = review.changes[column]
        waits = review.state == ReviewState.WAITING
        old = getattr(product, column, None) if waits and column != "photos" else change["before"]
        new, kind = change["after"], "text"
        if column == "price_rupiah":
            kind = "money"
        elif column == "photos":
            kind = "photos"
        elif column == "allergens":
            kind = "words"
        elif column == "category_id":
            paths: dict[Any, str] = dict(
                session.execute(select(Category.id, Category.path).where(Category.id.in_([old, new]))).all()
            )
            old, new = paths.get(old, category), paths.get(new, "")
        found.append(Difference(column, kind, old, new))
    return found


def _rests_on_recipe(session: Session, review: Review, product: Product, day: date) -> bool:
    """Whether a changed recipe touches a halal certificate, which holds only while the recipe stays."""
    if "ingredients" not in review.changes:
        return False
    halal = select(Certificate.id).where(
        Certificate.seller_id == product.seller_id,
        or_(Certificate.product_id == product.id, Certificate.product_id.is_(None)),
        Certificate.kind == "halal",
        Certificate.state == CertificateState.VERIFIED,
    )
    return bool(product.halal_number) or session.scalar(halal.limit(1)) is not None


def history_of_review(review_id: int) -> Sequence[ReviewEvent]:
    """The steps of a review, newest first."""
    query = select(ReviewEvent).where(ReviewEvent.review_id == review_id).order_by(ReviewEvent.id.desc())
    return db.session.scalars(query).all()


def reviews_of(product_id: int) -> Sequence[Review]:
    """Every review of a product, newest first."""
    query = select(Review).where(Review.product_id == product_id).order_by(Review.id.desc())
    return db.session.scalars(query).all()


def product_on_sale(actor: Actor, product_id: int) -> tuple[Product, ProductCard] | None:
    """A main product on sale (or paused) for an office of its region; None otherwise."""
    row = db.session.execute(
        joined((Product, SellerFacts.region_code, *CARD), clock.today()).where(
            Product.id == product_id,
            Product.main_id.is_(None),
            Product.state.in_((ProductState.LIVE, ProductState.PAUSED)),
        )
    ).one_or_none()
    if row is None or not actor.sees_region(row[1]):
        return None
    return row[0], with_places([ProductCard(*row[2:])])[0]


def waiting_values(product_id: int) -> dict[str, Any]:
    """What waits for the office of a product on sale, by column: lay it over the product in its form."""
    query = select(Review.changes).where(
        Review.product_id == product_id,
        Review.state == ReviewState.WAITING,
        Review.kind == ReviewKind.CHANGE,
    )
    changes: dict[str, Any] = db.session.scalar(query) or {}
    return {name: change["after"] for name, change in changes.items() if name != "photos"}


@dataclass(frozen=True)
class ProductCuration:
    """Where a product stands with the office, for its seller."""

    state: str
    waiting: Review | None
    differences: Sequence[Difference]
    last: Review | None
    history: Sequence[ReviewEvent]
    can_submit: bool

    @property
    def said(self) -> str:
        """What the officer wrote with the last approval."""
        return next((event.message for event in self.history if event.verb == "approved"), "")


def curation_of(product_id: int) -> ProductCuration:
    """Where a product stands with the office: what waits, what was answered last, and the whole history."""
    session = db.session()
    product = session.get_one(Product, product_id)
    rows = reviews_of(product_id)
    waiting = next((one for one in rows if one.state == ReviewState.WAITING), None)
    answered = (ReviewState.APPROVED, ReviewState.SENT_BACK)
    path = session.scalar(select(Category.path).where(Category.id == product.category_id)) or ""
    query = (
        select(ReviewEvent)
        .join(Review, Review.id == ReviewEvent.review_id)
        .where(Review.product_id == product_id)
        .order_by(ReviewEvent.id.desc())
    )
    return ProductCuration(
        state=product.state,
        waiting=waiting,
        differences=_differences(session, waiting, product, path) if waiting else (),
        last=next((one for one in rows if one.state in answered), None),
        history=session.scalars(query).all(),
        can_submit=product.state in (ProductState.DRAFT, ProductState.SENT_BACK),
    )


@dataclass(frozen=True)
class SentBack:
    """A product, or a change of one, that came back with a reason and was not handed in again."""

    product_id: int
    name: str
    kind: str
    reason: str
    on: date


def sent_back_to(seller_id: int) -> list[SentBack]:
    """What came back to a seller and waits for a hand, newest first."""
    newest = select(func.max(Review.id)).group_by(Review.product_id)
    query = (
        select(Review, Product.name)
        .join(Product, Product.id == Review.product_id)
        .where(Product.seller_id == seller_id, Review.state == ReviewState.SENT_BACK, Review.id.in_(newest))
        .order_by(Review.id.desc())
    )
    return [
        SentBack(
            one.product_id, name, one.kind, one.reason, clock.wib_day(one.decided_at or one.submitted_at)
        )
        for one, name in db.session.execute(query)
        if one.kind == ReviewKind.CHANGE or _is_sent_back(one.product_id)
    ]


def _is_sent_back(product_id: int) -> bool:
    return db.session().get_one(Product, product_id).state == ProductState.SENT_BACK
