"""What products are sold as at this moment, and under which terms: few statements, each built once."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from ... import clock
from ...catalog.models import PriceTier, Product, ProductState
from ...catalog.values import TierValues
from ...db import among, db
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_today
from ..models import Parcel, ReadyStock, SellingTerms
from ..rules.buying import Offer
from ..rules.parcels import Content
from ..rules.terms import DEFAULTS, Terms
from .parcels import components_of, is_open

_TERMS = tuple(Terms.__dataclass_fields__)


class Maker(NamedTuple):
    """The seller of what is bought, as far as an order needs it."""

    id: int
    name: str
    region_code: str
    terms: Terms


class Offers(NamedTuple):
    """Offers by product, and their sellers."""

    by_product: dict[int, Offer]
    makers: dict[int, Maker]


def offers_of(product_ids: Collection[int]) -> Offers:
    """What these products are sold as now; those that do not exist are absent."""
    if not product_ids:
        return Offers({}, {})
    asked, day = {"ids": list(product_ids)}, clock.today()
    offers, makers = {}, {}
    rows = db.session.connection().execute(_products(), asked).all()
    tiers = _tiers([row.id for row in rows if row.has_tiers])
    parcels = [row.id for row in rows if row.is_parcel]
    contents = components_of(db.session(), parcels) if parcels else {}
    for row in rows:
        if row.seller_id not in makers:
            makers[row.seller_id] = _maker(row)
        offers[row.id] = Offer(
            product_id=row.id,
            seller_id=row.seller_id,
            name=row.name,
            sku=row.sku,
            unit=row.unit,
            price_rupiah=row.price_rupiah,
            tiers=tiers.get(row.id, ()),
            min_order=row.min_order,
            multiple=row.order_multiple,
            lead_days=row.lead_time_days or 0,
            capacity=row.capacity_per_week,
            ready=None if row.on_hand is None else row.on_hand - row.reserved,
            is_made_to_order=row.is_made_to_order,
            is_sold=_is_sold(row, day),
        )
        if row.id in contents:
            offers[row.id] = _as_parcel(offers[row.id], contents[row.id])
    return Offers(offers, makers)


def _maker(row: Any) -> Maker:
    terms = DEFAULTS if row.said_terms is None else Terms(*row[-len(_TERMS) :])
    return Maker(row.seller_id, row.seller_name, row.region_code, terms)


def terms_of(seller_ids: Collection[int]) -> dict[int, Terms]:
    """How each of these sellers sells; the defaults where it said nothing."""
    rows = db.session.connection().execute(_terms(), {"ids": list(seller_ids)})
    said = {row[0]: Terms(*row[1:]) for row in rows}
    return {seller_id: said.get(seller_id, DEFAULTS) for seller_id in seller_ids}


def _as_parcel(offer: Offer, content: Content) -> Offer:
    """Of a parcel there is what its components allow."""
    return replace(
        offer,
        content=content,
        ready=content.ready,
        capacity=content.capacity,
        lead_days=max(offer.lead_days, content.lead_days),
    )


def _is_sold(row: Any, day: date) -> bool:
    is_shown = row.is_live and row.main_state in {None, ProductState.LIVE}
    return bool(is_open(row, day) and is_shown and row.price_rupiah)


@functools.cache
def _products() -> Any:
    main = aliased(Product)
    return (
        select(
            Product.id, Product.seller_id, Product.name, Product.sku, Product.unit, Product.price_rupiah,
            Product.min_order, Product.order_multiple, Product.lead_time_days, Product.capacity_per_week,
            Product.is_made_to_order,
            Product.is_live.label("is_live"), main.state.label("main_state"),
            Seller.name.label("seller_name"), Seller.merged_into_id, SellerFacts.region_code,
            SellerFacts.closed_on, ReadyStock.on_hand, ReadyStock.reserved,
            Parcel.product_id.is_not(None).label("is_parcel"),
            exists().where(PriceTier.product_id == Product.id).label("has_tiers"),
            SellingTerms.seller_id.label("said_terms"), *_said(),
        )
        .select_from(Product)
        .join(Seller, Seller.id == Product.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_today(SellerFacts)))
        .outerjoin(SellingTerms, SellingTerms.seller_id == Seller.id)
        .outerjoin(main, main.id == Product.main_id)
        .outerjoin(ReadyStock, ReadyStock.product_id == Product.id)
        .outerjoin(Parcel, Parcel.product_id == Product.id)
        .where(among(Product.id, "ids"))
    )  # fmt: skip


def _tiers(product_ids: list[int]) -> dict[int, list[TierValues]]:
    if not product_ids:
        return {}
    found: dict[int, list[TierValues]] = {}
    asked = {"ids": product_ids}
    for product_id, quantity, price in db.session.connection().execute(_price_tiers(), asked):
        found.setdefault(product_id, []).append(TierValues(quantity, price))
    return found


@functools.cache
def _price_tiers() -> Any:
    return (
        select(PriceTier.product_id, PriceTier.min_quantity, PriceTier.price_rupiah)
        .where(among(PriceTier.product_id, "ids"))
        .order_by(PriceTier.product_id, PriceTier.min_quantity)
    )


@functools.cache
def _terms() -> Any:
    return select(SellingTerms.seller_id, *_said()).where(among(SellingTerms.seller_id, "ids"))


def _said() -> list[Any]:
    return [getattr(SellingTerms, name) for name in _TERMS]
