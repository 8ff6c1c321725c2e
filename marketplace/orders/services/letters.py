"""Mails about orders: who is written to at which step. The worker writes them, after the step was committed.

A step costs its unit of work one row of the outbox, a checkout of many sellers one row for all of them.
What asks for something is not sent any more when it was done meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ... import clock, mailing, outbox
from ...db import unit_of_work
from ...organizations.models import Operator, Seller
from ...permissions import Permission
from ...placements.queries.parties import Person
from ..models import (
    Checkout,
    ClaimState,
    CreditNote,
    Invoice,
    Order,
    OrderClaim,
    OrderState,
    OrderStep,
    Shipment,
)
from ..rules.claims import KIND_WORDS, ClaimVerb
from ..rules.paths import checkout_path, claim_path, order_path
from ..rules.states import OrderVerb
from .recipients import approvers, buyers_people, officers, sellers_people

TELL_OF_STEPS, TELL_OF_CLAIM = "order.letters", "claim.letters"
_PENDING = "etalase_order_letters"
_S, _V = OrderState, OrderVerb
Find = Callable[[Session, Order], Sequence[Person]]


@dataclass(frozen=True)
class Letter:
    """A mail of one step. `asks`: of no use once the order went on. `once`: one for a whole checkout."""

    find: Find
    template: str
    asks: bool = False
    once: bool = False


def buyer(session: Session, order: Order) -> Sequence[Person]:
    """Whoever ordered."""
    return buyers_people(session, order)


def payers(session: Session, order: Order) -> Sequence[Person]:
    """Whoever ordered, and those who pay."""
    return buyers_people(session, order, Permission.PAYMENT_RECORD)


_SELLER = sellers_people
LETTERS: dict[OrderState, tuple[tuple[frozenset[str] | None, Letter], ...]] = {
    _S.AWAITING_APPROVAL: ((None, Letter(approvers, "order_approval", asks=True, once=True)),),
    _S.REFUSED: ((None, Letter(buyer, "order_refused", once=True)),),
    _S.PLACED: ((None, Letter(_SELLER, "order_placed", asks=True)),),
    _S.QUOTED: ((None, Letter(buyer, "order_quoted", asks=True)),),
    _S.DECLINED: ((None, Letter(buyer, "order_declined")),),
    _S.EXPIRED: ((None, Letter(buyer, "order_expired")), (None, Letter(_SELLER, "order_expired"))),
    _S.AWAITING_PAYMENT: (
        (None, Letter(payers, "order_pay", asks=True)),
        (frozenset({_V.AGREE}), Letter(_SELLER, "order_agreed")),
    ),
    _S.CONFIRMED: (
        (frozenset({_V.CONFIRM}), Letter(buyer, "order_confirmed")),
        (frozenset({_V.AGREE}), Letter(_SELLER, "order_agreed")),
    ),
    _S.PAID: ((None, Letter(_SELLER, "order_paid", asks=True)),),
    _S.SHIPPED: ((None, Letter(buyer, "order_shipped", asks=True)),),
    _S.RECEIVED: (
        (frozenset({_V.RECEIVE}), Letter(_SELLER, "order_received")),
        (frozenset({_V.DEEM_RECEIVED}), Letter(_SELLER, "order_deemed")),
        (frozenset({_V.DEEM_RECEIVED}), Letter(buyer, "order_deemed")),
    ),
    _S.INVOICED: ((frozenset({_V.INVOICE}), Letter(payers, "order_invoiced", asks=True)),),
    _S.CANCELLED: (
        (frozenset({_V.CANCEL}), Letter(_SELLER, "order_cancelled")),
        (frozenset({_V.CALL_OFF}), Letter(buyer, "order_cancelled")),
    ),
}
"""By where a step leads: the verbs that it is for (None: every one), and the mail. A seller hears nothing of
what never reached it."""


def promise_step(session: Session, *, step: OrderStep, **_rest: Any) -> None:
    """Promise the mails of a step: when its unit of work commits, with those of its other steps."""
    if OrderState(step.to_state) not in LETTERS:
        return
    unit, steps = session.info.get(_PENDING, (None, []))
    if unit is not session.info["hooks"]:  # what another unit left when it was rolled back
        steps = []
    session.info[_PENDING] = (session.info["hooks"], [*steps, step.id])


@event.listens_for(Session, "before_commit")
def _enqueue_steps(session: Session) -> None:
    unit, steps = session.info.pop(_PENDING, (None, []))
    if steps and unit is session.info.get("hooks"):
        outbox.enqueue(session, TELL_OF_STEPS, {"steps": steps})


@outbox.handles(TELL_OF_STEPS)
def tell_of_steps(payload: dict[str, Any]) -> None:
    """Write the mails of these steps."""
    with unit_of_work() as session:
        query = (
            select(OrderStep, Order)
            .join(Order, Order.id == OrderStep.order_id)
            .where(OrderStep.id.in_(payload["steps"]))
            .order_by(OrderStep.id)
        )
        for step, order in session.execute(query).all():
            for letter in letters_of(step, order):
                if not letter.once or _speaks_for_all(session, order, step):
                    _write(session, order, letter, step)


def letters_of(step: OrderStep, order: Order) -> list[Letter]:
    """The mails of a step, as far as they still say something."""
    return [
        letter
        for verbs, letter in LETTERS.get(OrderState(step.to_state), ())
        if (verbs is None or step.verb in verbs)
        and (not letter.asks or order.state == step.to_state)
        and (letter.find is not _SELLER or order.number is not None)
    ]


def _speaks_for_all(session: Session, order: Order, step: OrderStep) -> bool:
    """Of the orders of one checkout that made the same step, the first."""
    first = (
        select(func.min(Order.id))
        .join(OrderStep, OrderStep.order_id == Order.id)
        .where(Order.checkout_id == order.checkout_id, OrderStep.to_state == step.to_state)
    )
    return session.scalar(first) == order.id


def _write(session: Session, order: Order, letter: Letter, step: OrderStep) -> None:
    people = letter.find(session, order)
    if not people:
        return
    told = {**about(session, order), "reason": step.reason}
    if letter.template in MORE:
        more = MORE[letter.template](session, order)
        if more is None:
            return
        told |= more
    _send(session, people, letter.template, told)


def _send(session: Session, people: Sequence[Person], template: str, told: dict[str, Any]) -> None:
    for person in people:
        mailing.send(
            session,
            to=person.email,
            template=template,
            locale=person.locale,
            **{"name": person.name, **told},
        )


def about(session: Session, order: Order) -> dict[str, Any]:
    """What every mail about an order may say."""
    return {
        "number": order.name,
        "seller": session.scalars(select(Seller.name).where(Seller.id == order.seller_id)).one(),
        "buyer": session.scalars(select(Operator.name).where(Operator.id == order.operator_id)).one(),
        "rupiah": order.total_rupiah,
        "first_day": order.deliver_from.isoformat(),
        "last_day": order.deliver_to.isoformat(),
        "due_on": clock.wib_day(order.due_at).isoformat() if order.due_at else None,
        "url": mailing.address(order_path(order.id)),
    }


# --- what some mails say beside that -----------------------------------------------------------------------


def _of_checkout(session: Session, order: Order) -> dict[str, Any]:
    checkout = session.get_one(Checkout, order.checkout_id)
    return {
        "author": checkout.maker_name,
        "decider": checkout.decider_name,
        "count": checkout.order_count,
        "rupiah": checkout.total_rupiah,
        "url": mailing.address(checkout_path(checkout.id)),
    }


def _of_payment(_session: Session, order: Order) -> dict[str, Any]:
    return {"rupiah": order.advance_rupiah}


def _of_shipping(_session: Session, order: Order) -> dict[str, Any]:
    return {"shipping_rupiah": order.shipping_rupiah}


def _of_shipment(session: Session, order: Order) -> dict[str, Any] | None:
    note = session.scalars(select(Shipment).where(Shipment.order_id == order.id)).one_or_none()
    return None if note is None else {"note": note.number, "carrier": note.carrier, "tracking": note.tracking}


def _of_invoice(session: Session, order: Order) -> dict[str, Any] | None:
    """None where the invoice was paid beforehand: nothing is asked then."""
    invoice = session.scalars(select(Invoice).where(Invoice.order_id == order.id)).one_or_none()
    if invoice is None or not invoice.due_rupiah:
        return None
    due_on = invoice.due_on.isoformat()
    return {"invoice": invoice.number, "rupiah": invoice.due_rupiah, "due_on": due_on}


MORE: dict[str, Callable[[Session, Order], dict[str, Any] | None]] = {
    "order_approval": _of_checkout,
    "order_refused": _of_checkout,
    "order_pay": _of_payment,
    "order_quoted": _of_shipping,
    "order_shipped": _of_shipment,
    "order_invoiced": _of_invoice,
}


# --- claims ------------------------------------------------------------------------------------------------

CLAIM_LETTERS: dict[str, tuple[tuple[Find, str], ...]] = {
    "make": ((_SELLER, "claim_made"),),
    ClaimVerb.ACCEPT: ((payers, "claim_credited"),),
    ClaimVerb.REJECT: ((buyer, "claim_rejected"),),
    ClaimVerb.REFER: ((officers, "claim_referred"), (_SELLER, "claim_at_office")),
    ClaimVerb.LAPSE: (
        (officers, "claim_referred"),
        (_SELLER, "claim_at_office"),
        (buyer, "claim_at_office"),
    ),
    ClaimVerb.DECIDE: ((_SELLER, "claim_decided"), (buyer, "claim_decided")),
    ClaimVerb.WITHDRAW: ((_SELLER, "claim_withdrawn"),),
}
# These ask for something by a day: of no use once the claim went on.
CLAIM_ASKS = {"make": ClaimState.OPEN, ClaimVerb.REJECT: ClaimState.REJECTED}


def promise_claim(session: Session, *, claim: OrderClaim, verb: str, **_rest: Any) -> None:
    """Promise the mails of a step of a claim."""
    if verb in CLAIM_LETTERS:
        outbox.enqueue(session, TELL_OF_CLAIM, {"claim": claim.id, "verb": str(verb)})


@outbox.handles(TELL_OF_CLAIM)
def tell_of_claim(payload: dict[str, Any]) -> None:
    """Write the mails of a step of a claim."""
    verb = payload["verb"]
    with unit_of_work() as session:
        claim = session.get_one(OrderClaim, payload["claim"])
        if claim.state != CLAIM_ASKS.get(verb, claim.state):
            return
        order = session.get_one(Order, claim.order_id)
        told = about_claim(session, order, claim)
        for find, template in CLAIM_LETTERS[verb]:
            _send(session, find(session, order), template, told)
        if verb == ClaimVerb.DECIDE and claim.state == ClaimState.ACCEPTED:
            _send(session, payers(session, order), "claim_credited", told)


def about_claim(session: Session, order: Order, claim: OrderClaim) -> dict[str, Any]:
    """What every mail about a claim may say."""
    note = session.scalars(select(CreditNote).where(CreditNote.claim_id == claim.id)).one_or_none()
    return {
        **about(session, order),
        "kind_word": KIND_WORDS[claim.kind],  # type: ignore[index]
        "units": claim.quantity,
        "granted_units": claim.granted,
        "body": claim.body,
        "answer": claim.answer,
        "decision": claim.decision,
        "due_on": clock.wib_day(claim.due_at).isoformat() if claim.due_at else None,
        "note": note.number if note else "",
        "rupiah": note.total_rupiah if note else order.total_rupiah,
        "url": mailing.address(claim_path(claim.id)),
    }
