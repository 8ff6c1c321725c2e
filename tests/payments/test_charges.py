"""Paying through a provider: one charge for several sellers, asked once, applied once, never revived."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.payments.models import Charge, ChargeItem, JournalAccount, PaymentMethod, ProviderCall
from marketplace.payments.providers import ProviderRefused, ProviderSilent
from marketplace.payments.rules import PaymentVerb
from marketplace.payments.services import answer_payment
from marketplace.payments.services.charges import look_at_own, start_charge, stop_charge
from marketplace.payments.services.sweeping import learn_fee, sweep
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.online import Buyer, later
from tests.payments.support import Pair
from tests.support.stripe_standin import Fault


@pytest.fixture
def buyer(stripe):
    return Buyer(stripe)


def test_several_bills_of_several_sellers_are_one_charge_in_hundredths_of_rupiah(buyer, stripe):
    charge = buyer.start()
    session = stripe.sessions[charge.provider_ref]
    assert (charge.state, charge.amount_rupiah, charge.url) == ("open", 155_000, session["url"])
    assert session["amount_total"] == 15_500_000
    assert session["client_reference_id"] == charge.reference
    prices = [line["price_data"]["unit_amount"] for line in session["line_items"]["data"]]
    assert prices == ["10000000", "5500000"]
    assert session["success_url"] == f"http://localhost/payments/online/{charge.id}/return"


def test_the_question_is_a_row_before_it_is_asked_and_its_key_is_the_charges_own(buyer, stripe):
    charge = buyer.start()
    call = db.session.scalars(select(ProviderCall)).one()
    assert (call.state, call.idempotency_key, call.charge_id) == ("answered", charge.reference, charge.id)
    assert stripe.calls == [("POST", "/v1/checkout/sessions", charge.reference)]


def test_paid_and_told_pays_each_bill_and_enters_what_is_held(buyer):
    charge = buyer.paid()
    assert (charge.state, charge.captured_rupiah) == ("paid", 155_000)
    assert buyer.standing() == [(100_000,) * 3, (55_000,) * 3]
    assert buyer.payments() == [
        ("provider", "stripe", "confirmed", 100_000),
        ("provider", "stripe", "confirmed", 55_000),
    ]
    sums = db.session.execute(select(JournalAccount.kind, JournalAccount.balance_rupiah)).all()
    assert sorted(tuple(row) for row in sums if row[1]) == [
        ("advance", -100_000), ("advance", -55_000), ("held", 55_000), ("held", 100_000),
    ]  # fmt: skip


def test_the_return_page_and_the_event_do_the_same_and_only_once(buyer, stripe):
    charge = buyer.start()
    event = stripe.pay(charge.provider_ref)
    assert look_at_own(actor=buyer.actor, charge_id=charge.id).state == "paid"
    assert buyer.tell(event) == "unchanged"
    assert buyer.tell(event) == "repeated"
    assert len(buyer.payments()) == 2


def test_a_second_start_for_the_same_bills_goes_on_with_the_first(buyer, stripe):
    first, second = buyer.start(), buyer.start()
    assert first.id == second.id
    assert len(stripe.sessions) == 1


def test_a_bill_that_another_charge_asks_for_is_refused_until_that_ends(buyer, stripe):
    first = buyer.start(buyer.bills[0])
    with pytest.raises(RuleBroken) as refused:
        buyer.start()
    assert (refused.value.code, refused.value.details["charge_id"]) == ("charge_open", first.id)
    buyer.tell(stripe.expire(first.provider_ref))
    assert buyer.charge(first.id).state == "expired"
    assert buyer.start().id != first.id


def test_a_charge_that_is_stopped_frees_its_bills_and_cannot_be_paid(buyer, stripe):
    charge = buyer.start()
    assert stop_charge(actor=buyer.actor, charge_id=charge.id).state == "expired"
    assert stripe.sessions[charge.provider_ref]["status"] == "expired"
    assert buyer.start().id != charge.id


def test_a_charge_that_was_paid_before_it_was_stopped_is_paid(buyer, stripe):
    charge = buyer.start()
    stripe.pay(charge.provider_ref)
    assert stop_charge(actor=buyer.actor, charge_id=charge.id).state == "paid"


def test_money_on_its_way_waits_and_cannot_be_stopped(buyer, stripe):
    charge = buyer.start()
    assert buyer.tell(stripe.pay_later(charge.provider_ref)) == "applied"
    assert buyer.charge(charge.id).state == "pending"
    assert buyer.payments() == []
    with pytest.raises(RuleBroken, match="perjalanan"):
        stop_charge(actor=buyer.actor, charge_id=charge.id)
    assert buyer.tell(stripe.arrive(charge.provider_ref)) == "applied"
    assert buyer.charge(charge.id).state == "paid"


def test_money_on_its_way_that_never_comes_frees_the_bills(buyer, stripe):
    charge = buyer.start()
    completed = stripe.pay_later(charge.provider_ref)
    assert buyer.tell(stripe.fail(charge.provider_ref)) == "applied"
    assert buyer.tell(completed) == "unchanged"
    assert buyer.charge(charge.id).state == "failed"
    assert buyer.start().id != charge.id


def test_asked_after_money_never_came_the_provider_says_why(buyer, stripe):
    charge = buyer.start()
    buyer.tell(stripe.pay_later(charge.provider_ref))
    stripe.fail(charge.provider_ref)
    found = look_at_own(actor=buyer.actor, charge_id=charge.id)
    assert (found.state, found.failure) == ("failed", "Transfer tidak masuk.")


def test_the_order_of_events_does_not_matter(buyer, stripe):
    charge = buyer.start()
    completed, arrived = stripe.pay_later(charge.provider_ref), stripe.arrive(charge.provider_ref)
    assert buyer.tell(arrived) == "applied"
    assert buyer.tell(completed) == "unchanged"
    assert buyer.charge(charge.id).state == "paid"
    assert len(buyer.payments()) == 2


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"amount_total": 15_499_900}, "amount"),
        ({"amount_total": 15_500_001}, "amount"),
        ({"amount_total": None}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"client_reference_id": "etalase-lain"}, "reference"),
        ({"id": "cs_test_lain"}, "reference"),
    ],
)
def test_what_does_not_fit_pays_nothing_and_is_flagged(buyer, stripe, change, flag):
    charge = buyer.start()
    event = stripe.pay(charge.provider_ref)
    event["data"]["object"] |= change
    assert buyer.tell(event) == "mismatch"
    found = buyer.charge(charge.id)
    assert (found.state, found.flag) == ("open", flag)
    assert buyer.payments() == []
    assert buyer.events() == [("checkout.session.completed", "mismatch")]


def test_a_bill_paid_otherwise_meanwhile_gets_its_part_back_and_the_other_is_paid(buyer, stripe):
    charge = buyer.start()
    buyer.pairs[0].pay("advance", 40_000)
    buyer.tell(stripe.pay(charge.provider_ref))
    assert buyer.outcomes(charge.id) == ["returned", "paid"]
    assert buyer.standing() == [(100_000, 40_000, 0), (55_000,) * 3]
    assert buyer.refunds() == [("due", 100_000)]
    sweep()
    assert buyer.refunds() == [("done", 100_000)]
    assert buyer.charge(charge.id).refunded_rupiah == 100_000


def test_paid_after_it_was_withdrawn_goes_back_and_is_never_revived(buyer, stripe):
    charge = buyer.start()
    for pair in buyer.pairs:
        pair.withdraw()
    buyer.tell(stripe.pay(charge.provider_ref))
    assert buyer.standing() == [(0, 0, 0), (0, 0, 0)]
    assert buyer.payments() == []
    sweep()
    assert buyer.refunds() == [("done", 100_000), ("done", 55_000)]
    assert buyer.balances() == {}
    assert [one["amount"] for one in stripe.refunds.values()] == [10_000_000, 5_500_000]


def test_money_of_a_charge_that_had_expired_here_still_counts(buyer, stripe):
    charge = buyer.start()
    buyer.tell(stripe.expire(charge.provider_ref))
    again = buyer.start()
    buyer.tell(stripe.pay(charge.provider_ref))
    assert buyer.standing() == [(100_000,) * 3, (55_000,) * 3]
    buyer.tell(stripe.pay(again.provider_ref))
    assert buyer.outcomes(again.id) == ["returned", "returned"]
    assert buyer.refunds() == [("due", 100_000), ("due", 55_000)]


def test_the_fee_is_split_over_the_sellers_by_largest_remainder(buyer, stripe):
    stripe.fee = lambda _amount: 4_495_50
    charge = buyer.paid()
    with later(stripe, minutes=2):
        sweep()
        sweep()
        learn_fee(charge.id)
    found = buyer.charge(charge.id)
    assert (found.fee_rupiah, found.fee_known_at is not None) == (4_496, True)
    fees = select(JournalAccount.balance_rupiah).where(JournalAccount.kind == "fees")
    assert sorted(db.session.scalars(fees)) == [1_595, 2_901]


def test_a_fee_in_another_currency_is_brought_back_to_rupiah(buyer, stripe):
    stripe.settles_in, stripe.fee = ("sgd", 0.0000825), lambda _amount: 500_000
    charge = buyer.paid()
    with later(stripe, minutes=2):
        sweep()
    assert abs(buyer.charge(charge.id).fee_rupiah - 5_000) < 60


@pytest.mark.parametrize("mode", ["dropped", "dropped_before", "error_after", "error_before", "slow"])
def test_a_call_without_an_answer_is_asked_again_with_its_key(buyer, stripe, mode, app, monkeypatch):
    from marketplace.payments.providers import EXTENSION  # noqa: PLC0415

    client = app.extensions[EXTENSION]._client
    monkeypatch.setattr(client._requestor._client, "_timeout", 0.3)
    stripe.faults.append(Fault("/v1/checkout", mode))
    with pytest.raises(ProviderSilent):
        buyer.start()
    charge = db.session.scalars(select(Charge)).one()
    assert charge.state == "started"
    stripe.asleep.set()
    with later(stripe, minutes=2):
        sweep()
    assert buyer.charge(charge.id).state == "open"
    assert len(stripe.sessions) == 1
    assert {key for _method, _path, key in stripe.calls} == {charge.reference}


def test_an_event_can_answer_a_call_that_broke_off(buyer, stripe):
    stripe.faults.append(Fault("/v1/checkout", "dropped"))
    with pytest.raises(ProviderSilent):
        buyer.start()
    charge = db.session.scalars(select(Charge)).one()
    assert buyer.tell(stripe.pay(next(iter(stripe.sessions)))) == "applied"
    assert buyer.charge(charge.id).state == "paid"
    asked = len(stripe.calls)
    with later(stripe, seconds=59):
        sweep()
    assert len(stripe.calls) == asked


def test_a_provider_that_keeps_failing_is_given_up_when_nobody_can_pay_any_more(buyer, stripe):
    stripe.faults.append(Fault("/v1/checkout", "error_kept"))
    with pytest.raises(ProviderSilent):
        buyer.start()
    charge = db.session.scalars(select(Charge)).one()
    with later(stripe, minutes=30):
        sweep()
        assert buyer.charge(charge.id).state == "started"
    with later(stripe, hours=4):
        sweep()
    assert buyer.charge(charge.id).state == "failed"
    assert buyer.start().id != charge.id


def test_what_the_provider_refuses_ends_the_charge_and_says_why(stripe, app):
    from marketplace.payments.providers import EXTENSION  # noqa: PLC0415

    app.extensions[EXTENSION]._least = 1
    small = Buyer(stripe, 2_000)
    with pytest.raises(ProviderRefused, match="terlalu kecil"):
        small.start()
    charge = db.session.scalars(select(Charge)).one()
    assert charge.state == "failed"
    assert db.session.scalars(select(ProviderCall.state)).all() == ["refused"]
    assert not db.session.scalars(select(ChargeItem.is_live)).one()


@pytest.mark.parametrize(("amount", "code"), [(9_999, "amount_too_small"), (10**10, "amount_too_large")])
def test_amounts_that_the_provider_does_not_carry_are_refused_before_it_is_asked(stripe, amount, code):
    buyer = Buyer(stripe, amount)
    with pytest.raises(RuleBroken) as refused:
        buyer.start()
    assert refused.value.code == code
    assert stripe.calls == []
    assert db.session.scalars(select(Charge)).all() == []


def test_the_largest_amount_that_the_provider_carries_is_carried(stripe):
    buyer = Buyer(stripe, 9_999_999_999)
    assert stripe.sessions[buyer.start().provider_ref]["amount_total"] == 999_999_999_900
    assert buyer.charge(1).state == "open"


def test_strangers_and_those_who_may_not_pay_start_nothing(buyer):
    stranger = Pair()
    with pytest.raises(NotFound):
        start_charge(actor=stranger.buyer, payable_ids=buyer.bills)
    with pytest.raises(NotFound):
        start_charge(actor=buyer.actor, payable_ids=[])
    with pytest.raises(NotFound):
        start_charge(actor=buyer.actor, payable_ids=[999])
    with pytest.raises(Forbidden):
        start_charge(actor=buyer.pairs[0].seller, payable_ids=buyer.bills)
    staff = make.member(Role.BUYER_STAFF, operator_id=buyer.pairs[0].operator.id)
    with pytest.raises(Forbidden):
        start_charge(actor=staff, payable_ids=buyer.bills)
    with pytest.raises(InvalidInput):
        start_charge(actor=buyer.actor, payable_ids=range(1, 60))
    charge = buyer.start()
    with pytest.raises(NotFound):
        look_at_own(actor=stranger.buyer, charge_id=charge.id)


def test_a_bill_that_is_paid_is_not_asked_for(buyer):
    buyer.pairs[0].pay("advance", 100_000)
    with pytest.raises(RuleBroken, match="tidak menunggu"):
        buyer.start()


def test_a_payment_by_a_provider_is_not_answered_by_hand(buyer):
    buyer.paid()
    with pytest.raises(RuleBroken, match="penyedia"):
        answer_payment(
            actor=buyer.pairs[0].seller, payment_id=1, verb=PaymentVerb.REVERSE, reason="Tidak masuk"
        )


def test_nobody_reports_by_hand_what_a_provider_carries(buyer):
    with pytest.raises(InvalidInput) as refused:
        buyer.pairs[0].pay("advance", 1_000, method=PaymentMethod.PROVIDER)
    assert "method" in refused.value.fields


def test_without_a_provider_nobody_carries_money(app):
    pair = Pair()
    pair.ask(50_000)
    with pytest.raises(RuleBroken, match="belum diaktifkan"):
        start_charge(actor=pair.buyer, payable_ids=[pair.payables()["advance"].id])
    sweep()
