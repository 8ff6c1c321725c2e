"""A buyer with bills of several sellers, who pays them through a provider."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select

from marketplace import clock
from marketplace.db import db
from marketplace.payments.models import (
    Charge,
    ChargeItem,
    JournalAccount,
    Payable,
    Payment,
    ProviderEvent,
    Refund,
)
from marketplace.payments.services.charges import start_charge
from marketplace.payments.services.events import receive_event
from tests.payments.support import Pair


class Buyer:
    """One buyer, and a bill of each of its sellers: Rp100.000 and Rp55.000 unless told otherwise."""

    paid_charge: Charge

    def __init__(self, stripe, *amounts):
        self.stripe = stripe
        self.pairs = [Pair()]
        for _ in (amounts or (1, 2))[1:]:
            self.pairs.append(Pair(operator=self.pairs[0].operator))
        for pair, amount in zip(self.pairs, amounts or (100_000, 55_000), strict=True):
            pair.ask(amount)

    @property
    def actor(self):
        return self.pairs[0].buyer

    @property
    def bills(self):
        """The ids of all its bills."""
        return [pair.payables()["advance"].id for pair in self.pairs]

    def start(self, *bills):
        return start_charge(actor=self.actor, payable_ids=bills or self.bills)

    def tell(self, event, **how):
        """Deliver an event past HTTP."""
        return receive_event(*self.stripe.signed(event, **how))

    def paid(self):
        """A charge of all bills that was paid at once, and told."""
        charge = self.start()
        assert self.tell(self.stripe.pay(charge.provider_ref)) == "applied"
        return self.charge(charge.id)

    def charge(self, charge_id):
        db.session.rollback()
        return db.session.get_one(Charge, charge_id, populate_existing=True)

    def standing(self):
        """Of each bill: what is asked, paid and confirmed."""
        db.session.rollback()
        rows = db.session.scalars(select(Payable).where(Payable.id.in_(self.bills)).order_by(Payable.id))
        return [(row.amount_rupiah, row.paid_rupiah, row.confirmed_rupiah) for row in rows]

    def payments(self):
        db.session.rollback()
        rows = db.session.scalars(select(Payment).order_by(Payment.id))
        return [(row.method, row.provider, row.state, row.amount_rupiah) for row in rows]

    def refunds(self):
        db.session.rollback()
        return [
            (row.state, row.amount_rupiah) for row in db.session.scalars(select(Refund).order_by(Refund.id))
        ]

    def refunds_of(self, operator_id):
        db.session.rollback()
        query = select(Refund).where(Refund.operator_id == operator_id).order_by(Refund.id)
        return [(row.state, row.amount_rupiah) for row in db.session.scalars(query)]

    def outcomes(self, charge_id):
        db.session.rollback()
        query = select(ChargeItem.outcome).where(ChargeItem.charge_id == charge_id)
        return list(db.session.scalars(query.order_by(ChargeItem.payable_id)))

    def balances(self):
        """Of each kind of account, what all its sellers' together hold."""
        db.session.rollback()
        found: dict[str, int] = {}
        for kind, amount in db.session.execute(select(JournalAccount.kind, JournalAccount.balance_rupiah)):
            found[kind] = found.get(kind, 0) + amount
        return {kind: amount for kind, amount in found.items() if amount}

    def events(self):
        db.session.rollback()
        query = select(ProviderEvent.kind, ProviderEvent.outcome).order_by(ProviderEvent.id)
        return [tuple(row) for row in db.session.execute(query)]


@contextmanager
def later(stripe, **delta):
    """Some time later, here and there."""
    moment = clock.now() + timedelta(**delta)
    before, stripe.now = stripe.now, moment
    with clock.frozen(moment):
        yield
    stripe.now = before
