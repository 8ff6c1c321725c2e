"""Disputes: money set aside, back, or gone; what is gone is owed again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.payments.models import ChargeDispute
from marketplace.payments.services.sweeping import sweep
from tests.payments.online import Buyer


@pytest.fixture
def buyer(stripe):
    """A buyer whose charge of two bills was paid."""
    found = Buyer(stripe)
    found.paid_charge = found.paid()
    return found


def disputes():
    db.session.rollback()
    return [
        (row.state, row.amount_rupiah, row.fee_rupiah) for row in db.session.scalars(select(ChargeDispute))
    ]


def object_to(buyer, stripe, amount=15_500_000):
    event = stripe.object_to(next(iter(stripe.intents)), amount)
    return event, event["data"]["object"]["id"]


def test_a_dispute_sets_the_money_aside_by_seller(buyer, stripe):
    event, _name = object_to(buyer, stripe)
    assert buyer.tell(event) == "applied"
    assert disputes() == [("open", 155_000, 0)]
    assert buyer.balances() == {"advance": -155_000, "disputed": 155_000}


def test_won_brings_it_back_and_lost_is_told_no_more(buyer, stripe):
    event, name = object_to(buyer, stripe)
    buyer.tell(event)
    assert buyer.tell(stripe.decide(name, "won")) == "applied"
    assert buyer.tell(stripe.decide(name, "lost")) == "unchanged"
    assert disputes() == [("won", 155_000, 0)]
    assert buyer.balances() == {"advance": -155_000, "held": 155_000}


def test_lost_reverses_the_payments_and_the_bills_are_owed_again(buyer, stripe):
    event, name = object_to(buyer, stripe)
    buyer.tell(event)
    buyer.tell(stripe.decide(name, "lost", fee=1_500_000))
    assert disputes() == [("lost", 155_000, 15_000)]
    assert buyer.standing() == [(100_000, 0, 0), (55_000, 0, 0)]
    assert [state for _method, _provider, state, _amount in buyer.payments()] == ["reversed", "reversed"]
    found = buyer.charge(buyer.paid_charge.id)
    assert (found.refunded_rupiah, found.lost_rupiah, found.fee_rupiah) == (0, 155_000, 15_000)
    again = buyer.start()
    buyer.tell(stripe.pay(again.provider_ref))
    assert buyer.standing() == [(100_000,) * 3, (55_000,) * 3]


def test_part_of_a_charge_is_taken_back_by_largest_remainder(buyer, stripe):
    event, name = object_to(buyer, stripe, 3_100_100)
    buyer.tell(event)
    buyer.tell(stripe.decide(name, "lost"))
    assert buyer.standing() == [(100_000, 79_999, 79_999), (55_000, 44_000, 44_000)]
    assert [state for _m, _p, state, _a in buyer.payments()] == [
        "reversed",
        "reversed",
        "confirmed",
        "confirmed",
    ]
    buyer.pairs[0].withdraw()
    assert buyer.refunds() == [("due", 79_999)]
    sweep()
    assert buyer.refunds() == [("done", 79_999)]


def test_the_end_may_be_told_before_the_beginning(buyer, stripe):
    opened, name = object_to(buyer, stripe)
    assert buyer.tell(stripe.decide(name, "lost")) == "applied"
    assert buyer.tell(opened) == "unchanged"
    assert disputes() == [("lost", 155_000, 0)]


def test_what_was_to_go_back_is_not_sent_after_a_bank_took_it(stripe):
    buyer = Buyer(stripe)
    charge = buyer.start()
    for pair in buyer.pairs:
        pair.withdraw()
    buyer.tell(stripe.pay(charge.provider_ref))
    event, name = object_to(buyer, stripe)
    buyer.tell(event)
    buyer.tell(stripe.decide(name, "lost"))
    sweep()
    assert stripe.refunds == {}
    assert buyer.refunds() == [("dropped", 100_000), ("dropped", 55_000)]


def test_what_a_bank_took_a_part_of_goes_back_less_that_part(stripe):
    buyer = Buyer(stripe)
    charge = buyer.start()
    for pair in buyer.pairs:
        pair.withdraw()
    buyer.tell(stripe.pay(charge.provider_ref))
    event, name = object_to(buyer, stripe, 3_100_000)
    buyer.tell(event)
    buyer.tell(stripe.decide(name, "lost"))
    sweep()
    assert buyer.refunds() == [("done", 80_000), ("done", 44_000)]
    assert buyer.balances() == {}
    assert buyer.tell(object_to(buyer, stripe)[0]) == "mismatch"


def test_two_disputes_take_no_more_together_than_came(buyer, stripe):
    one, other = (object_to(buyer, stripe, 10_000_000) for _ in range(2))
    assert buyer.tell(one[0]) == "applied"
    assert buyer.tell(other[0]) == "mismatch"
    buyer.tell(stripe.decide(one[1], "won"))
    assert buyer.tell(stripe.decide(other[1], "lost")) == "applied"
    assert buyer.charge(buyer.paid_charge.id).lost_rupiah == 100_000


def test_what_goes_back_twice_stays_in_the_books_as_given_too_much(stripe):
    buyer = Buyer(stripe)
    charge = buyer.start()
    for pair in buyer.pairs:
        pair.withdraw()
    buyer.tell(stripe.pay(charge.provider_ref))
    event, name = object_to(buyer, stripe)
    stripe.refunds_end_as = "pending"
    sweep()
    buyer.tell(event)
    buyer.tell(stripe.decide(name, "lost"))
    assert buyer.balances() == {}
    assert buyer.refunds() == [("sent", 100_000), ("sent", 55_000)]
    for name in list(stripe.refunds):
        assert buyer.tell(stripe.finish_refund(name, "succeeded")) == "applied"
    assert buyer.balances() == {"held": -155_000, "refunds": 155_000}


@pytest.mark.parametrize(
    "change", [{"currency": "usd"}, {"amount": 15_500_100}, {"amount": 0}, {"amount": 5}]
)
def test_a_dispute_that_does_not_fit_is_flagged(buyer, stripe, change):
    event, _name = object_to(buyer, stripe)
    event["data"]["object"] |= change
    assert buyer.tell(event) == "mismatch"
    assert buyer.charge(buyer.paid_charge.id).flag == "dispute"
    assert disputes() == []


def test_a_dispute_of_a_strangers_payment_is_not_ours(buyer, stripe):
    event, _name = object_to(buyer, stripe)
    event["data"]["object"]["payment_intent"] = "pi_of_others"
    assert buyer.tell(event) == "not_ours"


@pytest.mark.parametrize("is_asked", [False, True], ids=["due", "failed"])
def test_a_bill_whose_money_a_bank_took_is_not_given_back_as_well(buyer, stripe, is_asked):
    event, name = object_to(buyer, stripe)
    buyer.tell(event)
    buyer.pairs[0].withdraw()
    if is_asked:
        stripe.refunds_end_as = "failed"
        sweep()
    buyer.tell(stripe.decide(name, "lost"))
    assert buyer.refunds() == [("dropped", 100_000)]
    assert buyer.standing() == [(0, 0, 0), (55_000, 0, 0)]
    assert buyer.balances() == {"advance": -55_000, "owed": 55_000}


def test_money_that_left_by_the_bank_and_by_a_refund_is_in_the_books_twice(buyer, stripe):
    stripe.refunds_end_as = "pending"
    buyer.pairs[0].withdraw()
    sweep()
    event, name = object_to(buyer, stripe)
    buyer.tell(event)
    buyer.tell(stripe.decide(name, "lost"))
    assert buyer.tell(stripe.finish_refund(next(iter(stripe.refunds)), "succeeded")) == "applied"
    found = buyer.charge(buyer.paid_charge.id)
    assert (found.refunded_rupiah, found.lost_rupiah) == (100_000, 155_000)
    assert buyer.refunds() == [("done", 100_000)]
    assert buyer.balances() == {"advance": -55_000, "owed": 155_000, "held": -100_000}
