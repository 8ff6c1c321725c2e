"""Single products: the public page, a seller's own list, cards by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from ... import clock, legal
from ...db import db
from ...organizations.models import Seller, SellerFacts
from ...permissions import Actor, Permission
from ...regions import queries as regions
from ...regions.models import Region
from ...regions.rules import Level
from ...texts import one_line
from .. import rules
from ..models import Category, Product, ProductState
from .card import CARD, ProductCard, closeness, joined, with_places
from .search import Search, public_products


@dataclass(frozen=True)
class ProductPage:
    """All that a product's page shows."""

    card: ProductCard
    description: str
    retail_price_rupiah: int | None
    min_order: int
    order_multiple: int
    gtin: str | None
    shelf_life_days: int | None
    is_live: bool
    is_verified: bool
    is_phone_public: bool
    seller_phone: str | None
    seller_story: str
    seller_products: int
    village: str
    certificates: list[rules.Certificate]


def product_page(actor: Actor, product_id: int) -> ProductPage | None:
    """A live product for everybody, any product for its seller and its office; None otherwise."""
    day = clock.today()
    row = db.session.execute(
        joined(
            (*CARD, Product, Seller, SellerFacts.verified_on, SellerFacts.revoked_on, SellerFacts.closed_on),
            day,
        ).where(Product.id == product_id)
    ).one_or_none()
    if row is None:
        return None
    *values, product, seller, verified_on, revoked_on, closed_on = row
    card = ProductCard(*values)
    is_closed = seller.merged_into_id is not None or (closed_on is not None and closed_on <= day)
    is_public = product.is_live and not is_closed
    is_own = actor.seller_id == seller.id or (
        actor.can(Permission.REGISTRY_VIEW) and actor.sees_region(card.region_code)
    )
    if not (is_public or is_own):
        return None
    counted = public_products((func.count(Product.id),), Search(seller_id=seller.id), day)
    return ProductPage(
        card=with_places([card])[0],
        description=product.description,
        retail_price_rupiah=product.retail_price_rupiah,
        min_order=product.min_order,
        order_multiple=product.order_multiple,
        gtin=product.gtin,
        shelf_life_days=product.shelf_life_days,
        is_live=is_public,
        is_verified=_is_verified(verified_on, revoked_on, day) and not is_closed,
        is_phone_public=seller.is_phone_public,
        seller_phone=seller.phone if seller.is_phone_public else None,
        seller_story=seller.story,
        seller_products=int(db.session.scalar(counted) or 0),
        village=regions.full_name(card.region_code),
        certificates=rules.papers_of(product.pirt_number, product.halal_number, product.bpom_number, day),
    )


def _is_verified(verified_on: date | None, revoked_on: date | None, day: date) -> bool:
    return verified_on is not None and verified_on <= day and (revoked_on is None or day < revoked_on)


def similar_products(page: ProductPage, *, limit: int = 4) -> list[ProductCard]:
    """Live products of the same category by other makers, the nearest first."""
    day = clock.today()
    query = (
        public_products(CARD, Search(categories=(page.card.category,)), day)
        .where(Product.seller_id != page.card.seller_id)
        .order_by(closeness(SellerFacts.region_code, page.card.region_code), Product.id.desc())
        .limit(limit)
    )
    return with_places([ProductCard(*row) for row in db.session.execute(query)])


@dataclass(frozen=True)
class ListedProduct:
    """A product in its seller's own list."""

    card: ProductCard
    is_live: bool
    certificates: list[rules.Certificate]
    missing: list[rules.Paper]


def permit_free_below_days() -> int:
    """Fresh food that keeps fewer days than this needs no permit number; 0 where the law names none."""
    return legal.values_on(db.session(), clock.today()).get("food.permit_free_below_days", 0)


def products_of_seller(seller_id: int, *, q: str = "", state: str = "") -> list[ListedProduct]:
    """A seller's own products, live ones first, by name."""
    day, permit_free = clock.today(), permit_free_below_days()
    columns = (*CARD, Product, Category.is_food)
    query = joined(columns, day).where(Product.seller_id == seller_id)
    for word in one_line(q).split()[:8]:
        places = (Product.name, Product.sku, Category.path)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if state in set(ProductState):
        query = query.where(Product.state == state)
    query = query.order_by(Product.is_live.desc(), func.lower(Product.name), Product.id)
    listed = []
    for *values, product, is_food in db.session.execute(query):
        missing = rules.missing_papers(
            is_food=is_food,
            shelf_life_days=product.shelf_life_days,
            has_pirt=bool(product.pirt_number),
            has_bpom=bool(product.bpom_number),
            has_halal=bool(product.halal_number),
            permit_free_below_days=permit_free,
        )
        papers = rules.papers_of(product.pirt_number, product.halal_number, product.bpom_number, day)
        listed.append(ListedProduct(ProductCard(*values), product.is_live, papers, missing))
    return listed


def count_by_state(seller_id: int) -> dict[str, int]:
    """How many of a seller's products are live and how many stand elsewhere, by state."""
    query = select(Product.state, func.count()).where(Product.seller_id == seller_id).group_by(Product.state)
    counts = dict(db.session.execute(query).all())
    return {state.value: counts.get(state.value, 0) for state in ProductState}


def own_product(actor: Actor, product_id: int) -> tuple[Product, str] | None:
    """A product of the actor's own seller with its category's path; None when it is a stranger's."""
    query = (
        select(Product, Category.path)
        .join(Category, Category.id == Product.category_id)
        .where(Product.id == product_id, Product.seller_id == actor.seller_id)
    )
    row = db.session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def cards(product_ids: Sequence[int]) -> list[ProductCard]:
    """Cards of products by id, live or not, by name."""
    query = joined(CARD, clock.today()).where(Product.id.in_(product_ids)).order_by(Product.name)
    return with_places([ProductCard(*row) for row in db.session.execute(query)])


def live_cards_of_sellers(seller_ids: Sequence[int]) -> dict[int, list[ProductCard]]:
    """The live products of some sellers, newest first, by seller."""
    query = (
        public_products(CARD, Search(), clock.today())
        .where(Product.seller_id.in_(seller_ids))
        .order_by(Product.id.desc())
    )
    found: dict[int, list[ProductCard]] = {seller_id: [] for seller_id in seller_ids}
    for row in db.session.execute(query):
        card = ProductCard(*row)
        found[card.seller_id].append(card)
    return found


def regency_names() -> dict[str, str]:
    """Regencies and cities by code, to check a P-IRT number against."""
    query = select(Region.code, Region.name).where(Region.level == Level.CITY)
    return dict(db.session.execute(query).all())
