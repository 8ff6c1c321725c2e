"""Thousands of deliveries, repeated, shuffled, forged, stale and from the future: each bill is paid once."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from contextvars import copy_context
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace import audits
from marketplace.db import db, unit_of_work
from marketplace.payments.models import (
    Charge,
    JournalLine,
    Payable,
    Payment,
    PaymentAllocation,
    ProviderEvent,
)
from marketplace.payments.services import AdvanceAsked, ask_advance, withdraw_advance
from marketplace.payments.services.charges import start_charge
from marketplace.payments.services.sweeping import sweep
from marketplace.permissions import SYSTEM
from tests.payments.support import TODAY, Pair

IS_PROOF = "ETALASE_PROOF" in os.environ
DELIVERIES = 10_000 if IS_PROOF else 100
THREADS = 4
URL = "/payments/webhooks/stripe"
WAYS = (
    ("card",) * 8 + ("later",) * 4 + ("never",) * 2 + ("expired",) * 2 + ("withdrawn",) * 2 + ("unpaid",) * 2
)


class Market:
    """One buyer, five sellers, and a charge of one to three bills for each way that a payment can go."""

    def __init__(self, stripe, chance):
        self.stripe, self.chance = stripe, chance
        first = Pair()
        self.pairs = [first, *(Pair(operator=first.operator) for _ in range(4))]
        self.shares = 1000
        self.ways: dict[int, str] = {}

    def charge(self, way):
        bills = []
        for pair in self.chance.sample(self.pairs, self.chance.randint(1, 3)):
            self.shares += 1
            asked = AdvanceAsked(
                self.shares, f"PO/{self.shares}", pair.operator.id, pair.maker.id,
                self.chance.randrange(10_000, 900_000), TODAY,
            )  # fmt: skip
            with unit_of_work() as session:
                ask_advance(session, asked, actor=SYSTEM)
            bills.append(self.shares)
        ids = db.session.scalars(select(Payable.id).where(Payable.document_id.in_(bills))).all()
        made = start_charge(actor=self.pairs[0].buyer, payable_ids=ids)
        self.ways[made.id] = way
        if way == "withdrawn":
            for share in bills:
                with unit_of_work() as session:
                    withdraw_advance(session, share, reason="Batal", actor=SYSTEM)
        return made.provider_ref

    def events(self, name, way):
        """What Stripe tells of a payment that goes this way, all of it."""
        stripe, first = self.stripe, len(self.stripe.events)
        if way in {"card", "withdrawn"}:
            stripe.pay(name)
            stripe._tell("payment_intent.succeeded", stripe.intents[stripe.sessions[name]["payment_intent"]])
        elif way == "later":
            stripe.pay_later(name)
            stripe.arrive(name)
        elif way == "never":
            stripe.pay_later(name)
            stripe.fail(name)
        elif way == "expired":
            stripe.expire(name)
        return stripe.events[first:]


def forged(stripe, chance, name):
    """A delivery that says that an unpaid session was paid, signed by nobody, or too early, or too late."""
    event = {
        "id": f"evt_forged_{chance.randrange(10**9)}", "type": "checkout.session.completed",
        "created": stripe.second,
        "data": {"object": {**stripe.sessions[name], "status": "complete", "payment_status": "paid"}},
    }  # fmt: skip
    match chance.choice(("secret", "body", "stale", "future", "none")):
        case "secret":
            return stripe.signed(event, secret="whsec_of_somebody")
        case "stale":
            return stripe.signed(event, at=stripe.second - chance.randrange(301, 10**6))
        case "future":
            return stripe.signed(event, at=stripe.second + chance.randrange(301, 10**8))
        case "none":
            return json.dumps(event).encode(), {}
    body, headers = stripe.signed(event)
    return body.replace(b'"payment_status": "paid"', b'"payment_status":  "paid"'), headers


@pytest.mark.proof
def test_every_bill_is_paid_once_and_nothing_forged_is_believed(app, stripe):
    chance, began = random.Random(20261122), time.monotonic()
    market = Market(stripe, chance)
    unpaid: list[str] = []
    genuine: list[dict[str, Any]] = []
    while len(genuine) < DELIVERIES * 6 // 10:
        way = chance.choice(WAYS)
        name = market.charge(way)
        if way == "unpaid":
            unpaid.append(name)
        genuine += market.events(name, way)
    assert set(market.ways.values()) == set(WAYS)
    deliveries = [(200, *stripe.signed(event)) for event in genuine]
    deliveries += [chance.choice(deliveries) for _ in range(DELIVERIES * 3 // 10)]
    while len(deliveries) < DELIVERIES:
        deliveries.append((400, *forged(stripe, chance, chance.choice(unpaid))))
    chance.shuffle(deliveries)
    made = time.monotonic()
    answers = deliver(app, deliveries)
    took = time.monotonic() - made
    report = {"deliveries": len(deliveries), "seconds": round(took, 1), "before": round(made - began, 1)}
    print(report)  # noqa: T201 - shown by pytest -s
    assert {status for _wanted, status in answers} <= {200, 400}
    assert Counter(wanted for wanted, _status in answers) == Counter(status for _wanted, status in answers)
    assert all(wanted == status for wanted, status in answers)
    compare(market, genuine)
    sweep()
    assert list(audits.differences()) == []


def deliver(app, deliveries):
    """All deliveries over HTTP's client from several threads, each taking the next."""
    left, guard, answers = iter(deliveries), threading.Lock(), []

    def work():
        with app.app_context():
            client = app.test_client()
            while True:
                with guard:
                    one = next(left, None)
                if one is None:
                    break
                wanted, body, headers = one
                status = client.post(URL, data=body, headers=headers).status_code
                with guard:
                    answers.append((wanted, status))
            db.session.remove()

    threads = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return answers


def compare(market, genuine):
    """Each charge stands where its way led, each of its bills was paid once or not at all."""
    ends = {
        "card": "paid", "later": "paid", "withdrawn": "paid", "never": "failed", "expired": "expired",
        "unpaid": "open",
    }  # fmt: skip
    for charge in db.session.scalars(select(Charge)):
        assert charge.state == ends[market.ways[charge.id]], (charge.id, market.ways[charge.id])
        assert charge.flag == ""
    paid = {key for key, way in market.ways.items() if way in {"card", "later"}}
    bills = """SELECT i.charge_id, p.amount_rupiah, p.paid_rupiah, p.confirmed_rupiah, i.outcome
        FROM charge_items i JOIN payables p ON p.id = i.payable_id"""
    for charge, amount, got, confirmed, outcome in db.session.execute(db.text(bills)):
        if charge in paid:
            assert (got, confirmed, outcome) == (amount, amount, "paid")
        else:
            assert (got, confirmed) == (0, 0)
    count = select(func.count()).select_from(PaymentAllocation).group_by(PaymentAllocation.payable_id)
    assert set(db.session.scalars(count)) == {1}
    assert set(db.session.scalars(select(Payment.state))) == {"confirmed"}
    events = select(ProviderEvent.event_ref)
    assert sorted(db.session.scalars(events)) == sorted(event["id"] for event in genuine)
    assert db.session.scalar(select(func.sum(JournalLine.amount_rupiah))) == 0
