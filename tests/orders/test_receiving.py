"""Goods taken in: what is accepted is billed, once, and what nobody answers for counts as accepted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marketplace import clock
from marketplace.db import unit_of_work
from marketplace.errors import InvalidInput, NotFound, RuleBroken
from marketplace.orders.models import OrderState, SellerTaxFact
from marketplace.orders.rules.shipping import Packed, Taken
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.checkout import place
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.orders.services.receiving import deem_received, receive
from marketplace.orders.services.shipping import ShipmentDraft, ship
from marketplace.payments.rules import PaymentVerb
from marketplace.payments.services import answer_payment
from tests import factories as make
from tests.orders.made import (
    GOOD,
    balances,
    fresh,
    invoice_lines,
    invoice_of,
    note,
    note_lines,
    pay,
    payables_of,
    received,
    shipped,
)
from tests.orders.support import (
    DAY,
    TODAY,
    buyable,
    draft_of,
    draft_part,
    lines_of,
    orders_of,
    sells,
    shares_of,
    state_of,
    steps_of,
)


def test_all_is_right_in_one_tap_and_billed_in_the_same_moment(trade):
    order = shipped(trade)
    receive(actor=trade.buyer, order_id=order.id)
    assert state_of(order) is OrderState.INVOICED
    shipment, invoice = note(order), invoice_of(order)
    assert (shipment.received_on, shipment.receiver_name) == (TODAY, trade.buyer.name)
    assert not shipment.is_deemed
    assert [(x.accepted, x.short, x.damaged) for x in note_lines(order)] == [(10, 0, 0)]
    assert [(x.sent, x.accepted, x.billed) for x in lines_of(order)] == [(10, 10, 10)]
    assert (invoice.number, invoice.total_rupiah, invoice.due_rupiah) == ("INV/2026/0001", 150_000, 150_000)
    assert [(x.name, x.quantity, x.amount_rupiah) for x in invoice_lines(order)] == [
        ("Keripik tempe", 10, 150_000)
    ]
    assert [one.billed_rupiah for one in shares_of(order)] == [150_000]
    assert balances(trade) == {"owed": 150_000, "sales": -150_000}
    assert steps_of(order)[-2:] == [("receive", "received"), ("invoice", "invoiced")]


def test_what_is_short_or_damaged_is_written_down_and_not_billed(trade):
    order = received(trade, 10, damaged=2, short=1)
    assert [(x.accepted, x.short, x.damaged) for x in note_lines(order)] == [(7, 1, 2)]
    assert [(x.quantity, x.sent, x.accepted, x.billed) for x in lines_of(order)] == [(10, 10, 7, 7)]
    assert invoice_of(order).total_rupiah == 105_000
    assert [(row.kind, row.amount_rupiah) for row in payables_of(order)] == [("invoice", 105_000)]


def test_a_line_that_is_not_counted_did_not_come(trade):
    order = trade.order(10)
    confirm(actor=trade.maker, order_id=order.id)
    (line,) = lines_of(order)
    ship(
        actor=trade.maker,
        order_id=order.id,
        draft=ShipmentDraft([Packed(line.id, 6, "A", GOOD), Packed(line.id, 4, "B", GOOD)]),
    )
    first, _second = note_lines(order)
    receive(actor=trade.buyer, order_id=order.id, counted={first.id: Taken(6)})
    assert [(x.accepted, x.short) for x in note_lines(order)] == [(6, 0), (0, 4)]
    assert invoice_of(order).total_rupiah == 90_000


@pytest.mark.parametrize("found", [Taken(9, 2), Taken(-1), Taken(5, -1), Taken(11)])
def test_a_count_that_cannot_be_is_said_at_its_line(trade, found):
    order = shipped(trade)
    (line,) = note_lines(order)
    with pytest.raises(InvalidInput) as refused:
        receive(actor=trade.buyer, order_id=order.id, counted={line.id: found})
    assert list(refused.value.fields) == [f"line-{line.id}"]
    assert state_of(order) is OrderState.SHIPPED


def test_the_day_of_the_receipt_is_between_sending_and_today(trade):
    with clock.frozen(clock.now() - timedelta(days=2)):
        order = shipped(trade)
    for day in (TODAY - 3 * DAY, TODAY + DAY):
        with pytest.raises(InvalidInput):
            receive(actor=trade.buyer, order_id=order.id, received_on=day)
    receive(actor=trade.buyer, order_id=order.id, received_on=TODAY - DAY)
    assert note(order).received_on == TODAY - DAY


def test_only_the_buyer_receives_and_once(trade):
    order = shipped(trade)
    for stranger in (trade.maker, make.officer()):
        with pytest.raises(NotFound):
            receive(actor=stranger, order_id=order.id)
    receive(actor=trade.staff, order_id=order.id)
    with pytest.raises(RuleBroken) as again:
        receive(actor=trade.buyer, order_id=order.id)
    assert again.value.code == "order_invoiced"
    assert len(payables_of(order)) == 1


def test_goods_that_nobody_answers_for_count_as_accepted(trade):
    order = shipped(trade)
    due_at = fresh(order).due_at
    assert due_at is not None
    assert clock.wib_day(due_at) == TODAY + 5 * DAY + 5 * DAY  # the agreed last day, then the days to accept
    assert pass_deadlines() == 0
    with clock.frozen(due_at):
        assert not deem_received(order.id)
    with clock.frozen(due_at + timedelta(seconds=1)):
        assert pass_deadlines() == 1
        assert not deem_received(order.id)
    assert state_of(order) is OrderState.INVOICED
    shipment = note(order)
    assert (shipment.is_deemed, shipment.receiver_name, shipment.received_by) == (True, "", None)
    assert [x.accepted for x in note_lines(order)] == [10]


def test_an_order_that_was_paid_before_is_settled_by_its_receipt(trade):
    order = received(trade, 10, payment_plan="before")
    assert state_of(order) is OrderState.SETTLED
    invoice = invoice_of(order)
    assert (invoice.advance_rupiah, invoice.due_rupiah) == (150_000, 0)
    assert balances(trade) == {"received": 150_000, "sales": -150_000}
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert pass_deadlines() == 1
    assert state_of(order) is OrderState.CLOSED


def test_what_was_paid_before_beyond_the_bill_goes_back(trade):
    order = received(trade, 10, payment_plan="before", damaged=4)
    assert state_of(order) is OrderState.SETTLED
    invoice = invoice_of(order)
    assert (invoice.total_rupiah, invoice.advance_rupiah, invoice.due_rupiah) == (90_000, 90_000, 0)
    assert balances(trade) == {"received": 150_000, "refunds": -60_000, "sales": -90_000}


def test_a_part_paid_before_is_taken_off_and_the_rest_is_due(trade):
    trade.product = buyable(trade.seller, is_made_to_order=True)
    order = received(trade, 10, payment_plan="advance")
    invoice = invoice_of(order)
    assert (invoice.advance_rupiah, invoice.due_rupiah) == (75_000, 75_000)
    assert state_of(order) is OrderState.INVOICED
    pay(trade, order)
    assert state_of(order) is OrderState.SETTLED
    assert balances(trade) == {"received": 150_000, "sales": -150_000}


def test_who_pays_later_has_the_agreed_days_and_settles_when_the_money_came(trade):
    sells(trade.seller, due_days=30)
    order = received(trade, 10, payment_plan="later")
    assert invoice_of(order).due_on == TODAY + 30 * DAY
    (bill,) = payables_of(order)
    assert (bill.due_on, bill.number) == (TODAY + 30 * DAY, "INV/2026/0001")
    payment = pay(trade, order)
    assert state_of(order) is OrderState.SETTLED
    answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.REVERSE, reason="Salah lihat.")
    assert state_of(order) is OrderState.INVOICED
    assert steps_of(order)[-2:] == [("settle", "settled"), ("reopen", "invoiced")]
    pay(trade, order)
    assert state_of(order) is OrderState.SETTLED


def test_where_nothing_was_taken_nothing_is_billed_and_all_goes_back(trade):
    sells(trade.seller, shipping_rupiah=20_000)
    order = received(trade, 10, payment_plan="before", shipping_kind="seller_rate", short=10)
    invoice = invoice_of(order)
    assert (invoice.total_rupiah, invoice.shipping_rupiah, invoice_lines(order)) == (0, 0, [])
    assert state_of(order) is OrderState.SETTLED
    assert balances(trade) == {"received": 170_000, "refunds": -170_000}


def test_tax_is_billed_on_what_was_taken_with_its_shipping(trade):
    with unit_of_work() as session:
        session.add(
            SellerTaxFact(
                seller_id=trade.seller.id, valid_from=date(2026, 1, 1), is_pkp=True, recorded_at=clock.now()
            )
        )
    sells(trade.seller, shipping_rupiah=20_000)
    order = received(trade, 10, shipping_kind="seller_rate", damaged=3)
    invoice = invoice_of(order)
    assert (invoice.goods_rupiah, invoice.shipping_rupiah) == (105_000, 20_000)
    assert (invoice.tax_base_rupiah, invoice.tax_percent, invoice.tax_rupiah) == (114_583, 12, 13_750)
    assert balances(trade) == {"owed": 138_750, "sales": -125_000, "tax": -13_750}


def test_bills_are_numbered_by_seller_and_year_without_gaps(trade):
    other = make.seller(name="Batik Contoh")
    shirt = buyable(other)
    first, second = received(trade), received(trade)
    part = draft_part(other.id, [(shirt.id, 1)])
    (third,) = orders_of(place(actor=trade.buyer, draft=draft_of(part)))
    owner = make.member(trade.maker.role, seller_id=other.id)
    confirm(actor=owner, order_id=third.id)
    (line,) = lines_of(third)
    ship(actor=owner, order_id=third.id, draft=ShipmentDraft([Packed(line.id, 1)]))
    receive(actor=trade.buyer, order_id=third.id)
    assert [invoice_of(order).number for order in (first, second, third)] == [
        "INV/2026/0001",
        "INV/2026/0002",
        "INV/2026/0001",
    ]
