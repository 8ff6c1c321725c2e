"""Orders paid by hand, to the end: cash at the door, the bank's word, QRIS, and money that goes back."""

from __future__ import annotations

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.orders.models import OrderState, PaymentPlan
from marketplace.orders.services.answering import cancel, confirm
from marketplace.orders.services.receiving import receive
from marketplace.payments.models import BankLine, PaymentMethod, Refund
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.rules.matching import transfer_code
from marketplace.payments.rules.returning import RefundVerb
from marketplace.payments.services import answer_payment, answer_refund, pay_at_door, send_refund
from marketplace.payments.services import record_payment as record
from marketplace.payments.services.bank import match_sure
from tests.orders.made import balances, payables_of, shipped
from tests.orders.parcel_support import hamper_of
from tests.orders.support import TODAY, state_of
from tests.payments.support import page_of, text_of
from tests.support.signing import sign_in


def bill_of(order):
    """The bill of an order that is still open."""
    return next(row for row in payables_of(order) if row.open_rupiah)


def paying(bill, method=PaymentMethod.CASH):
    return NewPayment((bill.id,), bill.open_rupiah, method, TODAY, f"pay-{bill.id}-{method}")


def test_cash_at_the_door_settles_an_order_once_the_seller_says_that_it_came(app, trade):
    order = shipped(trade)
    receive(actor=trade.staff, order_id=order.id)
    bill = bill_of(order)
    buyer, seller = sign_in(app.test_client(), trade.staff), sign_in(app.test_client(), trade.maker)
    assert f"/payments/cash?bills={bill.id}" in page_of(buyer, f"/orders/{order.id}")
    assert f"/payments/cash/take?bills={bill.id}" in page_of(seller, f"/orders/{order.id}")
    payment = pay_at_door(actor=trade.staff, payment=paying(bill))
    assert state_of(order) is OrderState.INVOICED
    answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM)
    assert state_of(order) is OrderState.SETTLED


def test_a_line_of_the_bank_pays_an_order_that_nobody_reported_as_paid(trade):
    order = trade.order(payment_plan=PaymentPlan.BEFORE)
    confirm(actor=trade.maker, order_id=order.id)
    bill = bill_of(order)
    with unit_of_work() as session:
        session.add(BankLine(
            seller_id=trade.seller.id, line_hash="1", booked_on=TODAY, amount_rupiah=bill.open_rupiah,
            description=f"TRSF {transfer_code(bill.id)}", reference="", is_set_aside=False,
            imported_at=clock.now(),
        ))  # fmt: skip
    assert match_sure(actor=trade.maker) == 1
    assert state_of(order) is OrderState.PAID


def test_a_parcel_is_paid_once_each_of_its_makers_has_its_money(app):
    hamper = hamper_of()
    order = hamper.trade.order(2, payment_plan=PaymentPlan.BEFORE)
    confirm(actor=hamper.trade.maker, order_id=order.id)
    for maker, state in ((hamper.trade.maker, OrderState.AWAITING_PAYMENT), (hamper.other, OrderState.PAID)):
        debt = next(one for one in payables_of(order) if one.seller_id == maker.seller_id)
        payment = record(actor=hamper.trade.buyer, payment=paying(debt))
        answer_payment(actor=maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM)
        assert state_of(order) is state


def test_a_cancelled_order_gives_back_what_came_and_only_that(app, trade):
    order = trade.order(payment_plan=PaymentPlan.BEFORE)
    confirm(actor=trade.maker, order_id=order.id)
    bill = bill_of(order)
    payment = record(actor=trade.buyer, payment=paying(bill, PaymentMethod.QRIS))
    cancel(actor=trade.buyer, order_id=order.id, reason="Salah pesan")
    assert state_of(order) is OrderState.CANCELLED
    waiting = db.session.query(Refund).one()
    assert (waiting.state, waiting.amount_rupiah) == ("waiting", 150_000)
    answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM)
    assert state_of(order) is OrderState.CANCELLED
    send_refund(actor=trade.maker, refund_id=waiting.id, method=PaymentMethod.CASH)
    shown = text_of(page_of(sign_in(app.test_client(), trade.buyer), f"/payments/refunds/{waiting.id}"))
    assert "Uang sudah kembali" in shown
    answer_refund(actor=trade.buyer, refund_id=waiting.id, verb=RefundVerb.CONFIRM)
    db.session.rollback()
    assert balances(trade) == {}
