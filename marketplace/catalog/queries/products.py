"""Single products: a seller's own list, cards by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from ... import clock, legal
from ...db import db
from ...permissions import Actor
from ...regions.models import Region
from ...regions.rules import Level
from ...texts import one_line
from .. import rules
from ..models import Category, Product, ProductState
from .card import CARD, ProductCard, joined, with_places
from .certificates import papers_of
from .readiness import DECLARED
from .search import Search, public_products


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
    query = joined(columns, day).where(Product.seller_id == seller_id, Product.main_id.is_(None))
    for word in one_line(q).split()[:8]:
        places = (Product.name, Product.sku, Category.path)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if state in set(ProductState):
        query = query.where(Product.state == state)
    query = query.order_by(Product.is_live.desc(), func.lower(Product.name), Product.id)
    rows = db.session.execute(query).all()
    lines = papers_of((row[-2].id for row in rows), day)
    listed = []
    for *values, product, is_food in rows:
        held = {line.kind for line in lines[product.id] if line.state != "expired"}
        missing = rules.missing_papers(
            is_food=is_food,
            shelf_life_days=product.shelf_life_days,
            has_pirt=bool(product.pirt_number) or rules.Paper.PIRT in held,
            has_bpom=bool(product.bpom_number) or rules.Paper.BPOM in held,
            has_halal=bool(product.halal_number)
            or product.halal_state in DECLARED
            or rules.Paper.HALAL in held,
            permit_free_below_days=permit_free,
        )
        papers = rules.papers_of(product.pirt_number, product.halal_number, product.bpom_number, day)
        listed.append(ListedProduct(ProductCard(*values), product.is_live, papers, missing))
    return listed


def own_product(actor: Actor, product_id: int) -> tuple[Product, str] | None:
    """A product of the actor's own seller with its category's path ('' for a draft); None: a stranger's."""
    query = (
        select(Product, func.coalesce(Category.path, ""))
        .outerjoin(Category, Category.id == Product.category_id)
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
