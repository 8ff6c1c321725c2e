"""What may be bought, at which price and how: rules that hold for any numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.values import TierValues
from marketplace.orders.models import PaymentPlan, ShippingKind
from marketplace.orders.rules.buying import (
    MAX_UNITS,
    Offer,
    Trouble,
    advance_of,
    counted_since,
    earliest_day,
    least_quantity,
    needs_approval,
    plans_of,
    price_change,
    shipping_cost,
    shippings_of,
    wrong_days,
    wrong_with,
)
from marketplace.orders.rules.drafts import CheckoutDraft, LineDraft, SellerDraft
from marketplace.orders.rules.selling import check_terms
from marketplace.orders.rules.terms import DEFAULTS, Terms

TODAY = date(2026, 11, 22)
small = st.integers(1, 500)


@st.composite
def offers(draw):
    """Any product that its maker could list: prices fall as quantities rise."""
    price = draw(st.integers(1, 10**9))
    froms = sorted(draw(st.sets(st.integers(2, 5_000), max_size=5)))
    prices = sorted(draw(st.lists(st.integers(1, price), min_size=len(froms), max_size=len(froms))))
    tiers = [TierValues(quantity, cost) for quantity, cost in zip(froms, reversed(prices), strict=True)]
    ready = draw(st.none() | st.integers(0, 2_000))
    return Offer(
        1, 1, "Keripik", "K-1", "", price, tiers, min_order=draw(small), multiple=draw(small), ready=ready,
        lead_days=draw(st.integers(0, 90)), capacity=draw(st.none() | st.integers(1, 2_000)),
    )  # fmt: skip


@given(offers(), st.integers(1, 6_000), st.integers(0, 500))
def test_more_units_never_cost_more_each(offer, quantity, more):
    assert offer.unit_price(quantity + more) <= offer.unit_price(quantity) <= offer.price_rupiah
    assert offer.least_price <= offer.unit_price(quantity)


@given(offers())
def test_the_least_that_can_be_ordered_is_the_smallest_multiple_that_reaches_the_minimum(offer):
    least = offer.least
    assert least >= offer.min_order
    assert least % offer.multiple == 0
    assert least - offer.multiple < offer.min_order


@given(offers(), st.integers(-10, MAX_UNITS + 10))
def test_what_is_allowed_is_enough_even_and_there_and_what_is_not_says_so(offer, quantity):
    wrong = wrong_with(offer, quantity, TODAY)
    fits = offer.least <= quantity <= MAX_UNITS and quantity % offer.multiple == 0
    is_there = offer.ready is None or quantity <= offer.ready
    is_made = offer.capacity is None or quantity <= offer.capacity
    assert (wrong is None) is (fits and is_there and is_made)
    assert wrong is None or wrong.sentence.endswith((".", "penjual."))


@given(offers(), st.integers(1, MAX_UNITS))
def test_what_the_sentence_offers_instead_can_be_ordered(offer, quantity):
    offer = replace(offer, capacity=None)
    wrong = wrong_with(offer, quantity, TODAY)
    if wrong and wrong.trouble is Trouble.TOO_FEW and offer.ready is None:
        assert wrong_with(offer, offer.least, TODAY) is None
    if wrong and wrong.trouble is Trouble.NOT_A_MULTIPLE and offer.ready is None:
        below = quantity // offer.multiple * offer.multiple
        assert wrong_with(offer, below, TODAY) is None
        assert wrong_with(offer, below + offer.multiple, TODAY) is None or below + offer.multiple > MAX_UNITS


def test_more_than_a_week_can_make_is_said_before_the_checkout_and_how_to_order_it():
    parcel = Offer(1, 1, "Parsel", "P-1", "", 75_000, capacity=61, multiple=5)
    assert wrong_with(parcel, 60, TODAY) is None
    wrong = wrong_with(parcel, 150, TODAY)
    assert wrong is not None
    assert wrong.sentence.startswith("Dapur sanggup 60 seminggu.")


@given(small, small)
def test_least_quantity_is_a_multiple(min_order, multiple):
    assert least_quantity(min_order, multiple) % multiple == 0


@given(st.lists(st.tuples(offers(), st.integers(1, 3_000)), max_size=5))
def test_the_earliest_day_waits_for_what_has_to_be_made(wanted):
    first = earliest_day(wanted, TODAY)
    to_make = [offer.lead_days for offer, quantity in wanted if offer.ready is None or quantity > offer.ready]
    assert first == TODAY + timedelta(days=max(to_make, default=0))
    assert wrong_days(first, first, earliest=first, today=TODAY) == {}
    assert "deliver_from" in wrong_days(first - timedelta(days=1), first, earliest=first, today=TODAY)


terms = st.builds(
    Terms,
    delivers=st.booleans(),
    shipping_rupiah=st.none() | st.integers(0, 10**6),
    free_from_rupiah=st.none() | st.integers(0, 10**7),
    offers_pickup=st.booleans(),
    quotes_shipping=st.booleans(),
    takes_before=st.booleans(),
    takes_on_delivery=st.booleans(),
    advance_percent=st.integers(0, 100),
    due_days=st.integers(0, 366),
    answer_days=st.integers(1, 14),
)


@given(terms, st.booleans())
def test_terms_that_may_be_kept_leave_a_way_to_come_and_a_way_to_pay(said, is_pre_order):
    if not check_terms(said):
        assert shippings_of(said)
        assert plans_of(said, is_pre_order=is_pre_order)


@given(terms, st.sampled_from(ShippingKind), st.integers(0, 10**9), st.integers(0, 10**9))
def test_buying_more_never_makes_the_way_dearer(said, kind, goods, more):
    assert shipping_cost(said, kind, goods + more) <= shipping_cost(said, kind, goods)
    assert shipping_cost(said, ShippingKind.PICKUP, goods) == 0


@given(terms, st.sampled_from(PaymentPlan), st.integers(0, 10**15))
def test_an_advance_is_a_part_of_the_total(said, plan, total):
    assert 0 <= advance_of(plan, total, said) <= total


def test_the_defaults_can_be_sold_under():
    assert check_terms(DEFAULTS) == {}
    assert shippings_of(DEFAULTS) == [ShippingKind.PICKUP, ShippingKind.QUOTED]
    assert plans_of(DEFAULTS, is_pre_order=False) == [PaymentPlan.BEFORE, PaymentPlan.ON_DELIVERY]
    assert plans_of(DEFAULTS, is_pre_order=True) == [PaymentPlan.ADVANCE, PaymentPlan.BEFORE]


@pytest.mark.parametrize(
    ("total", "most", "alone", "waits"),
    [
        (100, 100, 0, False),
        (101, 100, 0, True),
        (60, 100, 40, False),
        (60, 100, 41, True),
        (10**9, None, 10**9, False),
    ],
)
def test_who_has_to_wait_for_a_manager(total, most, alone, waits):
    assert needs_approval(total, most, alone) is waits


def test_what_counts_towards_a_limit_is_of_today_and_the_six_days_before():
    assert counted_since(TODAY) == TODAY - timedelta(days=6)


def test_a_price_is_news_only_when_it_changed():
    assert price_change(15_000, 15_000) == ""
    assert price_change(15_000, 15_001).startswith("Harga naik")
    assert price_change(15_000, 14_999).startswith("Harga turun")


def part(**changes):
    values = {
        "seller_id": 1, "lines": [LineDraft(1, 2, 3)], "deliver_from": TODAY, "deliver_to": TODAY,
        "shipping_kind": ShippingKind.PICKUP, "payment_plan": PaymentPlan.BEFORE,
    }  # fmt: skip
    return SellerDraft(**{**values, **changes})


def test_two_drafts_are_the_same_whatever_the_order_of_their_sellers():
    one, other = part(), part(seller_id=2)
    assert CheckoutDraft("a", [one, other]).content_hash == CheckoutDraft("b", [other, one]).content_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [LineDraft(1, 3, 3)]}, {"lines": [LineDraft(2, 2, 3)]}, {"lines": [LineDraft(1, 2, 4)]},
        {"lines": [LineDraft(1, 2, 3, "Selamat")]}, {"deliver_to": TODAY + timedelta(days=1)},
        {"shipping_kind": ShippingKind.QUOTED}, {"payment_plan": PaymentPlan.LATER}, {"outlet_id": 1},
        {"recipient": "a"}, {"phone": "a"}, {"address": "a"}, {"note": "a"}, {"procurement_ref": "a"},
        {"seen_shipping_rupiah": 0},
    ],
)  # fmt: skip
def test_a_draft_that_says_anything_else_is_another(changes):
    assert CheckoutDraft("a", [part()]).content_hash != CheckoutDraft("a", [part(**changes)]).content_hash
