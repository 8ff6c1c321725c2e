"""Orders moved by a provider's money: paid and packed, cancelled and given back, lost and owed again."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.errors import MarketplaceError
from marketplace.orders.models import OrderState, PaymentPlan
from marketplace.orders.services.answering import cancel, confirm
from marketplace.orders.services.receiving import receive
from marketplace.payments.models import Charge, ChargeItem, JournalTransaction, Payable, Payment, Refund
from marketplace.payments.services.charges import look_at, start_charge
from marketplace.payments.services.events import receive_event
from marketplace.payments.services.sweeping import sweep
from tests.orders.made import payables_of, shipped
from tests.orders.support import state_of, trade_of
from tests.support.together import at_once


@pytest.fixture
def trade(app):
    return trade_of()


def asked(trade):
    """An order of Rp150.000 that waits for its money."""
    order = trade.order(payment_plan=PaymentPlan.BEFORE)
    confirm(actor=trade.maker, order_id=order.id)
    return order


def start(trade, order):
    bills = [row.id for row in payables_of(order) if row.open_rupiah]
    return start_charge(actor=trade.buyer, payable_ids=bills)


def tell(stripe, event):
    return receive_event(*stripe.signed(event))


def refunds():
    db.session.rollback()
    return [(row.state, row.amount_rupiah) for row in db.session.scalars(select(Refund))]


def test_an_order_goes_on_when_its_money_came(stripe, trade):
    order = asked(trade)
    charge = start(trade, order)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    tell(stripe, stripe.pay_later(charge.provider_ref))
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    tell(stripe, stripe.arrive(charge.provider_ref))
    assert state_of(order) is OrderState.PAID


def test_an_order_cancelled_after_it_was_paid_gives_back_what_came(stripe, trade):
    order = asked(trade)
    tell(stripe, stripe.pay(start(trade, order).provider_ref))
    cancel(actor=trade.buyer, order_id=order.id, reason="Salah pesan")
    sweep()
    assert state_of(order) is OrderState.CANCELLED
    assert refunds() == [("done", 150_000)]


def test_an_order_paid_after_it_was_cancelled_gives_back_and_is_never_revived(stripe, trade):
    order = asked(trade)
    charge = start(trade, order)
    cancel(actor=trade.buyer, order_id=order.id, reason="Salah pesan")
    tell(stripe, stripe.pay(charge.provider_ref))
    sweep()
    assert state_of(order) is OrderState.CANCELLED
    assert refunds() == [("done", 150_000)]
    assert db.session.scalar(select(func.count()).select_from(Payment)) == 0


def test_an_order_paid_after_its_invoice_is_settled_and_owed_again_when_a_bank_takes_it(stripe, trade):
    order = shipped(trade)
    receive(actor=trade.staff, order_id=order.id)
    charge = start(trade, order)
    tell(stripe, stripe.pay(charge.provider_ref))
    assert state_of(order) is OrderState.SETTLED
    db.session.rollback()
    found = db.session.get_one(Charge, charge.id)
    objected = stripe.object_to(found.intent_ref, found.amount_rupiah * 100)
    tell(stripe, objected)
    assert state_of(order) is OrderState.SETTLED
    tell(stripe, stripe.decide(objected["data"]["object"]["id"], "lost"))
    assert state_of(order) is OrderState.INVOICED


def test_told_many_times_at_once_it_is_captured_once(app, stripe, trade):
    order = asked(trade)
    charge = start(trade, order)
    event = stripe.pay(charge.provider_ref)
    others = [{**event, "id": f"evt_other_{number}"} for number in range(3)]
    answers = at_once(
        app,
        *(partial(tell, stripe, one) for one in (event, event, *others)),
        partial(look_at, charge.id),
        partial(look_at, charge.id),
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sum(answer == "repeated" for answer in answers) == 1
    assert state_of(order) is OrderState.PAID
    captured = select(func.count()).where(JournalTransaction.kind == "captured")
    assert db.session.scalar(captured) == 1
    assert db.session.scalars(select(Payable.paid_rupiah)).all() == [150_000]


def test_of_many_starts_at_once_there_is_one_charge(app, stripe, trade):
    order = asked(trade)
    answers = at_once(app, *(partial(start, trade, order) for _ in range(4)))
    assert len({answer.id for answer in answers if isinstance(answer, Charge)}) == 1
    assert len(stripe.sessions) == 1
    assert db.session.scalar(select(func.count()).select_from(ChargeItem)) == 1


@pytest.mark.parametrize("turn", range(3))
def test_paid_and_cancelled_at_once_ends_in_one_of_two_ways(app, stripe, trade, turn):
    order = asked(trade)
    event = stripe.pay(start(trade, order).provider_ref)
    answers = at_once(
        app,
        partial(tell, stripe, event),
        partial(cancel, actor=trade.buyer, order_id=order.id, reason="Salah pesan"),
    )
    assert not [answer for answer in answers if isinstance(answer, MarketplaceError)]
    sweep()
    assert state_of(order) is OrderState.CANCELLED
    assert refunds() == [("done", 150_000)]
    assert [one["amount"] for one in stripe.refunds.values()] == [15_000_000]
