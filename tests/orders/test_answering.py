"""What is said to an order before its goods leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marketplace import clock
from marketplace.db import unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.orders.models import OrderState, SellerTaxFact
from marketplace.orders.services import deadlines
from marketplace.orders.services.answering import (
    agree,
    call_off,
    cancel,
    confirm,
    decline,
    expire,
    quote_shipping,
)
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.orders.services.shipping import pack, ship
from marketplace.payments.models import Refund
from marketplace.payments.rules import PaymentVerb
from marketplace.payments.services import answer_payment
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.made import balances, fresh, note_of, pay, payables_of, stranger_of
from tests.orders.support import (
    buyable,
    limit,
    reservations_of,
    shares_of,
    state_of,
    steps_of,
    stock_of,
    trade_of,
)


def in_days(days: int):
    return clock.frozen(clock.now() + timedelta(days=days))


def test_a_confirmed_order_is_packed_and_sent_when_nothing_is_paid_before(trade):
    order = trade.order()
    confirm(actor=trade.maker, order_id=order.id)
    assert state_of(order) is OrderState.CONFIRMED
    assert payables_of(order) == []
    assert steps_of(order) == [("place", "placed"), ("confirm", "confirmed")]


def test_where_payment_comes_first_it_is_asked_with_the_yes_and_the_order_goes_on_when_it_came(trade):
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    (advance,) = payables_of(order)
    assert (advance.kind, advance.amount_rupiah, advance.number) == ("advance", 150_000, order.number)
    payment = pay(trade, order, confirms=False)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert balances(trade) == {"transit": 150_000, "advance": -150_000}
    answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM)
    assert state_of(order) is OrderState.PAID
    assert balances(trade) == {"received": 150_000, "advance": -150_000}


def test_a_part_of_what_is_due_before_does_not_move_an_order_the_rest_does(trade):
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    pay(trade, order, amount=100_000)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    pay(trade, order)
    assert state_of(order) is OrderState.PAID


def test_a_payment_that_never_came_takes_an_order_back(trade):
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    payment = pay(trade, order)
    answer_payment(
        actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.REVERSE, reason="Tidak masuk rekening."
    )
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert steps_of(order)[-2:] == [("pay", "paid"), ("unpay", "awaiting_payment")]


def test_only_the_seller_answers_and_only_those_who_may(trade):
    order = trade.order()
    staff = make.member(Role.SELLER_STAFF, seller_id=trade.seller.id)
    for stranger in (trade.buyer, stranger_of(trade), make.officer(), trade_of().maker):
        with pytest.raises(NotFound):
            confirm(actor=stranger, order_id=order.id)
    with pytest.raises(Forbidden):
        confirm(actor=staff, order_id=order.id)
    with pytest.raises(NotFound):
        confirm(actor=trade.maker, order_id=order.id + 99)
    assert state_of(order) is OrderState.PLACED


def test_answered_once_an_order_says_how_it_was_answered(trade):
    order = trade.order()
    confirm(actor=trade.maker, order_id=order.id)
    with pytest.raises(RuleBroken) as again:
        confirm(actor=trade.maker, order_id=order.id)
    assert again.value.code == "order_confirmed"


def test_a_no_says_why_and_frees_the_units(trade):
    product = buyable(trade.seller, ready=20)
    trade.product = product
    order = trade.order(12)
    assert stock_of(product) == (20, 12)
    with pytest.raises(InvalidInput) as silent:
        decline(actor=trade.maker, order_id=order.id, reason="  ")
    assert silent.value.fields
    decline(actor=trade.maker, order_id=order.id, reason="Dapur tutup pekan ini.")
    assert state_of(order) is OrderState.DECLINED
    assert stock_of(product) == (20, 0)
    assert [row.state for row in reservations_of(order)] == ["released"]


def quoted(trade, **how):
    return trade.order(10, shipping_kind="quoted", **how)


def test_shipping_is_quoted_before_an_order_is_taken_and_the_buyer_agrees(trade):
    order = quoted(trade, payment_plan="before")
    with pytest.raises(RuleBroken) as refused:
        confirm(actor=trade.maker, order_id=order.id)
    assert refused.value.code == "shipping_not_quoted"
    quote_shipping(actor=trade.maker, order_id=order.id, shipping_rupiah=25_000)
    row = fresh(order)
    assert (row.state, row.shipping_rupiah, row.total_rupiah, row.advance_rupiah) == (
        "quoted",
        25_000,
        175_000,
        175_000,
    )
    assert [(one.amount_rupiah, one.advance_rupiah) for one in shares_of(order)] == [(175_000, 175_000)]
    with pytest.raises(NotFound):
        agree(actor=trade.maker, order_id=order.id)
    agree(actor=trade.staff, order_id=order.id)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert [row.amount_rupiah for row in payables_of(order)] == [175_000]


def test_quoted_shipping_is_taxed_where_goods_are(trade):
    with unit_of_work() as session:
        session.add(
            SellerTaxFact(
                seller_id=trade.seller.id, valid_from=date(2026, 1, 1), is_pkp=True, recorded_at=clock.now()
            )
        )
    order = quoted(trade)
    assert fresh(order).tax_rupiah == 16_500
    quote_shipping(actor=trade.maker, order_id=order.id, shipping_rupiah=50_000)
    row = fresh(order)
    assert (row.tax_rupiah, row.total_rupiah) == (22_000, 222_000)
    assert sum(one.amount_rupiah for one in shares_of(order)) == 222_000


def test_shipping_that_was_agreed_is_not_quoted_and_a_quote_is_a_sum(trade):
    with pytest.raises(RuleBroken) as agreed:
        quote_shipping(actor=trade.maker, order_id=trade.order().id, shipping_rupiah=0)
    assert agreed.value.code == "shipping_agreed"
    for amount in (-1, 1_000_000_001):
        with pytest.raises(InvalidInput):
            quote_shipping(actor=trade.maker, order_id=quoted(trade).id, shipping_rupiah=amount)


def test_staff_agrees_to_shipping_up_to_its_limit(trade):
    order = quoted(trade)
    limit(trade.operator, 160_000)
    quote_shipping(actor=trade.maker, order_id=order.id, shipping_rupiah=25_000)
    with pytest.raises(RuleBroken) as over:
        agree(actor=trade.staff, order_id=order.id)
    assert over.value.code == "over_limit"
    agree(actor=trade.buyer, order_id=order.id)
    assert state_of(order) is OrderState.CONFIRMED


@pytest.mark.parametrize("act", [cancel, call_off])
def test_an_order_that_ends_gives_back_what_was_paid_and_asks_no_more(trade, act):
    who = trade.buyer if act is cancel else trade.maker
    product = trade.product = buyable(trade.seller, ready=10)
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    pay(trade, order, amount=60_000)
    act(actor=who, order_id=order.id, reason="Acara batal.")
    assert state_of(order) is OrderState.CANCELLED
    assert stock_of(product) == (10, 0)
    assert balances(trade) == {"received": 60_000, "refunds": -60_000}
    with unit_of_work() as session:
        (refund,) = session.query(Refund).all()
        assert (refund.amount_rupiah, refund.state, refund.reason) == (60_000, "due", "Acara batal.")
        assert [row.open_rupiah for row in payables_of(order)] == [0]


def test_the_buyer_steps_back_until_packing_the_seller_until_the_goods_leave(trade):
    order = trade.order()
    confirm(actor=trade.maker, order_id=order.id)
    pack(actor=trade.maker, order_id=order.id)
    with pytest.raises(RuleBroken) as packed:
        cancel(actor=trade.buyer, order_id=order.id, reason="Batal.")
    assert packed.value.code == "order_packed"
    call_off(actor=trade.maker, order_id=order.id, reason="Mobil rusak.")
    assert state_of(order) is OrderState.CANCELLED
    sent = trade.order()
    confirm(actor=trade.maker, order_id=sent.id)
    ship(actor=trade.maker, order_id=sent.id, draft=note_of(sent))
    for act, who in ((cancel, trade.buyer), (call_off, trade.maker)):
        with pytest.raises(RuleBroken) as gone:
            act(actor=who, order_id=sent.id, reason="Batal.")
        assert gone.value.code == "order_shipped"


def test_a_buyer_of_packed_goods_that_do_not_leave_in_time_steps_back_and_gets_its_money(trade):
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    pay(trade, order)
    pack(actor=trade.maker, order_id=order.id)
    due_at = fresh(order).due_at
    assert due_at is not None
    with clock.frozen(due_at), pytest.raises(RuleBroken):
        cancel(actor=trade.buyer, order_id=order.id, reason="Acara sudah lewat.")
    with clock.frozen(due_at + timedelta(seconds=1)):
        cancel(actor=trade.buyer, order_id=order.id, reason="Acara sudah lewat.")
    assert state_of(order) is OrderState.CANCELLED
    assert balances(trade) == {"received": 150_000, "refunds": -150_000}


def test_what_nobody_answers_expires_and_says_so(trade):
    product = trade.product = buyable(trade.seller, ready=50)
    waiting, offered, unpaid = trade.order(10), quoted(trade), trade.order(10, payment_plan="before")
    quote_shipping(actor=trade.maker, order_id=offered.id, shipping_rupiah=0)
    confirm(actor=trade.maker, order_id=unpaid.id)
    limit(trade.operator, 1)
    unapproved = trade.order(10, actor=trade.staff)
    assert state_of(unapproved) is OrderState.AWAITING_APPROVAL
    assert stock_of(product) == (50, 40)
    assert pass_deadlines() == 0
    with in_days(10):
        assert pass_deadlines() == 4
        assert pass_deadlines() == 0
    for order in (waiting, offered, unpaid, unapproved):
        assert state_of(order) is OrderState.EXPIRED
    assert stock_of(product) == (50, 0)
    assert balances(trade) == {}


def test_the_last_moment_of_the_last_day_is_still_in_time(trade):
    order = trade.order()
    due_at = fresh(order).due_at
    assert due_at is not None
    with clock.frozen(due_at):
        assert not expire(order.id)
    with clock.frozen(due_at + timedelta(seconds=1)):
        assert expire(order.id)


def test_what_is_reported_as_paid_waits_for_the_sellers_word(trade):
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    pay(trade, order, confirms=False)
    with in_days(30):
        assert pass_deadlines() == 0
    assert state_of(order) is OrderState.AWAITING_PAYMENT


def test_one_order_that_fails_does_not_stop_the_others(trade, monkeypatch):
    first, second = trade.order(), trade.order()
    real = deadlines.expire

    def broken(order_id: int) -> bool:
        if order_id == first.id:
            raise ValueError("broken")
        return real(order_id)

    monkeypatch.setattr(deadlines, "expire", broken)
    with in_days(10):
        assert pass_deadlines() == 1
    assert (state_of(first), state_of(second)) == (OrderState.PLACED, OrderState.EXPIRED)


def test_an_order_of_a_seller_that_was_merged_is_answered_by_the_one_that_goes_on(trade):
    order = trade.order()
    kept = make.seller(name="Dapur Baru")
    with unit_of_work() as session:
        session.get_one(type(trade.seller), trade.seller.id).merged_into_id = kept.id
    owner = make.member(Role.SELLER_OWNER, seller_id=kept.id)
    confirm(actor=owner, order_id=order.id)
    assert state_of(order) is OrderState.CONFIRMED
