"""Whatever dies on the way to the provider and back: after it everything is as if nothing had died."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest
from sqlalchemy import func, select

from marketplace import audits
from marketplace.db import db
from marketplace.payments.models import Charge, JournalLine
from marketplace.payments.providers import ProviderSilent
from marketplace.payments.services.sweeping import sweep
from tests.payments.crashing import STEPS, Died, dying_at, killed_at
from tests.payments.online import Buyer, later
from tests.support.forking import ended, fork

IS_PROOF = "ETALASE_PROOF" in os.environ
WHENS = ("before", "after") if IS_PROOF else ("before",)
WAYS = [("before", False), ("after", True)] + ([("before", True), ("after", False)] if IS_PROOF else [])
LEGAL = {"started", "open", "pending", "paid", "failed", "expired"}


def die():
    raise Died


def run(step, operator_id, number, when):
    """Take a step, dying at a commit; whether it came through whole, because it has no such commit."""
    try:
        with dying_at(number, when, die):
            STEPS[step](operator_id)
    except Died:
        return False
    except ProviderSilent:
        return True
    finally:
        db.session.remove()
    return True


class Story:
    """One buyer's way: it starts, pays, comes back; the first order is cancelled before or after."""

    def __init__(self, stripe, *, is_late):
        self.stripe, self.is_late = stripe, is_late
        self.buyer = Buyer(stripe)
        self.operator_id = self.buyer.pairs[0].operator.id

    @property
    def steps(self):
        return ("start", "capture", "returned") if self.is_late else ("start", "capture", "give_back")

    def between(self, step):
        """What happens outside before a step."""
        if step == "capture":
            with later(self.stripe, minutes=2):
                sweep()  # what died is asked again, so that there is something to pay
            if self.is_late:
                self.buyer.pairs[0].withdraw()
            for name in self.sessions():
                self.stripe.pay(name)

    def sessions(self):
        found = self.stripe.sessions.values()
        return [one["id"] for one in found if one["client_reference_id"] == self.charge().reference]

    def charge(self):
        db.session.rollback()
        return db.session.scalars(select(Charge).where(Charge.operator_id == self.operator_id)).one()

    def go(self, dies_in, act):
        """All steps in turn; `act` takes the one in which something dies. Whether it came through whole."""
        came_through = True
        for step in self.steps:
            self.between(step)
            if step == dies_in:
                came_through = act(step, self.operator_id)
            if step != dies_in or (step == "start" and not self.has_charge()):
                STEPS[step](self.operator_id)
        return came_through

    def has_charge(self):
        db.session.rollback()
        return db.session.scalar(select(Charge.id).where(Charge.operator_id == self.operator_id)) is not None

    def recover(self):
        """Everything is told again, and the worker asks what is left."""
        for event in list(self.stripe.events):
            self.buyer.tell(event)
        for minutes in (3, 6):
            with later(self.stripe, minutes=minutes):
                sweep()
        if not self.buyer.refunds_of(self.operator_id):
            self.buyer.pairs[0].withdraw()
            sweep()

    def check(self):
        charge = self.charge()
        assert charge.state in LEGAL
        assert (charge.state, charge.captured_rupiah, charge.flag) == ("paid", 155_000, "")
        assert charge.refunded_rupiah == 100_000
        assert len(self.sessions()) == 1
        intent = self.stripe.sessions[self.sessions()[0]]["payment_intent"]
        sent = [one["amount"] for one in self.stripe.refunds.values() if one["payment_intent"] == intent]
        assert sent == [10_000_000]
        assert self.buyer.refunds_of(self.operator_id) == [("done", 100_000)]
        first, second = self.buyer.outcomes(charge.id)
        assert second == "paid"
        assert first == "returned" or not self.is_late  # what died late was cancelled before it was known
        first_bill = (0, 0, 0) if first == "returned" else (100_000,) * 3
        assert self.buyer.standing() == [first_bill, (55_000,) * 3]
        assert db.session.scalar(select(func.coalesce(func.sum(JournalLine.amount_rupiah), 0))) == 0
        assert list(audits.differences()) == []


@pytest.mark.proof
@pytest.mark.parametrize(("when", "is_late"), WAYS)
def test_after_a_death_at_any_commit_everything_is_legal_and_nothing_twice(stripe, app, when, is_late):
    deaths = 0
    for step in STEPS:
        number = 1
        while True:
            story = Story(stripe, is_late=is_late)
            if step not in story.steps:
                break
            if story.go(step, lambda name, operator, n=number: run(name, operator, n, when)):
                break
            story.recover()
            story.check()
            deaths += 1
            number += 1
    assert deaths >= 6


@pytest.mark.proof
@pytest.mark.parametrize("when", WHENS)
def test_after_kill_9_at_a_commit_everything_is_legal_and_nothing_twice(stripe, app, when):
    """The same with processes of their own; by default at one commit, in the proof at each."""
    killed = 0
    for step in STEPS if IS_PROOF else ("start",):
        for number in range(1, 20) if IS_PROOF else (3,):
            story = Story(stripe, is_late=step == "returned")

            def act(name, operator, n=number):
                return in_a_process(app, stripe, n, when, name, operator)

            if story.go(step, act):
                break
            story.recover()
            story.check()
            killed += 1
    assert killed >= (6 if IS_PROOF else 1)


def in_a_process(app, stripe, number, when, step, operator_id):
    """Take a step in a process of its own; whether it came through whole."""
    db.session.remove()
    act = partial(killed_at, number, when, step, operator_id)
    (status,) = ended([fork(app, act, **stripe.settings)])
    assert status in {0, -signal.SIGKILL}
    return status == 0
