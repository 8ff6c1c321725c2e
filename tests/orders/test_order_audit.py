"""The audit of orders: silent while every row bears out the others, and it names each thing that does not."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.db import unit_of_work
from marketplace.orders.audit import differences
from marketplace.orders.services.answering import cancel, confirm
from marketplace.orders.services.claims import accept_claim
from tests.orders.made import received, shipped
from tests.orders.support import buyable
from tests.orders.test_claims import claim_on

STRANGE_STEP = """INSERT INTO order_steps
        (order_id, position, verb, from_state, to_state, side, user_name, reason, happened_at)
    SELECT order_id, 2, 'pay', 'placed', 'paid', 'buyer', '', '', happened_at FROM order_steps
    WHERE order_id = :placed AND position = 1"""
BROKEN = [
    ("UPDATE ready_stocks SET reserved = reserved + 1", "promised, reservations say"),
    ("UPDATE ready_stocks SET on_hand = on_hand + 7", "ready, its entries say"),
    ("UPDATE capacity_weeks SET booked = booked + 1", "booked, reservations say"),
    ("UPDATE reservations SET state = 'released' WHERE state = 'sent'", "left the ready stock"),
    ("UPDATE order_lines SET sent = sent - 1 WHERE order_id = :shipped", "papers say"),
    ("UPDATE order_shares SET amount_rupiah = amount_rupiah + 1 WHERE order_id = :placed", "of shares"),
    (
        "UPDATE order_shares SET billed_rupiah = billed_rupiah + 1 WHERE order_id = :billed",
        "the journal says",
    ),
    ("UPDATE order_claims SET state = 'withdrawn', granted = 0", "granted without a credit note"),
    ("UPDATE orders SET state = 'closed' WHERE id = :placed", "its papers say something else"),
    ("UPDATE orders SET state = 'closed' WHERE id = :placed", "its promises say something else"),
    ("UPDATE orders SET state = 'closed' WHERE id = :placed", "is closed; step 1"),
    (STRANGE_STEP, "is in no line of the table"),
    ("UPDATE orders SET state = 'settled' WHERE id = :billed", "debts that are not paid"),
    ("UPDATE order_lines SET accepted = 0, billed = 0 WHERE order_id = :billed", "the ledger has"),
    ("UPDATE orders SET number = 'PO/2026/0099' WHERE id = :placed", "orders of operator"),
    ("UPDATE shipments SET number = 'SJ/2026/0099' WHERE order_id = :billed", "delivery notes of seller"),
]


@pytest.mark.corrupts
def test_each_thing_that_is_kept_is_computed_again(trade):
    trade.order()  # made to order: it fills a week
    trade.product = buyable(trade.seller, ready=500)
    orders = {"placed": trade.order().id, "shipped": shipped(trade).id}
    billed = received(trade, 10, damaged=1)
    orders["billed"] = billed.id
    claim = claim_on(trade, billed, 2)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=2)
    ended = trade.order(payment_plan="before")
    confirm(actor=trade.maker, order_id=ended.id)
    cancel(actor=trade.buyer, order_id=ended.id, reason="Batal.")
    received(trade, 5, payment_plan="before")
    assert list(differences()) == []
    for statement, sentence in BROKEN:
        with unit_of_work() as session:
            named = {name: key for name, key in orders.items() if f":{name}" in statement}
            session.execute(text(statement), named)
        told = "\n".join(differences())
        assert sentence in told, (statement, sentence)


REFUSED = (
    "UPDATE orders SET due_at = NULL",  # nothing would ever end it
    "UPDATE orders SET number = NULL",
    "UPDATE orders SET due_days = 7",
    "UPDATE orders SET payment_plan = 'before'",  # with nothing asked before
    "UPDATE orders SET advance_rupiah = 1",
    "UPDATE orders SET total_rupiah = total_rupiah + 1",
    "UPDATE order_lines SET sent = quantity + 1",
    "UPDATE order_lines SET accepted = sent + 1",
    "UPDATE order_lines SET billed = accepted + 1",
    "UPDATE order_claims SET due_at = NULL",
    "UPDATE order_claims SET granted = 1",
    "UPDATE order_claims SET state = 'accepted', granted = quantity + 1",
    "UPDATE ready_stocks SET reserved = on_hand + 1",
    "UPDATE capacity_weeks SET booked = -1",
)


def test_the_database_refuses_what_no_order_can_be(trade):
    trade.order()  # made to order: it fills a week
    trade.product = buyable(trade.seller, ready=50)
    trade.order()
    claim_on(trade, received(trade, 10, damaged=1), 2)
    for statement in REFUSED:
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(text(statement))
    assert list(differences()) == []
