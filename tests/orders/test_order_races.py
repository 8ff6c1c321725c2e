"""Two hands at once on one order: one wins, nothing is done twice. A control shows why there is a lock."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.errors import MarketplaceError
from marketplace.orders.models import CreditNote, Invoice, Order, OrderClaim, OrderLine, OrderState
from marketplace.orders.services.answering import call_off, cancel, confirm, decline, expire
from marketplace.orders.services.claims import accept_claim, lapse, withdraw_claim
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.orders.services.receiving import deem_received, receive
from marketplace.orders.services.shipping import ship
from marketplace.payments.models import Refund
from marketplace.payments.rules import PaymentVerb
from marketplace.payments.services import answer_payment
from tests.orders.made import balances, invoice_of, ledger, note_of, pay, received, shipped
from tests.orders.support import buyable, reservations_of, state_of, stock_of
from tests.orders.test_claims import claim_on
from tests.support.together import at_once

ROUNDS = 3


def refused(answers: list[Any]) -> list[Any]:
    assert not [answer for answer in answers if answer is None], answers
    return [answer for answer in answers if isinstance(answer, MarketplaceError)]


def count(table: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(table)) or 0)


def test_of_many_receipts_at_once_one_is_billed(app, trade):
    for turn in range(1, ROUNDS + 1):
        order = shipped(trade)
        act = partial(receive, actor=trade.buyer, order_id=order.id)
        answers = at_once(app, act, act, act, act)
        assert len(refused(answers)) == 3
        assert count(Invoice) == turn
        assert len(ledger()) == 2 * turn
        assert invoice_of(order).total_rupiah == 150_000


@pytest.mark.corrupts
def test_control_deciding_on_what_was_read_before_the_lock_bills_twice(app, trade):
    order = shipped(trade)
    both_have_read = threading.Barrier(2)

    def naively() -> int:
        seen = db.session.scalar(select(Order.state).where(Order.id == order.id))
        db.session.rollback()
        both_have_read.wait(timeout=30)
        if seen != OrderState.SHIPPED:
            return 0
        with unit_of_work() as session:
            session.execute(update(Order).where(Order.id == order.id).values(state="received"))
        return 1

    assert at_once(app, naively, naively) == [1, 1]


def test_goods_are_sent_or_the_order_is_off(app, trade):
    product = trade.product = buyable(trade.seller, ready=100)
    sent = 0
    for _turn in range(ROUNDS):
        order = trade.order(10)
        confirm(actor=trade.maker, order_id=order.id)
        answers = at_once(
            app,
            partial(ship, actor=trade.maker, order_id=order.id, draft=note_of(order)),
            partial(cancel, actor=trade.buyer, order_id=order.id, reason="Batal."),
            partial(call_off, actor=trade.maker, order_id=order.id, reason="Batal."),
        )
        assert len(refused(answers)) == 2
        is_sent = state_of(order) is OrderState.SHIPPED
        sent += is_sent
        assert [row.state for row in reservations_of(order)] == ["sent" if is_sent else "released"]
        assert stock_of(product) == (100 - 10 * sent, 0)


def test_an_order_is_answered_or_expires(app, trade):
    product = trade.product = buyable(trade.seller, ready=100)
    for _turn in range(ROUNDS):
        order = trade.order(10)
        with clock.frozen(clock.now() + timedelta(days=3)):
            answers = at_once(
                app,
                partial(confirm, actor=trade.maker, order_id=order.id),
                partial(expire, order.id),
                partial(decline, actor=trade.maker, order_id=order.id, reason="Habis."),
                pass_deadlines,
            )
        state = state_of(order)
        assert state in {OrderState.CONFIRMED, OrderState.DECLINED, OrderState.EXPIRED}
        gone = sum(answer is True or answer == 1 for answer in answers)
        assert gone == (1 if state is OrderState.EXPIRED else 0)
        assert stock_of(product)[1] == (10 if state is OrderState.CONFIRMED else 0)
        if state is OrderState.CONFIRMED:
            cancel(actor=trade.buyer, order_id=order.id, reason="Batal.")


def test_nobody_answers_and_the_buyer_answers_at_the_last_moment(app, trade):
    order = shipped(trade)
    with clock.frozen(clock.now() + timedelta(days=20)):
        at_once(
            app,
            partial(deem_received, order.id),
            partial(receive, actor=trade.buyer, order_id=order.id),
            pass_deadlines,
        )
    assert state_of(order) is OrderState.INVOICED
    assert (count(Invoice), len(ledger())) == (1, 2)


def test_money_that_comes_while_an_order_is_called_off_goes_back(app, trade):
    for _turn in range(ROUNDS):
        order = trade.order(10, payment_plan="before")
        confirm(actor=trade.maker, order_id=order.id)
        payment = pay(trade, order, confirms=False)
        at_once(
            app,
            partial(answer_payment, actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM),
            partial(cancel, actor=trade.buyer, order_id=order.id, reason="Batal."),
        )
        assert state_of(order) is OrderState.CANCELLED
    refunds = db.session.scalars(select(Refund.amount_rupiah)).all()
    assert refunds == [150_000] * ROUNDS
    assert balances(trade) == {"received": 150_000 * ROUNDS, "refunds": -150_000 * ROUNDS}


def test_units_are_claimed_once_and_granted_once(app, trade):
    order = received(trade)
    answers = at_once(app, *(partial(claim_on, trade, order, 6) for _turn in range(3)))
    assert len(refused(answers)) == 2
    (claim,) = db.session.scalars(select(OrderClaim)).all()
    with clock.frozen(clock.now() + timedelta(days=5)):
        answers = at_once(
            app,
            partial(accept_claim, actor=trade.maker, claim_id=claim.id, granted=6),
            partial(accept_claim, actor=trade.maker, claim_id=claim.id, granted=5),
            partial(withdraw_claim, actor=trade.buyer, claim_id=claim.id),
            partial(lapse, claim.id),
        )
    granted = db.session.scalar(select(OrderClaim.granted))
    assert count(CreditNote) == (1 if granted else 0)
    assert granted in {0, 5, 6}
    billed = db.session.scalar(select(func.sum(OrderLine.billed)))
    assert billed == 10
