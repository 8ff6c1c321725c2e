"""Delivery notes as their maker writes, sends and calls them off."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import clock, documents
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import Agreement, Delivery, DeliveryLine, DeliveryState
from ..rules import Side
from ..rules.deliveries import DeliveryVerb, lot_code_of, require_delivery
from .delivery_lines import (
    DeliveryDraft,
    NewLine,
    check_lines,
    head_of,
    lines_of,
    lock_agreement,
    lock_delivery,
    tell_of,
    write_lines,
)
from .parties import Parties, record


@retry_on_conflict
def make_delivery(*, actor: Actor, draft: DeliveryDraft) -> Delivery:
    """Write a delivery note as a draft. The same form sent twice (its `client_key`) is one note.

    A draft takes what its form says now; a note that was sent stays, and says so when the form differs.
    Raises NotFound for a stranger's agreement, RuleBroken when it is not in force on the day, InvalidInput
    for lines that cannot be, each with its field.
    """
    actor.require(Permission.DELIVERY_SEND)
    with unit_of_work() as session:
        parties, agreement = lock_agreement(session, actor, draft.agreement_id)
        key = one_line(draft.client_key)[:64] or None
        known = _sent_before(session, agreement.seller_id, key)
        if known is not None:
            return _again(session, actor, parties, agreement, known, draft)
        delivery = Delivery(
            code=documents.new_code(),
            client_key=key,
            agreement_id=agreement.id,
            outlet_id=agreement.outlet_id,
            seller_id=agreement.seller_id,
            state=DeliveryState.DRAFT.value,
            created_at=clock.now(),
            created_by=actor.user_id,
            **head_of(draft),
        )
        check_lines(session, agreement, draft.deliver_on, draft.lines)
        session.add(delivery)
        session.flush()
        write_lines(session, agreement, delivery, draft.lines)
        record(session, actor, parties, "delivery.made", delivery)
        return delivery


@retry_on_conflict
def change_delivery(*, actor: Actor, delivery_id: int, draft: DeliveryDraft) -> Delivery:
    """Write a draft anew, whole; its agreement stays."""
    actor.require(Permission.DELIVERY_SEND)
    with unit_of_work() as session:
        parties, agreement, delivery = lock_delivery(session, actor, delivery_id, Side.SELLER)
        return _write_anew(session, actor, parties, agreement, delivery, draft)


def _write_anew(
    session: Session,
    actor: Actor,
    parties: Parties,
    agreement: Agreement,
    delivery: Delivery,
    draft: DeliveryDraft,
) -> Delivery:
    require_delivery(DeliveryVerb.CHANGE, DeliveryState(delivery.state))
    check_lines(session, agreement, draft.deliver_on, draft.lines)
    for name, value in head_of(draft).items():
        setattr(delivery, name, value)
    session.execute(delete(DeliveryLine).where(DeliveryLine.delivery_id == delivery.id))
    write_lines(session, agreement, delivery, draft.lines)
    record(session, actor, parties, "delivery.changed", delivery)
    return delivery


def _again(
    session: Session,
    actor: Actor,
    parties: Parties,
    agreement: Agreement,
    known: Delivery,
    draft: DeliveryDraft,
) -> Delivery:
    """The same form once more: nothing to do when it says the same, else the note is written anew."""
    written = [
        (one.product_id, one.quantity, one.lot_code, one.expires_on) for one in lines_of(session, known.id)
    ]
    asked = [
        (one.product_id, one.quantity, lot_code_of(one_line(one.lot_code), one.expires_on), one.expires_on)
        for one in draft.lines
    ]
    says_the_same = written == asked and all(
        getattr(known, name) == value for name, value in head_of(draft).items()
    )
    if says_the_same:
        return known
    return _write_anew(session, actor, parties, agreement, known, draft)


@retry_on_conflict
def send_delivery(*, actor: Actor, delivery_id: int) -> Delivery:
    """Send it: it gets its number, and the store is told. From now on it is not changed any more."""
    actor.require(Permission.DELIVERY_SEND)
    with unit_of_work() as session:
        parties, agreement, delivery = lock_delivery(session, actor, delivery_id, Side.SELLER)
        act = require_delivery(DeliveryVerb.SEND, DeliveryState(delivery.state))
        today = clock.today()
        delivery.deliver_on = max(delivery.deliver_on, today)
        written = lines_of(session, delivery.id)
        check_lines(
            session,
            agreement,
            delivery.deliver_on,
            [NewLine(line.product_id, line.quantity, line.lot_code, line.expires_on) for line in written],
        )
        number = documents.next_number(session, f"delivery:{delivery.seller_id}:{today.year}")
        delivery.number = f"SJ/{today.year}/{number:04d}"
        delivery.state, delivery.sent_on = act.target.value, today
        delivery.sent_at, delivery.sent_by, delivery.sender_name = clock.now(), actor.user_id, actor.name
        record(session, actor, parties, "delivery.sent", delivery, after={"number": delivery.number})
        tell_of(
            session, parties, Side.OUTLET, delivery, "delivery_sent", units=sum(x.quantity for x in written)
        )
        return delivery


@retry_on_conflict
def cancel_delivery(*, actor: Actor, delivery_id: int, reason: str = "") -> Delivery:
    """Call it off before it was received; its number stays in the series, marked as called off."""
    actor.require(Permission.DELIVERY_SEND)
    with unit_of_work() as session:
        parties, _agreement, delivery = lock_delivery(session, actor, delivery_id, Side.SELLER)
        act = require_delivery(DeliveryVerb.CANCEL, DeliveryState(delivery.state))
        was_sent = delivery.state == DeliveryState.SENT
        reason = clean_lines(reason)[:1000]
        if was_sent and not reason:
            sentence = _("Tulis alasan singkat, supaya toko tahu kiriman ini tidak datang.")
            raise InvalidInput(sentence, {"reason": sentence})
        delivery.state, delivery.cancel_reason = act.target.value, reason
        delivery.cancelled_at, delivery.cancelled_by = clock.now(), actor.user_id
        record(session, actor, parties, "delivery.cancelled", delivery, reason=reason)
        if was_sent:
            tell_of(session, parties, Side.OUTLET, delivery, "delivery_cancelled", reason=reason)
        return delivery


def _sent_before(session: Session, seller_id: int, key: str | None) -> Delivery | None:
    if key is None:
        return None
    query = select(Delivery).where(Delivery.seller_id == seller_id, Delivery.client_key == key)
    return session.scalars(query).one_or_none()
