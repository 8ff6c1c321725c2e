"""Reads of curation: the office's inbox, one review side by side, a product's history, the criteria."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ... import clock
from ...db import db
from ...i18n import language
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...regions import queries as regions
from ...texts import one_line
from ..models import (
    Category,
    Certificate,
    CertificateState,
    Criterion,
    CriterionScope,
    CurationSettings,
    PriceTier,
    Product,
    ProductPhoto,
    ProductState,
    Review,
    ReviewEvent,
    ReviewKind,
    ReviewState,
)
from ..rules import curation as rules
from ..rules import papers
from .card import CARD, ProductCard, is_open, joined, with_places

KINDS = ("new", "change", "certificate")
INBOX_SIZE = 20
SEEN = (
    "name", "variant_name", "category_id", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "net_weight_g", "shelf_life_days", "storage", "ingredients", "allergens", "material", "length_mm",
    "width_mm", "height_mm", "description", "halal_state", "pirt_number", "halal_number", "bpom_number",
)  # fmt: skip
"""Columns that an officer sees before deciding on a new product; a change of one asks for another look."""


@dataclass(frozen=True)
class InboxFilter:
    """What the office wants to see of the inbox. Empty: everything."""

    kind: str = ""
    q: str = ""
    district: str = ""


@dataclass(frozen=True)
class InboxItem:
    """One thing that waits: a new product, a change, or a certificate."""

    kind: str
    id: int
    title: str
    seller_id: int
    seller_name: str
    place: str
    submitted_at: datetime
    days: int

    @property
    def submitted_on(self) -> date:
        """The day it was handed in."""
        return clock.wib_day(self.submitted_at)


@dataclass(frozen=True)
class InboxCounts:
    """How much waits, and since how many days the oldest."""

    new: int = 0
    change: int = 0
    certificate: int = 0
    oldest_days: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.new + self.change + self.certificate


def inbox_counts(actor: Actor) -> InboxCounts:
    """How much waits in the actor's region."""
    waiting = _inbox(actor, InboxFilter()).subquery()
    rows = db.session.execute(
        select(waiting.c.kind, func.count(), func.min(waiting.c.submitted_at)).group_by(waiting.c.kind)
    ).all()
    counts = {kind: count for kind, count, _oldest in rows}
    oldest = min((moment for *_rest, moment in rows), default=None)
    return InboxCounts(
        counts.get("new", 0), counts.get("change", 0), counts.get("certificate", 0), _days(oldest)
    )


def inbox(actor: Actor, wanted: InboxFilter, number: int) -> tuple[list[InboxItem], int, int, int]:
    """One page of what waits in the actor's region, oldest first: items, page, how many in all, page size."""
    waiting = _inbox(actor, wanted).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(waiting)) or 0)
    number = min(number, max(-(-total // INBOX_SIZE), 1))
    query = select(waiting).order_by(waiting.c.submitted_at, waiting.c.kind, waiting.c.id)
    rows = db.session.execute(query.limit(INBOX_SIZE).offset((number - 1) * INBOX_SIZE)).all()
    return _items(rows), number, total, INBOX_SIZE


def whole_inbox(actor: Actor, wanted: InboxFilter) -> list[InboxItem]:
    """Everything that waits in the actor's region, oldest first, for a file."""
    waiting = _inbox(actor, wanted).subquery()
    query = select(waiting).order_by(waiting.c.submitted_at, waiting.c.kind, waiting.c.id)
    return _items(db.session.execute(query).all())


def next_item(actor: Actor, wanted: InboxFilter, *, after: datetime | None = None) -> InboxItem | None:
    """The oldest that waits; with `after` the next one handed in at that moment or later, else the first."""
    waiting = _inbox(actor, wanted).subquery()
    query = select(waiting).order_by(waiting.c.submitted_at, waiting.c.kind, waiting.c.id).limit(1)
    rows = db.session.execute(query.where(waiting.c.submitted_at >= after)).all() if after else []
    found = _items(rows or db.session.execute(query).all())
    return found[0] if found else None


def _inbox(actor: Actor, wanted: InboxFilter) -> Any:
    parts = []
    if wanted.kind != "certificate":
        parts.append(_waiting_reviews(actor, wanted))
    if wanted.kind in ("", "certificate"):
        parts.append(_waiting_certificates(actor, wanted))
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _waiting_reviews(actor: Actor, wanted: InboxFilter) -> Any:
    query: Any = (
        select(
            Review.kind.label("kind"),
            Review.id.label("id"),
            Product.name.label("title"),
            literal("").label("detail"),
            literal("").label("number"),
            Seller.id.label("seller_id"),
            Seller.name.label("seller_name"),
            SellerFacts.region_code.label("region_code"),
            Review.submitted_at.label("submitted_at"),
        )
        .join(Product, Product.id == Review.product_id)
        .join(Seller, Seller.id == Product.seller_id)
        .where(Review.state == ReviewState.WAITING)
    )
    if wanted.kind:
        query = query.where(Review.kind == wanted.kind)
    return _in_reach(query, actor, wanted, Product.name)


def _waiting_certificates(actor: Actor, wanted: InboxFilter) -> Any:
    query: Any = (
        select(
            literal("certificate").label("kind"),
            Certificate.id.label("id"),
            func.coalesce(Product.name, "").label("title"),
            (Certificate.kind + "|" + Certificate.name).label("detail"),
            Certificate.number.label("number"),
            Seller.id.label("seller_id"),
            Seller.name.label("seller_name"),
            SellerFacts.region_code.label("region_code"),
            Certificate.submitted_at.label("submitted_at"),
        )
        .join(Seller, Seller.id == Certificate.seller_id)
        .outerjoin(Product, Product.id == Certificate.product_id)
        .where(Certificate.state == CertificateState.WAITING)
    )
    return _in_reach(query, actor, wanted, Product.name, Certificate.number)


def _in_reach(query: Any, actor: Actor, wanted: InboxFilter, *names: Any) -> Any:
    """Of open sellers in the office's region, and what the filter asks for."""
    day = clock.today()
    query = query.join(
        SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day))
    ).where(is_open(day), regions.within(SellerFacts.region_code, actor.region))
    if wanted.district:
        query = query.where(regions.within(SellerFacts.region_code, wanted.district))
    for word in one_line(wanted.q).split()[:8]:
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in (*names, Seller.name))))
    return query


def _items(rows: Sequence[Any]) -> list[InboxItem]:
    codes = {row.region_code for row in rows}
    names = regions.names(codes | {code[:8] for code in codes})
    found = []
    for row in rows:
        parts = [names.get(row.region_code, ""), names.get(row.region_code[:8], "")]
        title = row.title
        if row.kind == "certificate":
            kind, _bar, name = row.detail.partition("|")
            title = papers.spoken(kind, name, row.number)
            title = f"{title} · {row.title}" if row.title else title
        found.append(
            InboxItem(
                kind=row.kind,
                id=row.id,
                title=title,
                seller_id=row.seller_id,
                seller_name=row.seller_name,
                place=", ".join(dict.fromkeys(part for part in parts if part)),
                submitted_at=row.submitted_at,
                days=_days(row.submitted_at),
            )
        )
    return found


def _days(moment: datetime | None) -> int:
    return (clock.today() - clock.wib_day(moment)).days if moment else 0


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
        days=_days(review.submitted_at),
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


def criteria_for(session: Session, category_id: int | None) -> tuple[list[rules.Wish], int]:
    """The criteria for a product of this category, and how many of the others it needs."""
    is_food = bool(session.scalar(select(Category.is_food).where(Category.id == category_id)))
    settings = session.get_one(CurationSettings, 1)
    scope = CriterionScope.FOOD if is_food else CriterionScope.NON_FOOD
    rows = session.scalars(
        select(Criterion)
        .where(Criterion.is_active, Criterion.scope.in_((CriterionScope.ALL, scope)))
        .order_by(Criterion.is_essential.desc(), Criterion.position, Criterion.id)
    )
    wishes = [rules.Wish(row.id, in_words(row), row.is_essential) for row in rows]
    needed = settings.others_food if is_food else settings.others_non_food
    return wishes, min(needed, sum(not wish.is_essential for wish in wishes))


def in_words(criterion: Criterion) -> str:
    """A criterion in the reader's language; in Indonesian where it has no other."""
    return criterion.label_en if language() == "en" and criterion.label_en else criterion.label


def criteria() -> Sequence[Criterion]:
    """Every criterion, active ones first, in order."""
    query = select(Criterion).order_by(Criterion.is_active.desc(), Criterion.position, Criterion.id)
    return db.session.scalars(query).all()


def settings() -> CurationSettings:
    """The office's numbers."""
    return db.session().get_one(CurationSettings, 1)


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
