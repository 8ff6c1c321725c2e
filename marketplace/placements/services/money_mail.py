"""Mail about money: settlements of a run, payments and what was said of them, drafts made at night."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, mailing, outbox
from ...db import db, unit_of_work
from ...organizations.models import Operator, Outlet, Seller
from ...payments.models import Payable, Payment, PaymentAllocation, Refund
from ...permissions import Actor
from .. import queries
from ..models import Settlement
from ..queries.debts import drafts_waiting
from ..queries.parties import operators_people
from ..rules import Side
from ..rules.settling import ONE_DAY
from .settling import TELL, settle_until

log = structlog.get_logger()
PAYMENT_MAIL: dict[str, dict[Side, str]] = {
    "recorded": {Side.SELLER: "payment_recorded"},
    "confirm": {Side.OUTLET: "payment_confirmed"},
    "deny": {Side.OUTLET: "payment_denied"},
    "take_back": {Side.SELLER: "payment_taken_back"},
    "reverse": {Side.OUTLET: "payment_reversed"},
    "captured": {Side.SELLER: "payment_captured", Side.OUTLET: "payment_captured_buyer"},
}
"""Who hears of what became of a payment, by which mail: the other side of whoever did it."""
REFUND_MAIL: dict[str, dict[Side, str]] = {
    "due": {Side.SELLER: "refund_due", Side.OUTLET: "refund_due_buyer"},
    "done": {Side.SELLER: "refund_done", Side.OUTLET: "refund_done_buyer"},
}


def tell_of_payment(session: Session, *, payment: Payment, act: str, actor: Actor) -> None:
    """Promise a mail when a payment was reported, confirmed, denied or taken back, or came by a provider."""
    numbers = (
        select(Payable.number)
        .join(PaymentAllocation, PaymentAllocation.payable_id == Payable.id)
        .where(PaymentAllocation.payment_id == payment.id)
        .order_by(Payable.id)
    )
    for side, template in PAYMENT_MAIL.get(act, {}).items():
        _tell_of_money(
            session,
            payment,
            side,
            template,
            paid_on=payment.paid_on.isoformat(),
            reason=payment.answer_reason,
            number=", ".join(number for number in session.scalars(numbers) if number),
            url=mailing.address(f"/payments/{payment.id}"),
        )


def tell_of_refund(session: Session, *, refund: Refund, act: str, actor: Actor) -> None:
    """Promise both sides a mail when money must go back, and when it did."""
    for side, template in REFUND_MAIL.get(act, {}).items():
        number = session.scalar(select(Payable.number).where(Payable.id == refund.payable_id))
        _tell_of_money(
            session,
            refund,
            side,
            template,
            by_hand=refund.charge_id is None,
            reason=refund.reason,
            number=number or "",
            url=mailing.address(f"/payments/refunds/{refund.id}"),
        )


def _tell_of_money(session: Session, row: Payment | Refund, side: Side, template: str, **words: Any) -> None:
    seller = session.get_one(Seller, row.seller_id)
    operator = session.get_one(Operator, row.operator_id)
    for person in queries.people_of(session, side, seller=seller, operator_id=operator.id):
        mailing.send(
            session,
            to=person.email,
            template=template,
            locale=person.locale,
            name=person.name,
            seller=seller.name,
            operator=operator.name,
            rupiah=row.amount_rupiah,
            **words,
        )


@outbox.handles(TELL)
def tell_of_settlements(payload: dict[str, Any]) -> None:
    """Write to the sellers of settlements that a run issued."""
    query = (
        select(Settlement, Outlet.name, Seller)
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .join(Seller, Seller.id == Settlement.seller_id)
        .where(Settlement.id.in_(payload["ids"]))
        .order_by(Settlement.id)
    )
    with unit_of_work() as session:
        for row, outlet, seller in session.execute(query).all():
            for person in queries.people_of(session, Side.SELLER, seller=seller, operator_id=row.operator_id):
                mailing.send(
                    session,
                    to=person.email,
                    template="settlement_issued",
                    locale=person.locale,
                    name=person.name,
                    seller=seller.name,
                    outlet=outlet,
                    number=row.number,
                    first_day=row.first_day.isoformat(),
                    last_day=row.last_day.isoformat(),
                    rupiah=row.net_rupiah,
                    due_on=row.due_on.isoformat() if row.due_on else None,
                    url=mailing.address(f"/settlements/{row.id}"),
                )


def settle_nightly() -> None:
    """Draft every cycle that ended, and write to the stores that have new drafts to issue."""
    before = drafts_waiting()
    counts = settle_until(clock.today() - ONE_DAY)
    if not counts.settlements:
        return
    log.info("settlements drafted", settlements=counts.settlements, lines=counts.lines)
    waiting = {key: count for key, count in drafts_waiting().items() if count > before.get(key, 0)}
    names = dict(db.session.execute(select(Operator.id, Operator.name).where(Operator.id.in_(waiting))).all())
    with unit_of_work() as session:
        for operator_id, count in waiting.items():
            for person in operators_people(session, operator_id):
                mailing.send(
                    session,
                    to=person.email,
                    template="settlement_drafts",
                    locale=person.locale,
                    name=person.name,
                    operator=names[operator_id],
                    count=count,
                    url=mailing.address("/settlements?status=draft"),
                )
