"""A parcel of two makers' goods, agreed to and sold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.catalog.models import Product
from marketplace.orders.models import ParcelVersion
from marketplace.orders.services.parcels import (
    ComponentDraft,
    ParcelDraft,
    answer_parcel,
    propose_parcel,
)
from marketplace.organizations.models import Seller
from marketplace.permissions import Actor, Role
from tests import factories as make
from tests.orders.support import Trade, trade_of


@dataclass
class Hamper:
    """A trade in a parcel of Rp150.000: Rp40.000 for its work, Rp20.000 for tea, Rp90.000 for cakes."""

    trade: Trade
    baker: Seller
    other: Actor
    tea: Product
    cake: Product
    version: ParcelVersion


def hamper_of(*, agreed: bool = True, **product: Any) -> Hamper:
    """A parcel proposed by the trade's seller, and agreed to by the baker unless told otherwise."""
    trade = trade_of(**{"name": "Parsel Lebaran", "price_rupiah": 150_000, "unit": "parsel", **product})
    baker = make.seller(name="Roti Mekar", email="roti@contoh.example")
    tea = make.product(
        trade.seller, name="Teh melati", price_rupiah=20_000, unit="kotak", capacity_per_week=400
    )
    cake = make.product(
        baker, name="Kue kering nastar", price_rupiah=45_000, unit="toples", shelf_life_days=365
    )
    other = make.member(Role.SELLER_OWNER, seller_id=baker.id)
    draft = ParcelDraft(
        trade.product.id, [ComponentDraft(tea.id, 1, 20_000), ComponentDraft(cake.id, 2, 90_000)]
    )
    version = propose_parcel(actor=trade.maker, draft=draft)
    if agreed:
        version = answer_parcel(actor=other, version_id=version.id, accepts=True)
    return Hamper(trade, baker, other, tea, cake, version)
