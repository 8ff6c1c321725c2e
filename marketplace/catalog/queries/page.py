"""A product's own page: all its facts in a fixed number of questions, whatever hangs on it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, bindparam, exists, func, or_, select

from ... import clock
from ...db import among, db
from ...organizations.models import Seller, SellerFacts, Verification
from ...permissions import Actor, Permission
from ...regions import queries as regions
from .. import rules
from ..models import Certificate, CertificateState, PriceTier, Product, ProductState
from ..rules.papers import Badge, PaperLine, label
from .card import CARD, ProductCard, closeness, joined, with_places
from .certificates import in_date, papers_of
from .search import Search, public_products

NEAREST_OF = 200
"""Similar products are the nearest among so many of the newest of a category: a bounded search."""
MAX_VARIANTS = 60


@dataclass(frozen=True)
class Tier:
    """From this quantity on one unit costs this much, so many percent below the price of one."""

    min_quantity: int
    price_rupiah: int
    percent_off: int


@dataclass(frozen=True)
class Variant:
    """A size, flavour or colour to choose; the main product is one of them."""

    id: int
    label: str
    price_rupiah: int
    url: str
    is_here: bool


@dataclass(frozen=True)
class ProductPage:
    """All that a product's page shows. Of a variant, what it shares is the main product's."""

    card: ProductCard
    main_id: int
    canonical_path: str
    axis: str
    description: str
    retail_price_rupiah: int | None
    min_order: int
    order_multiple: int
    lead_time_days: int | None
    capacity_per_week: int | None
    offers_consignment: bool
    gtin: str | None
    shelf_life_days: int | None
    storage: str | None
    origin: str
    ingredients: str
    allergens: list[str]
    material: str
    dimensions_mm: tuple[int | None, int | None, int | None]
    is_made_to_order: bool
    season: tuple[int, int] | None
    halal_state: str | None
    updated_at: datetime
    is_live: bool
    is_verified: bool
    has_storefront: bool
    is_phone_public: bool
    seller_phone: str | None
    seller_story: str
    seller_products: int
    village: str
    certificates: list[PaperLine]
    tiers: list[Tier] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)


OWN = (
    Product.main_id,
    Product.variant_name,
    Product.variant_axis,
    Product.category_id,
    Product.retail_price_rupiah,
    Product.min_order,
    Product.order_multiple,
    Product.lead_time_days,
    Product.capacity_per_week,
    Product.offers_consignment,
    Product.gtin,
    Product.is_made_to_order,
    Product.season_from,
    Product.season_to,
    Product.length_mm,
    Product.width_mm,
    Product.height_mm,
    Product.is_live.label("is_live"),
    Product.updated_at,
)
SHARED = (
    Product.description,
    Product.shelf_life_days,
    Product.storage,
    Product.origin_code,
    Product.ingredients,
    Product.allergens,
    Product.material,
    Product.halal_state,
)
IS_REFUSED_OR_WAITING = exists().where(
    Verification.seller_id == Seller.id,
    or_(Verification.decided_at.is_(None), Verification.decision == "rejected"),
)
MAKER = (
    Seller.merged_into_id,
    Seller.is_phone_public,
    Seller.phone,
    Seller.story,
    SellerFacts.verified_on,
    SellerFacts.revoked_on,
    SellerFacts.closed_on,
    IS_REFUSED_OR_WAITING.label("is_new"),
)


def product_page(actor: Actor, product_id: int) -> ProductPage | None:
    """A live product for everybody, any product for its seller and its office; None otherwise."""
    return product_pages(actor, [product_id]).get(product_id)


def product_pages(actor: Actor, product_ids: Sequence[int]) -> dict[int, ProductPage]:
    """The pages of some products, by id, without those that the actor may not see."""
    day = clock.today()
    rows = {row.id: row for row in _rows((*CARD, *OWN, *SHARED, *MAKER), product_ids)}
    main_ids = {row.main_id for row in rows.values() if row.main_id and row.main_id not in rows}
    mains = rows | ({row.id: row for row in _rows((*CARD, *OWN, *SHARED), main_ids)} if main_ids else {})
    shown = {key: row for key, row in rows.items() if _is_public(row, mains, day) or _may_look(actor, row)}
    if not shown:
        return {}
    cards = {
        card.id: card for card in with_places([ProductCard(*row[: len(CARD)]) for row in shown.values()])
    }
    codes = {row.region_code for row in shown.values()} | {row.origin_code for row in mains.values()}
    places = regions.full_names(code for code in codes if code)
    counts = _live_counts({row.seller_id for row in shown.values()}, day)
    tiers, variants = _tiers(shown.values()), _variants({row.main_id or row.id for row in shown.values()})
    papers, pages = papers_of(shown, day), {}
    for product_id in product_ids:
        if product_id not in shown:
            continue
        row = shown[product_id]
        main, is_public = mains[row.main_id or row.id], _is_public(row, mains, day)
        pages[product_id] = ProductPage(
            card=replace(cards[row.id], cover=main.cover),
            main_id=main.id,
            canonical_path=rules.product_path(main.id, main.name),
            axis=main.variant_axis,
            **{name: getattr(row, name) for name in _TAKEN_AS_IS},
            **{name: getattr(main, name) for name in _TAKEN_FROM_MAIN},
            origin=places.get(main.origin_code or "", ""),
            dimensions_mm=(row.length_mm, row.width_mm, row.height_mm),
            season=(row.season_from, row.season_to) if row.season_from and row.season_to else None,
            is_live=is_public,
            is_verified=not _is_closed(row, day) and _is_verified(row.verified_on, row.revoked_on, day),
            has_storefront=row.verified_on is not None or not row.is_new,
            seller_phone=row.phone if row.is_phone_public else None,
            seller_story=row.story,
            seller_products=counts.get(row.seller_id, 0),
            village=places[row.region_code],
            certificates=papers.get(row.id, []),
            tiers=tiers.get(row.id, []),
            variants=_choices(variants.get(main.id, []), row.id, only_live=is_public),
        )
    return pages


_TAKEN_AS_IS = (
    "retail_price_rupiah", "min_order", "order_multiple", "lead_time_days", "capacity_per_week",
    "offers_consignment", "gtin", "is_made_to_order", "updated_at", "is_phone_public",
)  # fmt: skip
_TAKEN_FROM_MAIN = (
    "description", "shelf_life_days", "storage", "ingredients", "allergens", "material", "halal_state",
)  # fmt: skip


def _rows(columns: tuple[Any, ...], product_ids: Iterable[int]) -> Sequence[Any]:
    return db.session.execute(_rows_today(columns), {"ids": list(set(product_ids))}).all()


@functools.cache
def _rows_today(columns: tuple[Any, ...]) -> Any:
    return joined(columns, clock.today()).where(among(Product.id, "ids"))


def _is_closed(row: Any, day: date) -> bool:
    return row.merged_into_id is not None or (row.closed_on is not None and row.closed_on <= day)


def _is_public(row: Any, mains: Mapping[int, Any], day: date) -> bool:
    """A variant is shown as long as its main product is."""
    return bool(row.is_live and mains[row.main_id or row.id].is_live and not _is_closed(row, day))


def _may_look(actor: Actor, row: Any) -> bool:
    """Its own people, and the office of its place."""
    return actor.seller_id == row.seller_id or (
        actor.can(Permission.REGISTRY_VIEW) and actor.sees_region(row.region_code)
    )


def _is_verified(verified_on: date | None, revoked_on: date | None, day: date) -> bool:
    return verified_on is not None and verified_on <= day and (revoked_on is None or day < revoked_on)


def _live_counts(seller_ids: set[int], day: date) -> dict[int, int]:
    return dict(db.session.execute(_live_counts_on(day), {"sellers": list(seller_ids)}).all())


@functools.lru_cache(maxsize=2)
def _live_counts_on(day: date) -> Any:
    query = public_products((Product.seller_id, func.count(Product.id)), Search(), day)
    return query.where(among(Product.seller_id, "sellers")).group_by(Product.seller_id)


def _tiers(rows: Iterable[Any]) -> dict[int, list[Tier]]:
    prices = {row.id: max(row.price_rupiah, 1) for row in rows}
    found: dict[int, list[Tier]] = {}
    for product_id, quantity, tier in db.session.execute(_tiers_of(), {"ids": list(prices)}):
        off = max(0, (prices[product_id] - tier) * 100 // prices[product_id])
        found.setdefault(product_id, []).append(Tier(quantity, tier, off))
    return found


@functools.cache
def _tiers_of() -> Any:
    return (
        select(PriceTier.product_id, PriceTier.min_quantity, PriceTier.price_rupiah)
        .where(among(PriceTier.product_id, "ids"))
        .order_by(PriceTier.product_id, PriceTier.min_quantity)
    )


def _variants(main_ids: set[int]) -> dict[int, list[Any]]:
    """The main products and their variants, by main product."""
    asked = {"ids": list(main_ids), "many": MAX_VARIANTS * len(main_ids)}
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(_variants_of(), asked):
        found.setdefault(row.main_id or row.id, []).append(row)
    return found


@functools.cache
def _variants_of() -> Any:
    columns = (
        Product.id,
        Product.main_id,
        Product.name,
        Product.variant_name,
        Product.price_rupiah,
        Product.state,
    )
    return (
        select(*columns)
        .where(or_(among(Product.id, "ids"), among(Product.main_id, "ids")))
        .order_by(Product.main_id.is_not(None), Product.id)
        .limit(bindparam("many"))
    )


def _choices(rows: Iterable[Any], here_id: int, *, only_live: bool) -> list[Variant]:
    """What there is to choose from; nothing when there is no choice."""
    found = [
        Variant(
            row.id,
            row.variant_name or row.name,
            row.price_rupiah,
            rules.product_path(row.id, row.name),
            row.id == here_id,
        )
        for row in rows
        if row.state == ProductState.LIVE or not only_live
    ]
    return found if len(found) > 1 else []


def similar_products(page: ProductPage, *, limit: int = 4) -> list[ProductCard]:
    """Live products of the same category by other makers, the nearest of the newest first."""
    card = page.card
    asked = {"id": card.id, "seller": card.seller_id, "near": card.region_code, "many": limit}
    rows = db.session.execute(_similar_on(clock.today()), asked)
    return with_places([ProductCard(*row) for row in rows])


@functools.lru_cache(maxsize=2)
def _similar_on(day: date) -> Any:
    category_id = select(Product.category_id).where(Product.id == bindparam("id")).scalar_subquery()
    newest = (
        select(Product.id)
        .where(
            Product.category_id == category_id,
            Product.seller_id != bindparam("seller"),
            Product.is_live,
            Product.main_id.is_(None),
        )
        .order_by(Product.id.desc())
        .limit(NEAREST_OF)
        .scalar_subquery()
    )
    near = closeness(SellerFacts.region_code, bindparam("near", type_=String))
    return (
        public_products(CARD, Search(), day)
        .where(Product.id.in_(newest))
        .order_by(near, Product.id.desc())
        .limit(bindparam("many"))
    )


def seller_badges(seller_id: int, day: date) -> list[Badge]:
    """The certificates of a business as a whole that the office verified and that hold on a day."""
    query = (
        select(Certificate.kind, Certificate.name, Certificate.number, Certificate.expires_on)
        .where(
            Certificate.seller_id == seller_id,
            Certificate.product_id.is_(None),
            Certificate.state == CertificateState.VERIFIED,
            in_date(day),
        )
        .order_by(Certificate.kind, Certificate.id)
    )
    return [
        Badge(kind, label(kind, name), number, expires_on)
        for kind, name, number, expires_on in db.session.execute(query)
    ]
