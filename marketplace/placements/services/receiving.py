"""Taking deliveries in: once, only what was accepted, and what differs stays in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _, format_day, speaking
from ...permissions import Actor, Permission
from ...stock.models import MovementKind
from ...stock.rules import Movement, derived_ref
from ...stock.services import post_movements
from ...texts import lines as clean_lines
from .. import queries
from ..models import Delivery, DeliveryLine, DeliveryState, Difference, DifferenceKind
from ..rules import Side
from ..rules.deliveries import (
    Counted,
    DeliveryVerb,
    Receipt,
    receipt_of,
    require_delivery,
    require_in_force,
    unfit,
)
from .delivery_lines import KIND, condition_of, lines_of, lock_delivery, tell_of
from .differences import DifferentLine, open_differences
from .parties import record


@retry_on_conflict
def receive_delivery(
    *,
    actor: Actor,
    delivery_id: int,
    counted: Mapping[int, Counted] | None = None,
    received_on: date | None = None,
    note: str = "",
) -> Delivery:
    """Take a delivery in, once: `counted` by the id of each line, or None when all is as written.

    Only accepted units enter the ledger, under their lot. What is short or damaged becomes a difference that
    both see. Units of a lot that has expired, or has less life left than the agreement asks, are refused.
    Raises RuleBroken when it was received already or no agreement is in force; nothing is written then.
    """
    actor.require(Permission.DELIVERY_RECEIVE)
    with unit_of_work() as session:
        parties, agreement, delivery = lock_delivery(session, actor, delivery_id, Side.OUTLET)
        _refuse_second(delivery)
        act = require_delivery(DeliveryVerb.RECEIVE, DeliveryState(delivery.state))
        day = _day_of_receipt(delivery, received_on)
        require_in_force(condition_of(session, agreement.id, day), day)
        terms = queries.terms_on(session, agreement.id, day)
        least = terms.min_life_days if terms else None
        written = lines_of(session, delivery.id)
        receipts = _receipts(written, counted, day, least)
        for line in written:
            one = receipts[line.id]
            line.accepted, line.short = one.accepted, one.short
            line.damaged, line.refused = one.damaged, one.refused
        delivery.state, delivery.received_on = act.target.value, day
        delivery.received_at, delivery.received_by = clock.now(), actor.user_id
        delivery.receiver_name, delivery.receipt_note = actor.name, clean_lines(note)[:2000]
        session.flush()
        movements = [_movement(delivery, line, day) for line in written if line.accepted]
        if movements:
            post_movements(actor=actor, movements=movements)
        for line in written:
            _note_differences(session, actor, delivery, line)
        record(session, actor, parties, "delivery.received", delivery, after=sums_of(written))
        tell_of(session, parties, Side.SELLER, delivery, "delivery_received", **sums_of(written))
        return delivery


def _refuse_second(delivery: Delivery) -> None:
    if delivery.state == DeliveryState.RECEIVED and delivery.received_on is not None:
        raise RuleBroken(
            _(
                "Kiriman %(number)s sudah diterima %(day)s oleh %(who)s. Tidak ada yang dicatat lagi.",
                number=delivery.name,
                day=format_day(delivery.received_on),
                who=delivery.receiver_name or _("rekan Anda"),
            ),
            code="delivery_received",
        )


def _day_of_receipt(delivery: Delivery, asked: date | None) -> date:
    today = clock.today()
    day = asked or today
    first = delivery.sent_on or today
    if not first <= day <= today:
        sentence = _(
            "Hari penerimaan antara %(first)s dan hari ini, %(last)s.",
            first=format_day(first),
            last=format_day(today),
        )
        raise InvalidInput(sentence, {"received_on": sentence})
    return day


def _receipts(
    written: Sequence[DeliveryLine], counted: Mapping[int, Counted] | None, day: date, least: int | None
) -> dict[int, Receipt]:
    receipts: dict[int, Receipt] = {}
    wrong: dict[str, str] = {}
    for line in written:
        found = None if counted is None else counted.get(line.id, Counted(0))
        answer = receipt_of(line.quantity, found, unfit(line.expires_on, day, least))
        if isinstance(answer, Receipt):
            receipts[line.id] = answer
        else:
            wrong[f"line-{line.id}"] = answer
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    return receipts


def _movement(delivery: Delivery, line: DeliveryLine, day: date) -> Movement:
    assert line.accepted
    return Movement(
        movement_ref=derived_ref(KIND, delivery.id, line.position),
        kind=MovementKind.DELIVERY,
        outlet_id=delivery.outlet_id,
        seller_id=delivery.seller_id,
        product_id=line.product_id,
        quantity=line.accepted,
        occurred_on=day,
        unit_price_rupiah=line.unit_price_rupiah,
        lot=line.lot_code or None,
        expires_on=line.expires_on,
        note=delivery.number,
        cause_kind=KIND,
        cause_id=delivery.id,
    )


def _note_differences(session: Session, actor: Actor, delivery: Delivery, line: DeliveryLine) -> None:
    found = (
        (DifferenceKind.DELIVERY_SHORT, line.short),
        (DifferenceKind.DELIVERY_DAMAGED, line.damaged),
    )
    for kind, quantity in found:
        if quantity:
            different = DifferentLine(
                seller_id=delivery.seller_id,
                line_ref=str(line.position),
                product_id=line.product_id,
                quantity=quantity,
                description=_describe(kind, delivery, line, quantity),
            )
            open_differences(
                session,
                [different],
                kind=kind,
                outlet_id=delivery.outlet_id,
                document_kind=KIND,
                document_id=delivery.id,
                actor=actor,
            )


def _describe(kind: DifferenceKind, delivery: Delivery, line: DeliveryLine, quantity: int) -> str:
    """The difference in words, kept as they are for both parties, so in Indonesian whoever counts."""
    words = {"number": delivery.name, "written": line.quantity, "count": quantity}
    with speaking("id"):
        if kind is DifferenceKind.DELIVERY_SHORT:
            return _("Surat jalan %(number)s menulis %(written)d, toko menghitung kurang %(count)d.", **words)
        return _("Surat jalan %(number)s menulis %(written)d, toko mencatat rusak %(count)d.", **words)


def post_missing(session: Session, actor: Actor, difference: Difference, holds: Side) -> None:
    """A difference of a delivery was settled for the seller: its units enter the shelf, today, once."""
    if holds is not Side.SELLER:
        return
    delivery = session.get_one(Delivery, difference.document_id)
    line = next(one for one in lines_of(session, delivery.id) if str(one.position) == difference.line_ref)
    post_movements(
        actor=actor,
        movements=[
            Movement(
                movement_ref=derived_ref("difference", difference.id),
                kind=MovementKind.DELIVERY,
                outlet_id=difference.outlet_id,
                seller_id=difference.seller_id,
                product_id=line.product_id,
                quantity=difference.quantity or 0,
                occurred_on=clock.today(),
                unit_price_rupiah=line.unit_price_rupiah,
                lot=line.lot_code or None,
                expires_on=line.expires_on,
                note=delivery.number,
                cause_kind="correction",
                cause_id=difference.id,
            )
        ],
    )


def sums_of(written: Sequence[DeliveryLine]) -> dict[str, int]:
    """Units of all lines together."""
    names = ("accepted", "short", "damaged", "refused")
    return {name: sum(getattr(line, name) or 0 for line in written) for name in names}
