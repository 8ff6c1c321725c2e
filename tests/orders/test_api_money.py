"""Payments by program, and what programs are told of orders by webhook."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.payments.models import Payment
from marketplace.webhooks import services as webhooks
from marketplace.webhooks.models import WebhookDelivery
from tests.orders.made import pay, payables_of, received
from tests.orders.programs import Ask, asking, basket, key
from tests.orders.support import Trade, limit, trade_of

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def trade(app) -> Trade:
    return trade_of(ready=100, min_order=5)


@pytest.fixture
def ask(client) -> Ask:
    return asking(client)


def test_a_payment_that_cannot_be_is_refused_and_a_transfer_needs_its_proof(ask, trade):
    order = received(trade)
    [debt] = payables_of(order)
    paid = {
        "payable_ids": [debt.id],
        "amount_rupiah": 1_000,
        "method": "bank_transfer",
        "paid_on": "2026-11-22",
    }
    changes: list[tuple[dict[str, Any], int, str]] = [
        ({}, 409, "file"), ({"method": "cash", "paid_on": "2026-11-23"}, 409, "paid_on"),
        ({"method": "cash", "paid_on": "1999-01-01"}, 409, "paid_on"), ({"proof": "@@@@"}, 409, "proof"),
        ({"proof": base64.b64encode(b"no picture").decode()}, 409, "file"),
        ({"amount_rupiah": 0}, 422, "amount_rupiah"), ({"method": "provider"}, 422, "method"),
        ({"payable_ids": []}, 422, "payable_ids"),
    ]  # fmt: skip
    for number, (change, status, field) in enumerate(changes):
        found, problem = ask(trade.buyer, "POST", "/payments", paid | change, **key(f"k{number}"))
        assert (found, list(problem["fields"])) == (status, [field]), change
    status, problem = ask(
        trade.buyer, "POST", "/payments", paid | {"method": "cash", "amount_rupiah": 10**9}, **key("z")
    )
    assert (status, problem["code"]) == (409, "payment_too_large")
    with_proof = paid | {"proof": base64.b64encode(PNG).decode()}
    assert ask(trade.buyer, "POST", "/payments", with_proof, **key("k"))[1]["state"] == "reported"
    assert len(ask(trade.maker, "GET", "/payments?state=reported")[1]["items"]) == 1
    assert ask(trade.maker, "GET", "/payments?state=confirmed")[1]["items"] == []
    assert len(ask(trade.maker, "GET", "/payables?is_open=true")[1]["items"]) == 1
    assert ask(trade.maker, "GET", "/payables?is_open=false")[1]["items"] == []


def test_programs_of_both_sides_are_told_each_step_with_what_it_needs_and_no_more(app, ask, trade):
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = True
    for actor in (trade.maker, trade.buyer):
        webhooks.subscribe(
            actor=actor, url="http://127.0.0.1:1/", wanted=["order.placed", "order.moved", "payment.changed"]
        )
    limit(trade.operator, 100_000)
    ask(trade.staff, "POST", "/orders", basket(trade), **key("w"))
    order = received(trade)
    rows = db.session.execute(
        select(WebhookDelivery.endpoint_id, WebhookDelivery.event, WebhookDelivery.body).order_by(
            WebhookDelivery.id
        )
    ).all()
    makers, buyers = sorted({row.endpoint_id for row in rows})
    told = {one: [row.event for row in rows if row.endpoint_id == one] for one in (makers, buyers)}
    assert told[makers] == ["order.placed", *["order.moved"] * 4]
    assert told[buyers] == ["order.moved", *told[makers]], "what waits for approval is the buyer's own affair"
    assert f'"order_ref":"{order.order_ref}"' in rows[-1].body
    assert '"state":"invoiced"' in rows[-1].body
    for secret in (trade.buyer.name, trade.maker.name, trade.seller.name, "Nusukan"):
        assert all(secret not in row.body for row in rows)


def test_a_reason_is_kept_without_what_no_database_can_hold(ask, trade):
    payment = pay(trade, received(trade), amount=1_000, confirms=False)
    for reason, status in (("\x00 \x00", 409), ("Belum\x00 masuk\r\nsampai sore.", 200)):
        assert ask(trade.maker, "POST", f"/payments/{payment.id}/deny", {"reason": reason})[0] == status
    db.session.rollback()
    row = db.session.get_one(Payment, payment.id, populate_existing=True)
    assert row.answer_reason == "Belum masuk\nsampai sore."


def test_a_key_of_a_payment_is_one_buyer_s_own(ask, trade):
    for one in (trade, trade_of(ready=100, min_order=5)):
        [debt] = payables_of(received(one))
        paid = {
            "payable_ids": [debt.id],
            "amount_rupiah": 1_000,
            "method": "cash",
            "paid_on": "2026-11-22",
        }
        assert ask(one.buyer, "POST", "/payments", paid, **key("p"))[0] == 200
