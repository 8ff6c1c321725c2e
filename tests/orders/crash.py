"""Orders whose process dies just before or after a commit, and that another process then goes on with.

Whoever goes on knows nothing of what was done: it looks where the order stands, and does what comes next.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.db import db
from marketplace.orders.models import (
    ClaimKind,
    ClaimState,
    Order,
    OrderClaim,
    OrderLine,
    OrderShare,
    OrderState,
    PaymentPlan,
    ShipmentLine,
)
from marketplace.orders.rules.shipping import Packed, Taken
from marketplace.orders.services import answering, claims, receiving, shipping
from marketplace.orders.services.checkout import place
from marketplace.payments.models import (
    Payable,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentState,
    Refund,
)
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.rules.returning import RefundVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.payments.services.refunds import answer_refund, send_refund
from marketplace.permissions import Actor, Role
from tests.orders.support import draft_of, draft_part
from tests.support.forking import ended, fork

UNITS = 4
DIED = 9


@dataclass(frozen=True)
class Crashes:
    """Where and who."""

    seller_id: int
    operator_id: int
    outlet_id: int
    product_id: int
    maker_id: int
    buyer_id: int

    @property
    def buyer(self) -> Actor:
        """Who orders."""
        return Actor(self.buyer_id, "Pembeli", Role.BUYER_MANAGER, operator_id=self.operator_id)

    @property
    def maker(self) -> Actor:
        """Who sells."""
        return Actor(self.maker_id, "Pembuat", Role.SELLER_OWNER, seller_id=self.seller_id)


class Trade:
    """One order, whoever goes on with it. `path`: through, paid at the door, or cancelled once it is paid."""

    def __init__(self, told: Crashes, key: str, path: str) -> None:
        self.told, self.key, self.path = told, key, path
        self.order_id = 0

    def go_on(self) -> None:
        """Place the order, or find it placed; then one act after the other until nothing is left to do."""
        plan = PaymentPlan.ON_DELIVERY if self.path == "door" else PaymentPlan.BEFORE
        how = {"payment_plan": plan, "outlet_id": self.told.outlet_id}
        part = draft_part(self.told.seller_id, [(self.told.product_id, UNITS)], **how)
        made = place(actor=self.told.buyer, draft=draft_of(part, key=self.key))
        self.order_id = db.session.scalars(select(Order.id).where(Order.checkout_id == made.id)).one()
        while (act := self.next_act()) is not None:
            act()

    def next_act(self) -> Callable[[], object] | None:
        """What comes next, by what the database says now."""
        db.session.rollback()
        state = OrderState(db.session.scalars(select(Order.state).where(Order.id == self.order_id)).one())
        maker, order_id = self.told.maker, self.order_id
        if state is OrderState.PLACED:
            return lambda: answering.confirm(actor=maker, order_id=order_id)
        if state is OrderState.AWAITING_PAYMENT:
            return self.payment()
        if state is OrderState.PAID and self.path == "cancelled":
            return lambda: answering.cancel(actor=self.told.buyer, order_id=order_id, reason="batal")
        if state in {OrderState.PAID, OrderState.CONFIRMED}:
            return lambda: shipping.pack(actor=maker, order_id=order_id)
        if state is OrderState.PACKED:
            return self.ship
        if state is OrderState.SHIPPED:
            return self.receive
        if state is OrderState.INVOICED:
            return self.payment()
        return self.claim() if state is OrderState.SETTLED else self.refund()

    def payment(self) -> Callable[[], object]:
        """The buyer pays what is open; the seller says that it came."""
        share = select(OrderShare.id).where(OrderShare.order_id == self.order_id)
        query = select(Payable).where(Payable.kind != "settlement", Payable.document_id.in_(share))
        bill = db.session.scalars(query.order_by(Payable.id.desc())).first()
        assert bill is not None
        paid = select(PaymentAllocation.payment_id).where(PaymentAllocation.payable_id == bill.id)
        waiting = db.session.scalars(
            select(Payment.id).where(Payment.id.in_(paid), Payment.state == PaymentState.REPORTED.value)
        ).first()
        if waiting is not None:
            return lambda: answer_payment(actor=self.told.maker, payment_id=waiting, verb=PaymentVerb.CONFIRM)
        said = NewPayment(
            (bill.id,), bill.open_rupiah, PaymentMethod.CASH, clock.today(), f"{self.key}-{bill.kind}"
        )
        return lambda: record_payment(actor=self.told.buyer, payment=said)

    def line(self) -> OrderLine:
        """The order's one line."""
        return db.session.scalars(select(OrderLine).where(OrderLine.order_id == self.order_id)).one()

    def ship(self) -> None:
        """All of it, as one lot."""
        draft = shipping.ShipmentDraft([Packed(self.line().id, UNITS)])
        shipping.ship(actor=self.told.maker, order_id=self.order_id, draft=draft)

    def receive(self) -> None:
        """One of them damaged."""
        (sent,) = db.session.scalars(select(ShipmentLine).where(ShipmentLine.order_line_id == self.line().id))
        found = {sent.id: Taken(UNITS - 1, 1)}
        receiving.receive(actor=self.told.buyer, order_id=self.order_id, counted=found)

    def claim(self) -> Callable[[], object] | None:
        """Another one was short; the seller grants it."""
        claim = db.session.scalars(select(OrderClaim).where(OrderClaim.order_id == self.order_id)).first()
        if claim is None:
            draft = claims.ClaimDraft(self.line().id, ClaimKind.SHORT, 1, "kurang satu", f"{self.key}-claim")
            return lambda: claims.make_claim(actor=self.told.buyer, order_id=self.order_id, draft=draft)
        if claim.state == ClaimState.OPEN:
            return lambda: claims.accept_claim(actor=self.told.maker, claim_id=claim.id, granted=1)
        return self.refund()

    def refund(self) -> Callable[[], object] | None:
        """What is to go back is sent, and arrives."""
        share = select(OrderShare.id).where(OrderShare.order_id == self.order_id)
        payables = select(Payable.id).where(Payable.kind != "settlement", Payable.document_id.in_(share))
        query = select(Refund).where(Refund.payable_id.in_(payables), Refund.state.in_(("due", "sent")))
        row = db.session.scalars(query.order_by(Refund.id)).first()
        if row is None:
            return None
        if row.state == "due":
            return lambda: send_refund(actor=self.told.maker, refund_id=row.id, method=PaymentMethod.CASH)
        return lambda: answer_refund(actor=self.told.buyer, refund_id=row.id, verb=RefundVerb.CONFIRM)


def die_at(number: int, moment: str) -> None:
    """From now on the n-th commit of this process is its last moment. Nothing is tidied up."""
    left = number

    @event.listens_for(Session, moment)
    def count(_session: Session) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(DIED)


def live(app: Flask, told: Crashes, key: str, path: str, number: int, moment: str) -> int:
    """One process: 0 when the order is at its end, DIED when it died on the way."""

    def child(_own: Flask) -> None:
        if number:
            die_at(number, moment)
        Trade(told, key, path).go_on()

    return ended([fork(app, child)])[0]


def lives(app: Flask, told: Crashes, deaths: Sequence[tuple[int, str]], path: str) -> int:
    """An order that does not die, and one for each death, gone on with by another process; how many died.

    The first is this process's own: those forked after it find their statements compiled.
    """
    Trade(told, f"{path}-whole", path).go_on()
    died = 0
    for number, moment in deaths:
        key = f"{path}-{number}-{moment}"
        status = live(app, told, key, path, number, moment)
        assert status in {0, DIED}
        died += status == DIED
        assert not (status and live(app, told, key, path, 0, ""))
    return died
