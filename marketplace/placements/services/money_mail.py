"""Mail about money: settlements of a run, payments and what was said of them, drafts made at night."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, mailing, outbox
from ...db import db, unit_of_work
from ...organizations.models import Operator, Outlet, Seller
from ...payments.models import Payment
from ...permissions import Actor
from .. import queries
from ..models import Settlement
from ..queries.debts import drafts_waiting
from ..queries.parties import operators_people
from ..rules import Side
from ..rules.settling import ONE_DAY
from .settling import TELL, settle_until

log = structlog.get_logger()
PAYMENT_MAIL = {
    "recorded": (Side.SELLER, "payment_recorded"),
    "confirm": (Side.OUTLET, "payment_confirmed"),
    "deny": (Side.OUTLET, "payment_denied"),
    "take_back": (Side.SELLER, "payment_taken_back"),
    "reverse": (Side.OUTLET, "payment_reversed"),
}


def tell_of_payment(session: Session, *, payment: Payment, act: str, actor: Actor) -> None:
    """Promise a mail to the other side when a payment was reported, confirmed, denied or taken back."""
    if act not in PAYMENT_MAIL:
        return
    side, template = PAYMENT_MAIL[act]
    seller = session.get_one(Seller, payment.seller_id)
    operator = session.get_one(Operator, payment.operator_id)
    for person in queries.people_of(session, side, seller=seller, operator_id=payment.operator_id):
        mailing.send(
            session,
            to=person.email,
            template=template,
            locale=person.locale,
            name=person.name,
            seller=seller.name,
            operator=operator.name,
            rupiah=payment.amount_rupiah,
            paid_on=payment.paid_on.isoformat(),
            reason=payment.answer_reason,
            url=mailing.address(f"/payments/{payment.id}"),
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
