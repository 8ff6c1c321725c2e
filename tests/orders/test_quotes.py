"""Asked, answered, countered, agreed: an order at the prices of the version that both said yes to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace import clock
from marketplace.catalog.models import Product
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, InvalidInput, MarketplaceError, NotFound, RuleBroken
from marketplace.orders.models import (
    CartLine,
    OrderState,
    PaymentPlan,
    QuoteState,
    QuoteVersion,
)
from marketplace.orders.rules.quotes import (
    OPEN,
    QUOTE_ACTS,
    QUOTE_WORDS,
    QuoteVerb,
    quote_verbs,
    require_quote,
)
from marketplace.orders.rules.reserving import NotEnough
from marketplace.orders.rules.states import OrderSide
from marketplace.orders.services import approval, asking, cart, quotes
from marketplace.orders.services.reservations import count_ready
from marketplace.organizations.models import Seller
from marketplace.payments.models import Payable
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.quoting import ask, offered, order_of, quote_state, terms, versions_of
from tests.orders.support import (
    draft_part,
    limit,
    lines_of,
    place_order,
    reservations_of,
    state_of,
    steps_of,
    stock_of,
    trade_of,
)
from tests.support.together import at_once


def change(product, **values):
    with unit_of_work() as session:
        row = session.get_one(Product, product.id)
        for name, value in values.items():
            setattr(row, name, value)


# --- the talk ----------------------------------------------------------------------------------------------


def test_a_buyer_asks_without_prices_and_nothing_is_promised(trade):
    quote = ask(trade)
    assert (quote.number, quote_state(quote)) == ("PP/2026/0001", QuoteState.ASKED)
    assert versions_of(quote) == [(1, "buyer", None)]
    assert quote.due_at is not None
    assert clock.wib_day(quote.due_at) == clock.today() + timedelta(days=7)


def test_the_same_form_sent_twice_asks_once(trade):
    part = draft_part(trade.seller.id, [(trade.product.id, 5)], outlet_id=trade.outlet.id)
    first, second = (asking.ask(actor=trade.buyer, client_key="a", part=part) for _turn in range(2))
    assert first.id == second.id


def test_asking_out_of_the_cart_takes_the_goods_out_of_it(trade):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=20)
    ask(trade, 20)
    assert db.session.scalar(select(CartLine.quantity)) == 20
    ask(trade, 20, from_cart=True)
    db.session.rollback()
    assert db.session.scalar(select(CartLine.quantity)) is None


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"quantity": 0}, "quantity-"),
        ({"deliver_from": date(2026, 1, 1)}, "deliver_from"),
        ({"shipping_kind": "quoted"}, "shipping_kind"),
        ({"outlet_id": 0}, "outlet_id"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(trade, how, field):
    with pytest.raises(InvalidInput) as refused:
        ask(trade, **how)
    assert any(name.startswith(field) for name in refused.value.fields)


def test_every_version_is_kept_and_the_database_refuses_to_change_one(trade):
    quote = offered(trade)
    quotes.counter(actor=trade.buyer, quote_id=quote.id, version=2, terms=terms(trade, 11_000))
    quotes.offer(actor=trade.maker, quote_id=quote.id, version=3, terms=terms(trade, 11_500))
    expected = [None, 200 * 12_000, 200 * 11_000, 200 * 11_500]
    assert [total for *_rest, total in versions_of(quote)] == [total and total + 25_000 for total in expected]
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(text("UPDATE quote_versions SET note = 'lain'"))


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"price": 0}, "price-"),
        ({"price": 10_000_000_001, "quantity": 1}, "price-"),
        ({"quantity": -1}, "quantity-"),
        ({"quantity": 0}, "lines"),
        ({"payment_plan": PaymentPlan.LATER}, "due_days"),
        ({"advance_percent": 0}, "advance_percent"),
        ({"valid_days": 11}, "valid_days"),
        ({"valid_days": 0}, "valid_days"),
        ({"shipping_rupiah": -1}, "shipping_rupiah"),
    ],
)
def test_what_cannot_be_offered_is_said_at_its_field(trade, how, field):
    quote = ask(trade)
    with pytest.raises(InvalidInput) as refused:
        quotes.offer(actor=trade.maker, quote_id=quote.id, version=1, terms=terms(trade, **how))
    assert any(name.startswith(field) for name in refused.value.fields)


def test_a_stranger_finds_nothing_and_staff_of_the_seller_may_not_answer(trade):
    quote, stranger = ask(trade), trade_of()
    for actor in (stranger.maker, stranger.buyer):
        with pytest.raises(NotFound):
            quotes.withdraw(actor=actor, quote_id=quote.id, version=1)
    staff = make.member(Role.SELLER_STAFF, seller_id=trade.seller.id)
    with pytest.raises(MarketplaceError) as refused:
        quotes.decline(actor=staff, quote_id=quote.id, version=1, reason="Penuh")
    assert refused.value.code == "forbidden"


def test_an_answer_to_an_older_version_is_refused(trade):
    quote = offered(trade)
    quotes.offer(actor=trade.maker, quote_id=quote.id, version=2, terms=terms(trade, 13_000))
    with pytest.raises(Conflict) as refused:
        quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    assert refused.value.code == "quote_changed"


def test_a_seller_that_was_merged_is_answered_for_by_the_one_that_stayed(trade):
    quote, kept = ask(trade), make.seller()
    with unit_of_work() as session:
        session.get_one(Seller, trade.seller.id).merged_into_id = kept.id
    other = make.member(Role.SELLER_OWNER, seller_id=kept.id)
    quotes.decline(actor=other, quote_id=quote.id, version=1, reason="Sudah tutup")
    assert quote_state(quote) is QuoteState.DECLINED


# --- the order ---------------------------------------------------------------------------------------------


def test_an_accepted_offer_is_a_confirmed_order_at_its_prices_not_the_catalogues(trade):
    quote = offered(trade)
    change(trade.product, price_rupiah=99_000)
    quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    order = order_of(quote)
    (line,) = lines_of(order)
    assert (line.quantity, line.unit_price_rupiah) == (200, 12_000)
    assert (order.shipping_rupiah, order.total_rupiah, order.advance_rupiah) == (25_000, 2_425_000, 727_500)
    assert steps_of(order) == [("place", "placed"), ("confirm", "awaiting_payment")]
    assert [(row.quantity, row.state) for row in reservations_of(order)] == [(200, "held")]
    assert db.session.scalar(select(Payable.amount_rupiah).where(Payable.kind == "advance")) == 727_500


def test_a_seller_accepts_what_the_buyer_countered(trade):
    quote = offered(trade)
    later = terms(trade, 11_000, payment_plan=PaymentPlan.LATER, due_days=30)
    quotes.counter(actor=trade.buyer, quote_id=quote.id, version=2, terms=later)
    quotes.accept(actor=trade.maker, quote_id=quote.id, version=3)
    order = order_of(quote)
    assert (order.total_rupiah, order.due_days, order.advance_rupiah) == (2_225_000, 30, 0)
    assert state_of(order) is OrderState.CONFIRMED
    assert order.created_by == trade.buyer.user_id


def test_units_are_promised_only_when_it_is_accepted_and_too_few_change_nothing(trade):
    count_ready(actor=trade.maker, product_id=trade.product.id, on_hand=200)
    quote = offered(trade)
    assert stock_of(trade.product) == (200, 0)
    place_order(trade, 50)
    with pytest.raises(NotEnough) as refused:
        quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    assert "150" in refused.value.message
    assert quote_state(quote) is QuoteState.OFFERED
    assert stock_of(trade.product) == (200, 50)


def test_a_product_that_was_paused_meanwhile_is_not_ordered(trade):
    quote = offered(trade)
    change(trade.product, state="paused")
    with pytest.raises(RuleBroken) as refused:
        quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    assert "Keripik tempe" in refused.value.message
    assert quote_state(quote) is QuoteState.OFFERED


def test_below_the_sellers_minimum_may_be_agreed_on(trade):
    change(trade.product, min_order=500)
    quote = offered(trade)
    quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    assert state_of(order_of(quote)) is OrderState.AWAITING_PAYMENT


def test_above_the_persons_limit_the_order_waits_and_is_confirmed_with_the_managers_yes(trade):
    limit(trade.operator, 1_000_000)
    quote = offered(trade, actor=trade.staff)
    quotes.accept(actor=trade.staff, quote_id=quote.id, version=2)
    order = order_of(quote)
    assert state_of(order) is OrderState.AWAITING_APPROVAL
    approval.approve(actor=trade.buyer, checkout_id=order.checkout_id)
    assert steps_of(order)[1:] == [("approve", "placed"), ("confirm", "awaiting_payment")]


def test_the_limit_of_whoever_countered_holds_when_the_seller_accepts(trade):
    limit(trade.operator, 1_000_000)
    quote = offered(trade, actor=trade.staff)
    quotes.counter(actor=trade.staff, quote_id=quote.id, version=2, terms=terms(trade, 11_000))
    quotes.accept(actor=trade.maker, quote_id=quote.id, version=3)
    assert state_of(order_of(quote)) is OrderState.AWAITING_APPROVAL


def test_goods_of_an_accepted_quotation_stay_in_the_cart(trade):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=20)
    quote = offered(trade)
    quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    assert db.session.scalar(select(CartLine.quantity)) == 20


# --- the clock ---------------------------------------------------------------------------------------------


def test_what_nobody_answered_expires_once_and_cannot_be_accepted_before_the_worker_came(trade):
    quote = offered(trade)
    assert quote.due_at is not None
    with clock.frozen(quote.due_at + timedelta(minutes=1)):
        with pytest.raises(RuleBroken) as refused:
            quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
        assert refused.value.code == "quote_expired"
        assert quotes.expire_overdue() == 1
        assert quotes.expire_overdue() == 0
    assert quote_state(quote) is QuoteState.EXPIRED


def test_what_was_answered_in_time_does_not_expire(trade):
    quote = offered(trade)
    quotes.decline(actor=trade.buyer, quote_id=quote.id, version=2, reason="Terlalu mahal")
    with clock.frozen(clock.now() + timedelta(days=90)):
        assert quotes.expire_overdue() == 0


# --- the table ---------------------------------------------------------------------------------------------


def test_the_table_names_every_state_and_allows_nothing_after_the_end():
    assert set(QUOTE_WORDS) == set(QuoteState)
    for state in set(QuoteState) - OPEN:
        for act in QUOTE_ACTS:
            with pytest.raises(RuleBroken) as refused:
                require_quote(act.verb, state, act.side)
            assert refused.value.code == f"quote_{state}"


def test_nobody_accepts_what_they_wrote_themselves():
    everything = {act.permission for act in QUOTE_ACTS if act.permission}
    assert QuoteVerb.ACCEPT not in quote_verbs(QuoteState.OFFERED, OrderSide.SELLER, everything)
    assert QuoteVerb.ACCEPT not in quote_verbs(QuoteState.COUNTERED, OrderSide.BUYER, everything)
    with pytest.raises(RuleBroken) as refused:
        require_quote(QuoteVerb.ACCEPT, QuoteState.OFFERED, OrderSide.SELLER)
    assert refused.value.code == "quote_not_your_turn"


# --- at once -----------------------------------------------------------------------------------------------


def test_two_who_accept_at_once_make_one_order(app, trade):
    quote = offered(trade)
    answers = at_once(
        app, *[lambda: quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2) for _turn in range(2)]
    )
    refused = [one for one in answers if isinstance(one, MarketplaceError)]
    assert [one.code for one in refused] == ["quote_accepted"]
    assert order_of(quote).total_rupiah == 2_425_000


def test_a_yes_and_another_offer_at_once_end_in_one_of_them(app, trade):
    quote = offered(trade)
    answers = at_once(
        app,
        lambda: quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2),
        lambda: quotes.offer(actor=trade.maker, quote_id=quote.id, version=2, terms=terms(trade, 13_000)),
    )
    refused = [one for one in answers if isinstance(one, MarketplaceError)]
    assert len(refused) == 1
    if quote_state(quote) is QuoteState.ACCEPTED:
        assert refused[0].code == "quote_accepted"
        assert order_of(quote).total_rupiah == 2_425_000
    else:
        assert refused[0].code == "quote_changed"
        assert db.session.scalar(select(QuoteVersion.number).order_by(QuoteVersion.number.desc())) == 3


def test_the_sellers_yes_and_another_counter_offer_at_once_end_in_one_of_them(app, trade):
    quote = offered(trade)
    quotes.counter(actor=trade.buyer, quote_id=quote.id, version=2, terms=terms(trade, 11_000))
    answers = at_once(
        app,
        lambda: quotes.accept(actor=trade.maker, quote_id=quote.id, version=3),
        lambda: quotes.counter(actor=trade.buyer, quote_id=quote.id, version=3, terms=terms(trade, 10_000)),
    )
    (refused,) = [one for one in answers if isinstance(one, MarketplaceError)]
    if quote_state(quote) is QuoteState.ACCEPTED:
        assert (refused.code, order_of(quote).total_rupiah) == ("quote_accepted", 2_225_000)
    else:
        assert (refused.code, quote_state(quote)) == ("quote_changed", QuoteState.COUNTERED)


# --- what the database itself refuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quotes SET state = 'accepted'",
        "UPDATE quotes SET due_at = NULL",
        "UPDATE quotes SET state = 'bargained'",
        "DELETE FROM quote_lines",
        "UPDATE orders SET quote_id = 1",
    ],
)
def test_the_database_refuses_what_no_quotation_can_be(app, trade, statement):
    quote = offered(trade)
    place_order(trade, 5)
    place_order(trade, 5)
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(text(statement))
    assert quote_state(quote) is QuoteState.OFFERED
