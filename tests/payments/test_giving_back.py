"""Refunds through the provider: due to done, asked once by their key, told in any order."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.payments.models import ProviderCall, Refund
from marketplace.payments.providers import ProviderSilent
from marketplace.payments.services.giving_back import give_back_otherwise, send_refund, try_again
from marketplace.payments.services.sweeping import sweep
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.online import Buyer, later
from tests.support.stripe_standin import Fault


@pytest.fixture
def buyer(stripe):
    """A buyer whose charge of two bills was paid."""
    found = Buyer(stripe)
    found.paid_charge = found.paid()
    return found


def refund_keys():
    keys = select(ProviderCall.idempotency_key).where(ProviderCall.what == "refund")
    return list(db.session.scalars(keys.order_by(ProviderCall.id)))


def test_a_withdrawn_advance_goes_back_through_its_charge(buyer, stripe):
    buyer.pairs[1].withdraw()
    assert buyer.refunds() == [("due", 55_000)]
    sweep()
    assert buyer.refunds() == [("done", 55_000)]
    sent = next(iter(stripe.refunds.values()))
    assert (sent["amount"], sent["metadata"]["reference"]) == (5_500_000, refund_keys()[0])
    assert refund_keys() == [f"{buyer.paid_charge.reference}-refund-1"]
    assert buyer.charge(buyer.paid_charge.id).refunded_rupiah == 55_000
    assert buyer.balances() == {"held": 100_000, "advance": -100_000}


def test_part_of_a_bill_goes_back_and_then_more(buyer, stripe):
    buyer.pairs[0].bill(70_000)
    sweep()
    assert buyer.refunds() == [("done", 30_000)]
    buyer.pairs[0].credit(20_000)
    sweep()
    assert buyer.refunds() == [("done", 30_000), ("done", 20_000)]
    assert sum(one["amount"] for one in stripe.refunds.values()) == 5_000_000


def test_what_a_charge_did_not_bring_goes_back_by_hand(stripe):
    buyer = Buyer(stripe, 100_000)
    pair = buyer.pairs[0]
    pair.pay("advance", 60_000, confirm=True)
    buyer.paid()
    pair.bill(100_000)
    pair.credit(30_000)
    pair.credit(30_000, number=2)
    assert buyer.refunds() == [("due", 30_000), ("due", 10_000), ("due", 20_000)]
    assert [row.charge_id for row in pair.refund_rows()] == [1, 1, None]


def test_a_refund_on_its_way_is_done_when_it_is_told(buyer, stripe):
    stripe.refunds_end_as = "pending"
    buyer.pairs[1].withdraw()
    sweep()
    assert buyer.refunds() == [("sent", 55_000)]
    name = next(iter(stripe.refunds))
    event = stripe.finish_refund(name, "succeeded")
    assert buyer.tell(event) == "applied"
    assert buyer.tell(event) == "repeated"
    assert buyer.tell({**event, "id": "evt_other"}) == "unchanged"
    assert buyer.refunds() == [("done", 55_000)]


def test_a_refund_that_nobody_tells_of_is_asked_after_an_hour(buyer, stripe):
    stripe.refunds_end_as = "pending"
    buyer.pairs[1].withdraw()
    sweep()
    stripe.refunds[next(iter(stripe.refunds))]["status"] = "succeeded"
    with later(stripe, minutes=61):
        sweep()
    assert buyer.refunds() == [("done", 55_000)]
    assert len(stripe.refunds) == 1


def test_a_refund_that_came_back_has_failed_whatever_is_told_later(buyer, stripe):
    buyer.pairs[1].withdraw()
    sweep()
    done = stripe.events[-1]
    assert buyer.tell(stripe.finish_refund(next(iter(stripe.refunds)), "failed")) == "applied"
    assert buyer.refunds() == [("failed", 55_000)]
    assert buyer.charge(buyer.paid_charge.id).refunded_rupiah == 0
    assert buyer.tell(done) == "unchanged"
    assert buyer.balances() == {"held": 155_000, "advance": -100_000, "refunds": -55_000}


def test_a_failed_refund_is_tried_again_by_a_key_of_its_own(buyer, stripe):
    buyer.pairs[1].withdraw()
    sweep()
    old = stripe.finish_refund(next(iter(stripe.refunds)), "failed")
    buyer.tell(old)
    admin = make.member(Role.ADMIN)
    refund = db.session.scalars(select(Refund)).one()
    with pytest.raises(Forbidden):
        try_again(actor=buyer.actor, refund_id=refund.id)
    with pytest.raises(NotFound):
        try_again(actor=admin, refund_id=refund.id + 1)
    try_again(actor=admin, refund_id=refund.id)
    with pytest.raises(RuleBroken):
        try_again(actor=admin, refund_id=refund.id)
    sweep()
    assert buyer.refunds() == [("done", 55_000)]
    assert refund_keys()[1] == f"{refund_keys()[0]}-2"
    assert buyer.tell({**old, "id": "evt_late"}) == "unchanged"
    assert buyer.refunds() == [("done", 55_000)]


def test_a_refund_asked_anew_is_looked_after_by_its_latest_question_alone(buyer, stripe):
    stripe.refunds_end_as = "pending"
    buyer.pairs[1].withdraw()
    sweep()
    with later(stripe, minutes=90):
        buyer.tell(stripe.finish_refund(next(iter(stripe.refunds)), "failed"))
        try_again(actor=make.member(Role.ADMIN), refund_id=1)
        sweep()
        asked = len(stripe.calls)
        sweep()
        assert len(stripe.calls) == asked


def test_what_the_provider_cannot_give_back_is_given_back_otherwise_once(buyer, stripe):
    buyer.pairs[1].withdraw()
    sweep()
    name = next(iter(stripe.refunds))
    buyer.tell(stripe.finish_refund(name, "failed"))
    admin = make.member(Role.ADMIN)
    with pytest.raises(Forbidden):
        give_back_otherwise(actor=buyer.actor, refund_id=1, reason="Transfer")
    with pytest.raises(InvalidInput):
        give_back_otherwise(actor=admin, refund_id=1, reason=" ")
    give_back_otherwise(actor=admin, refund_id=1, reason="Transfer BCA, bukti 77")
    for again in (partial(give_back_otherwise, reason="Transfer"), try_again):
        with pytest.raises(RuleBroken):
            again(actor=admin, refund_id=1)
    sweep()
    assert buyer.refunds() == [("done", 55_000)]
    assert buyer.balances() == {"held": 100_000, "advance": -100_000}
    assert buyer.charge(buyer.paid_charge.id).refunded_rupiah == 55_000
    late = stripe.finish_refund(name, "failed")
    assert buyer.tell({**late, "id": "evt_late"}) == "unchanged"
    assert buyer.refunds() == [("done", 55_000)]


@pytest.mark.parametrize("mode", ["dropped", "dropped_before", "error_after", "error_before", "error_kept"])
def test_a_refund_whose_answer_was_lost_is_sent_once(buyer, stripe, mode):
    buyer.pairs[1].withdraw()
    stripe.faults.append(Fault("/v1/refunds", "", times=1))
    stripe.faults.append(Fault("/v1/refunds", mode))
    sweep()
    assert buyer.refunds() == [("sent", 55_000)]
    with later(stripe, minutes=2):
        sweep()
    assert buyer.refunds() == [("done", 55_000)]
    assert len(stripe.refunds) == 1


def test_a_refund_of_which_the_answer_cannot_be_read_keeps_no_other_waiting(stripe):
    buyers = [Buyer(stripe, 20_000), Buyer(stripe, 30_000)]
    for buyer in buyers:
        buyer.paid()
        buyer.pairs[0].withdraw()
    stripe.refunds_end_as = "a state that nobody knows yet"
    with pytest.raises(ProviderSilent):
        send_refund(1)
    stripe.refunds_end_as = "pending"
    send_refund(2)
    stripe.refunds[list(stripe.refunds)[1]]["status"] = "succeeded"
    with later(stripe, minutes=61):
        sweep()
    assert buyers[0].refunds() == [("sent", 20_000), ("done", 30_000)]


def test_sent_twice_it_is_asked_once(buyer, stripe):
    buyer.pairs[1].withdraw()
    refund = db.session.scalars(select(Refund)).one()
    send_refund(refund.id)
    asked = len(stripe.calls)
    send_refund(refund.id)
    assert len(stripe.calls) == asked


def test_what_the_provider_refuses_to_give_back_has_failed(buyer, stripe):
    buyer.pairs[1].withdraw()
    intent = next(iter(stripe.intents.values()))
    stripe.refunds["re_past_us"] = {
        "id": "re_past_us", "object": "refund", "amount": 15_000_000, "currency": "idr", "metadata": {},
        "payment_intent": intent["id"], "status": "succeeded",
    }  # fmt: skip
    sweep()
    assert buyer.refunds() == [("failed", 55_000)]
    refund = db.session.scalars(select(Refund)).one()
    assert refund.failure == "charge_already_refunded"


def test_money_given_back_past_us_flags_the_charge(buyer, stripe):
    intent = next(iter(stripe.intents))
    stripe._refund({"payment_intent": intent, "amount": "100"})
    assert buyer.tell(stripe.events[-1]) == "mismatch"
    assert buyer.charge(buyer.paid_charge.id).flag == "refund"
    stripe.events[-1]["data"]["object"]["payment_intent"] = "pi_of_others"
    assert buyer.tell({**stripe.events[-1], "id": "evt_others"}) == "not_ours"


def test_a_refund_told_with_another_amount_is_flagged_and_not_done(buyer, stripe):
    stripe.refunds_end_as = "pending"
    buyer.pairs[1].withdraw()
    sweep()
    event = stripe.finish_refund(next(iter(stripe.refunds)), "succeeded")
    event["data"]["object"]["amount"] = 100
    assert buyer.tell(event) == "mismatch"
    assert buyer.refunds() == [("sent", 55_000)]
    assert buyer.charge(buyer.paid_charge.id).flag == "refund"
