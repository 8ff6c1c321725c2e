"""The adapter over Stripe's own fixture objects, and over amounts as Stripe writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marketplace.payments.models import ChargeState, RefundState
from marketplace.payments.providers.protocol import ToldCharge, ToldDispute, ToldRefund, Unreadable
from marketplace.payments.providers.stripe import (
    fee_rupiah,
    read_dispute,
    read_event,
    read_refund,
    read_session,
    whole_rupiah,
)


@pytest.fixture(scope="module")
def objects(shared_data):
    return json.loads((shared_data / "stripe" / "fixtures3.json").read_text())["resources"]


@pytest.mark.shared
def test_stripes_own_session_is_read(objects):
    told = read_session(objects["checkout.session"])
    assert (told.state, told.amount_rupiah, told.reference) == (ChargeState.OPEN, None, "")
    assert told.provider_ref.startswith("cs_test_")
    assert told.intent_ref == "pi_1PgafyB7WZ01zgkWSjxsAJo3"
    assert told.url.startswith("https://checkout.stripe.com/")


@pytest.mark.shared
def test_stripes_own_session_with_its_payment_inside_is_read(objects):
    session = {
        **objects["checkout.session"],
        "payment_intent": objects["payment_intent"],
        "status": "complete",
    }
    assert read_session(session).state is ChargeState.FAILED
    session["payment_intent"] = {
        **objects["payment_intent"],
        "status": "processing",
        "last_payment_error": None,
    }
    assert read_session(session).state is ChargeState.PENDING
    assert read_session({**session, "payment_status": "paid"}).state is ChargeState.PAID
    assert read_session({**session, "payment_status": "no_payment_required"}).state is ChargeState.PENDING


@pytest.mark.shared
def test_stripes_own_refund_dispute_and_balance_are_read(objects):
    refund = read_refund(objects["refund"])
    assert (refund.state, refund.amount_rupiah, refund.currency) == (RefundState.DONE, 1, "usd")
    dispute = read_dispute(objects["dispute"])
    assert (dispute.state, dispute.amount_rupiah, dispute.reason) == ("open", 10, "general")
    assert dispute.answer_by is not None
    assert fee_rupiah(objects["balance_transaction"], 100) == 0


@pytest.mark.shared
def test_stripes_own_event_is_read_and_carries_what_we_follow(objects):
    event = objects["event"]
    told = read_event(json.dumps(event).encode())
    assert (told.kind, told.told) == ("plan.created", None)
    followed = {
        "checkout.session.completed": ("checkout.session", ToldCharge),
        "checkout.session.expired": ("checkout.session", ToldCharge),
        "checkout.session.async_payment_failed": ("checkout.session", ToldCharge),
        "refund.updated": ("refund", ToldRefund),
        "charge.dispute.created": ("dispute", ToldDispute),
    }
    for kind, (name, type_) in followed.items():
        body = json.dumps({**event, "type": kind, "data": {"object": objects[name]}}).encode()
        assert isinstance(read_event(body).told, type_)


@pytest.mark.shared
def test_no_object_of_stripes_breaks_any_reader(objects):
    for found in objects.values():
        for read in (read_session, read_refund, read_dispute):
            try:
                read(found)
            except Unreadable:
                pass


def test_rupiah_are_hundredths_and_no_part_of_one_is_lost():
    assert whole_rupiah(5_500_000) == 55_000
    assert whole_rupiah(5_500_001) is None
    assert whole_rupiah(999_999_999_900) == 9_999_999_999
    assert whole_rupiah(1_000_000_000_000) is None
    nonsense: Any
    for nonsense in (1.0, "100", None, True):
        with pytest.raises(TypeError):
            whole_rupiah(nonsense)


@pytest.mark.parametrize(
    ("amount", "fee", "ours", "rupiah"),
    [
        (5_500_000, 159_549, 5_500_000, 1_595),
        (5_500_000, 159_550, 5_500_000, 1_596),
        (5_500_000, 0, 5_500_000, 0),
        (450, 13, 5_500_000, 1_589),
        (-5_500_000, 1_500_000, 5_500_000, 15_000),
    ],
)
def test_a_fee_is_whole_rupiah_half_up_whatever_the_currency_of_the_balance(amount, fee, ours, rupiah):
    assert fee_rupiah({"amount": amount, "fee": fee}, ours) == rupiah
