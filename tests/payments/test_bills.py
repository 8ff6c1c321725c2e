"""Money of orders: advances, invoices, credit notes, and what goes back. No rupiah appears or is lost."""

from __future__ import annotations

import contextlib
import itertools
import os

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.db import db
from marketplace.errors import InvalidInput, RuleBroken
from marketplace.payments import audit
from marketplace.payments.models import (
    Payment,
    PaymentMethod,
    PaymentState,
    Refund,
    RefundState,
)
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import (
    is_paid,
    record_payment,
    shares_of_payment,
    take_payment,
)
from tests.payments.support import TODAY, Pair


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def test_an_advance_is_owed_until_it_is_paid_and_then_waits_for_its_invoice(pair):
    pair.ask(60_000)
    assert pair.balances() == {"owed": 60_000, "advance": -60_000}
    assert not is_paid(db.session(), [pair.share])
    row = pair.pay("advance", 60_000)
    assert shares_of_payment(db.session(), row.id) == [pair.share]
    assert not is_paid(db.session(), [pair.share])
    pair.answer(row, PaymentVerb.CONFIRM)
    assert pair.balances() == {"received": 60_000, "advance": -60_000}
    assert is_paid(db.session(), [pair.share])


def test_an_invoice_uses_the_advance_and_asks_for_the_rest(pair):
    pair.ask(60_000)
    pair.pay("advance", 60_000, confirm=True)
    billed = pair.bill(100_000, tax=9_910)
    assert (billed.advance_rupiah, billed.due_rupiah, billed.refund_rupiah) == (60_000, 40_000, 0)
    assert pair.balances() == {"received": 60_000, "owed": 40_000, "sales": -90_090, "tax": -9_910}
    assert not is_paid(db.session(), [pair.share])
    pair.pay("invoice", 40_000, confirm=True)
    assert is_paid(db.session(), [pair.share])


def test_an_invoice_of_fewer_units_gives_back_what_the_advance_was_too_much(pair):
    pair.ask(60_000)
    pair.pay("advance", 60_000, confirm=True)
    billed = pair.bill(45_000)
    assert (billed.advance_rupiah, billed.due_rupiah, billed.refund_rupiah) == (45_000, 0, 15_000)
    assert pair.balances() == {"received": 60_000, "refunds": -15_000, "sales": -45_000}
    assert pair.refunds() == [("due", 15_000)]
    assert "invoice" not in pair.payables()


def test_an_order_paid_later_is_billed_whole_and_one_paid_before_asks_nothing_more(pair):
    assert pair.bill(30_000).due_rupiah == 30_000
    other = Pair()
    other.ask(30_000)
    other.pay("advance", 30_000, confirm=True)
    assert other.bill(30_000).due_rupiah == 0
    assert is_paid(db.session(), [other.share])


def test_goods_that_were_all_refused_are_billed_at_nothing_and_all_goes_back(pair):
    pair.ask(30_000)
    pair.pay("advance", 30_000, confirm=True)
    assert pair.bill(0).refund_rupiah == 30_000
    assert pair.balances() == {"received": 30_000, "refunds": -30_000}


def test_an_unpaid_advance_is_taken_back_and_nothing_goes_back(pair):
    pair.ask(60_000)
    assert pair.withdraw().owed_rupiah == 60_000
    assert (pair.balances(), pair.refunds()) == ({}, [])
    assert pair.withdraw().owed_rupiah == 0
    assert Pair().withdraw().refund_rupiah == 0


def test_what_was_paid_of_an_advance_goes_back_and_the_rest_is_owed_no_longer(pair):
    pair.ask(60_000)
    pair.pay("advance", 25_000, confirm=True)
    taken = pair.withdraw()
    assert (taken.owed_rupiah, taken.refund_rupiah) == (35_000, 25_000)
    assert pair.balances() == {"received": 25_000, "refunds": -25_000}
    assert pair.refunds() == [("due", 25_000)]


@pytest.mark.parametrize(
    ("verb", "refunds", "balances"),
    [
        (PaymentVerb.CONFIRM, [("due", 25_000)], {"received": 25_000, "refunds": -25_000}),
        (PaymentVerb.DENY, [("dropped", 25_000)], {}),
        (PaymentVerb.TAKE_BACK, [("dropped", 25_000)], {}),
    ],
)
def test_a_reported_payment_of_a_cancelled_order_goes_back_only_if_it_came(pair, verb, refunds, balances):
    pair.ask(60_000)
    row = pair.pay("advance", 25_000)
    pair.withdraw()
    assert pair.refunds() == [("waiting", 25_000)]
    pair.answer(row, verb)
    assert (pair.refunds(), pair.balances()) == (refunds, balances)
    assert pair.payables()["advance"].open_rupiah == 0


def test_money_that_turns_out_never_to_have_come_is_not_given_back(pair):
    pair.ask(60_000)
    pair.pay("advance", 25_000, confirm=True)
    late = pair.pay("advance", 35_000, confirm=True)
    pair.withdraw()
    pair.answer(late, PaymentVerb.REVERSE)
    assert pair.refunds() == [("due", 25_000)]
    assert pair.balances() == {"received": 25_000, "refunds": -25_000}


def test_a_credit_note_first_lowers_what_is_unpaid(pair):
    pair.bill(100_000, tax=9_910)
    pair.pay("invoice", 70_000, confirm=True)
    taken = pair.credit(40_000, tax=3_964)
    assert (taken.owed_rupiah, taken.refund_rupiah) == (30_000, 10_000)
    assert pair.balances() == {
        "received": 70_000, "refunds": -10_000, "sales": -54_054, "tax": -5_946,
    }  # fmt: skip
    assert is_paid(db.session(), [pair.share])


def test_a_credit_note_reaches_into_the_advance_when_the_invoice_is_used_up(pair):
    pair.ask(60_000)
    pair.pay("advance", 60_000, confirm=True)
    pair.bill(100_000)
    taken = pair.credit(70_000)
    assert (taken.owed_rupiah, taken.refund_rupiah) == (40_000, 30_000)
    with pytest.raises(RuleBroken) as refused:
        pair.credit(30_001, number=2)
    assert refused.value.code == "credit_too_large"
    assert pair.credit(30_000, number=3).refund_rupiah == 30_000
    assert pair.balances() == {"received": 60_000, "refunds": -60_000}


def test_a_step_is_entered_once(pair):
    pair.ask(60_000)
    for again in (lambda: pair.ask(60_000), lambda: (pair.bill(80_000), pair.bill(80_000))):
        with pytest.raises(IntegrityError):
            again()
        db.session.rollback()
    with pytest.raises(ValueError, match="was billed"):
        pair.withdraw()
    pair.credit(1_000)
    with pytest.raises(IntegrityError):
        pair.credit(1_000)
    db.session.rollback()


@pytest.mark.parametrize(("total", "tax"), [(-1, 0), (10, 11), (10, -1)])
def test_amounts_that_cannot_be_are_refused(pair, total, tax):
    with pytest.raises(ValueError, match="share"):
        pair.bill(total, tax)
    with pytest.raises(ValueError, match="advance of"):
        pair.ask(0)


def test_the_seller_may_say_itself_that_money_came(pair):
    pair.bill(50_000)
    payable = pair.payables()["invoice"]
    said = NewPayment((payable.id,), 50_000, PaymentMethod.CASH, TODAY, "door")
    row = take_payment(actor=pair.seller, payment=said)
    assert take_payment(actor=pair.seller, payment=said).id == row.id
    assert row.state == PaymentState.CONFIRMED
    assert pair.balances() == {"received": 50_000, "sales": -50_000}


def test_one_payment_is_for_one_seller(pair):
    other = Pair(operator=pair.operator)
    pair.bill(10_000)
    other.bill(20_000)
    bills = tuple(one.payables()["invoice"].id for one in (pair, other))
    said = NewPayment(bills, 30_000, PaymentMethod.CASH, TODAY, "both")
    with pytest.raises(InvalidInput, match="Satu pembayaran untuk satu usaha"):
        record_payment(actor=pair.buyer, payment=said)


# --- whatever happens, in whatever order -------------------------------------------------------------------


class Money(RuleBasedStateMachine):
    """One share of an order, whatever its parties do."""

    @initialize()
    def begin(self) -> None:
        self.pair = Pair()
        self.credits = itertools.count(1)
        self.asked = self.billed = self.withdrawn = False

    def _payments(self, state):
        db.session.rollback()
        query = select(Payment).where(
            Payment.operator_id == self.pair.operator.id, Payment.state == state.value
        )
        return list(db.session.scalars(query.order_by(Payment.id)))

    @rule(amount=st.integers(1, 1000))
    def ask(self, amount: int) -> None:
        if not self.asked and not self.billed:
            self.pair.ask(amount)
            self.asked = True

    @rule(kind=st.sampled_from(["advance", "invoice"]), part=st.integers(1, 1000))
    def pay(self, kind: str, part: int) -> None:
        payable = self.pair.payables().get(kind)
        if payable and payable.open_rupiah:
            self.pair.pay(kind, min(part, payable.open_rupiah))

    @rule(verb=st.sampled_from(list(PaymentVerb)), which=st.integers(0, 5))
    def answer(self, verb: PaymentVerb, which: int) -> None:
        state = PaymentState.CONFIRMED if verb is PaymentVerb.REVERSE else PaymentState.REPORTED
        rows = self._payments(state)
        if rows:
            self.pair.answer(rows[which % len(rows)], verb)

    @rule()
    def withdraw(self) -> None:
        if not self.billed:
            self.pair.withdraw()
            self.withdrawn = True

    @rule(total=st.integers(0, 1500), percent=st.integers(0, 12))
    def bill(self, total: int, percent: int) -> None:
        if not self.billed and not self.withdrawn:
            self.pair.bill(total, total * percent // 100)
            self.billed = True

    @rule(total=st.integers(1, 600), percent=st.integers(0, 12))
    def credit(self, total: int, percent: int) -> None:
        if not self.pair.payables():
            return
        if self.billed:
            with contextlib.suppress(RuleBroken):  # more than is left of what was billed
                self.pair.credit(total, total * percent // 100, next(self.credits))
            db.session.rollback()

    @invariant()
    def no_rupiah_appears_or_is_lost(self) -> None:
        if not hasattr(self, "pair"):
            return
        assert not list(audit.differences())
        held = self.pair.balances()
        assert sum(held.values()) == 0
        payables = self.pair.payables().values()
        assert held.get("owed", 0) == sum(one.open_rupiah for one in payables)
        reported = sum(row.amount_rupiah for row in self._payments(PaymentState.REPORTED))
        came = sum(row.amount_rupiah for row in self._payments(PaymentState.CONFIRMED))
        assert (held.get("transit", 0), held.get("received", 0)) == (reported, came)
        used = -held.get("sales", 0) - held.get("tax", 0) - held.get("advance", 0)
        assert came + reported + held.get("owed", 0) == used - held.get("refunds", 0)
        due = db.session.scalar(
            select(func.coalesce(func.sum(Refund.amount_rupiah), 0)).where(
                Refund.operator_id == self.pair.operator.id, Refund.state == RefundState.DUE.value
            )
        )
        assert due <= came
        unsent = [row for row in self.pair.refunds() if row[0] in {"waiting", "due"}]
        assert not (unsent and any(one.open_rupiah for one in payables if one.kind == "advance"))


def test_whatever_happens_no_rupiah_appears_or_is_lost(app: Flask) -> None:
    long = bool(os.environ.get("ETALASE_PROOF"))
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=200 if long else 12,
            stateful_step_count=30 if long else 16,
            deadline=None,
            database=None,
            derandomize=not long,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )
