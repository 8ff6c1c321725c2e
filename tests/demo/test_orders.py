"""The demo city buys outright in every state, and every demo account has something to do with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace import audits, clock
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.db import db
from marketplace.demo.orders import PARCEL
from marketplace.orders.models import (
    CartLine,
    ClaimState,
    Order,
    OrderClaim,
    OrderShare,
    OrderState,
    Quote,
    StandingOrder,
)
from marketplace.orders.queries.disputes import DisputeFilter, disputes_of
from marketplace.orders.queries.offers import Offers, offers_of
from marketplace.orders.queries.orders import SELLERS_TURN
from marketplace.orders.queries.spend_reports import local_spend, spending_of
from marketplace.orders.queries.supply import supply_of
from marketplace.orders.queries.waiting import company_orders, seller_orders
from marketplace.orders.rules.buying import wrong_with
from marketplace.organizations.models import OfficeBuyer, Seller
from marketplace.organizations.queries.actors import actor_of
from marketplace.payments.models import Refund
from marketplace.permissions import Actor

pytestmark = pytest.mark.usefixtures("city")
NOT_THERE = {OrderState.REFUSED, OrderState.RECEIVED}
"""A no to a cart is what visitors try; goods that were received are billed in the same moment."""


def actor(name: str) -> Actor:
    user = db.session.scalars(select(User).where(User.email == f"{name}@peraga.example")).one()
    return actor_of(user)


def test_orders_stand_in_every_state_that_lasts():
    states = set(db.session.scalars(select(Order.state)))
    assert states == set(OrderState) - NOT_THERE


def test_claims_wait_for_the_maker_and_for_the_office():
    states = set(db.session.scalars(select(OrderClaim.state)))
    assert states == {ClaimState.OPEN, ClaimState.REFERRED}
    assert disputes_of(actor("petugas"), DisputeFilter())[1] == {"referred": 1}


def test_the_office_bought_parcels_of_several_makers_under_a_number_of_procurement():
    office_id = db.session.scalars(select(OfficeBuyer.operator_id)).one()
    parcels = db.session.scalars(
        select(Order.id).where(Order.operator_id == office_id, Order.procurement_ref == "EP-2026-0533")
    ).one()
    makers = select(func.count()).where(OrderShare.order_id == parcels, OrderShare.billed_rupiah > 0)
    assert db.session.scalar(makers) == 4


def test_a_hotel_can_order_150_parcels_at_once():
    product_id = db.session.scalars(select(Product.id).where(Product.name == PARCEL)).one()
    offer = offers_of([product_id]).by_product[product_id]
    assert wrong_with(offer, 150, clock.today()) is None
    first = clock.today() + timedelta(days=7)
    supply = supply_of(Offers({product_id: offer}, {}), [(product_id, 150)], first, makes_rest=False)
    assert (supply.short, supply.lacking) == ([], [])


def test_reports_of_spending_show_something_and_are_whole():
    year = (clock.today().replace(month=1, day=1), clock.today())
    found = local_spend(actor("kepala"), *year)
    assert found.is_whole
    assert found.whole.sellers >= 5
    assert len(found.own.parts) == 2
    assert {part.key for part in found.cuts["buyer_kind"].parts} >= {"office", "hotel", "souvenir_centre"}
    for name in ("bagas", "laksmi", "hesti"):
        mine = spending_of(actor(name), *year)
        assert mine.rows
        assert mine.is_whole


def test_everybody_finds_something_to_do():
    waiting = seller_orders(actor("sri"))
    assert {row.state for row in waiting.orders} == set(SELLERS_TURN)
    assert waiting.claims
    assert waiting.refunds
    assert company_orders(actor("bagas")).approvals
    assert company_orders(actor("kepala")).to_pay
    assert db.session.scalar(select(func.count()).select_from(CartLine)) == 2
    assert {row.state for row in db.session.scalars(select(Quote))} == {"asked", "offered"}
    assert db.session.scalar(select(func.count()).select_from(StandingOrder)) == 1
    assert set(db.session.scalars(select(Refund.state))) == {"due", "sent"}


def test_every_maker_says_where_it_is_paid():
    silent = select(Seller.seller_ref).where(Seller.seller_ref.like("U-%"), Seller.bank_name == "")
    assert db.session.scalars(silent).all() == []


def test_nothing_of_it_is_booked_wrong():
    assert list(audits.differences()) == []
