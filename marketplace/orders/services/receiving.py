"""Taking an order's goods in: once, with what was short or damaged, and the bill in the same unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...clock import LAST_DAY
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput
from ...i18n import N_, _, format_day, speaking
from ...permissions import SYSTEM, Actor
from ...placements.services.outright import keep_outright
from ...stock.models import ORDER_CAUSE, MovementKind
from ...stock.rules import Movement, derived_ref
from ...stock.services import post_movements
from ...texts import lines as clean_lines
from ..models import Order, OrderState, Shipment, ShipmentLine
from ..rules.shipping import Receipt, Taken, receipt_of
from ..rules.states import OrderSide, OrderVerb, require_order
from .invoicing import bill_order
from .lines import lines_of, shipment_of, shipped_lines
from .moving import lock_as, lock_order, move

DEEMED = N_("Tidak ada kabar dari pembeli sampai batas waktu: dianggap diterima lengkap.")


@retry_on_conflict
def receive(
    *,
    actor: Actor,
    order_id: int,
    counted: Mapping[int, Taken] | None = None,
    received_on: date | None = None,
    note: str = "",
) -> Shipment:
    """Take an order in, once: `counted` by the id of each line of its delivery note, None when all is right.

    A line that is not in `counted` did not come. Only accepted units are billed and, at an outlet, enter the
    ledger. Raises NotFound for anyone but the buyer, RuleBroken out of turn, InvalidInput by field.
    """
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.BUYER)
        require_order(OrderVerb.RECEIVE, OrderState(order.state), OrderSide.BUYER)
        shipment = shipment_of(session, order.id)
        day = _day_of_receipt(shipment, received_on)
        written = shipped_lines(session, shipment.id)
        receipts = _receipts(written, counted)
        move(session, actor, order, OrderVerb.RECEIVE, side=OrderSide.BUYER)
        shipment.receiver_name, shipment.received_by = actor.name, actor.user_id
        shipment.receipt_note = clean_lines(note)[:2000]
        _take_in(session, actor, order, shipment, written, receipts, day)
        return shipment


@retry_on_conflict
def deem_received(order_id: int) -> bool:
    """Nobody answered in time: all that was sent counts as accepted. False when it is not overdue."""
    with unit_of_work() as session:
        order = lock_order(session, order_id)
        if order.state != OrderState.SHIPPED or order.due_at is None or order.due_at >= clock.now():
            return False
        shipment = shipment_of(session, order.id)
        written = shipped_lines(session, shipment.id)
        with speaking("id"):
            reason = str(DEEMED)
        move(session, SYSTEM, order, OrderVerb.DEEM_RECEIVED, side=OrderSide.SYSTEM, reason=reason)
        receipts = {line.id: Receipt(line.quantity, 0, 0) for line in written}
        _take_in(session, SYSTEM, order, shipment, written, receipts, clock.today(), is_deemed=True)
        return True


def _day_of_receipt(shipment: Shipment, asked: date | None) -> date:
    today = clock.today()
    day = asked or today
    if not shipment.sent_on <= day <= today:
        sentence = _(
            "Hari penerimaan antara %(first)s dan hari ini, %(last)s.",
            first=format_day(shipment.sent_on),
            last=format_day(today),
        )
        raise InvalidInput(sentence, {"received_on": sentence})
    return day


def _receipts(written: Sequence[ShipmentLine], counted: Mapping[int, Taken] | None) -> dict[int, Receipt]:
    receipts: dict[int, Receipt] = {}
    wrong: dict[str, str] = {}
    for line in written:
        answer = receipt_of(line.quantity, None if counted is None else counted.get(line.id, Taken(0)))
        if isinstance(answer, Receipt):
            receipts[line.id] = answer
        else:
            wrong[f"line-{line.id}"] = answer
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    return receipts


def _take_in(
    session: Session,
    actor: Actor,
    order: Order,
    shipment: Shipment,
    written: Sequence[ShipmentLine],
    receipts: Mapping[int, Receipt],
    day: date,
    *,
    is_deemed: bool = False,
) -> None:
    shipment.received_on, shipment.received_at, shipment.is_deemed = day, clock.now(), is_deemed
    accepted: defaultdict[int, int] = defaultdict(int)
    for line in written:
        one = receipts[line.id]
        line.accepted, line.short, line.damaged = one.accepted, one.short, one.damaged
        accepted[line.order_line_id] += one.accepted
    for bought in lines_of(session, order.id):
        bought.accepted = accepted[bought.id]
    session.flush()
    if order.outlet_id is not None and any(accepted.values()):
        _put_in_ledger(session, actor, order, shipment, written, order.outlet_id, day)
    bill_order(session, actor, order)


def _put_in_ledger(
    session: Session,
    actor: Actor,
    order: Order,
    shipment: Shipment,
    written: Sequence[ShipmentLine],
    outlet_id: int,
    day: date,
) -> None:
    """The goods are the outlet's own: in one posting they come to it and leave the consignment shelf.

    Each row names its lot whole, so that none is taken from a lot of the same name that is on consignment.
    The agreement first: whoever delivers on consignment locks the parties before the shelf, too.
    """
    keep_outright(
        session, actor, outlet_id=outlet_id, seller_id=order.seller_id, day=day, due_days=order.due_days
    )
    lines = {line.id: line for line in lines_of(session, order.id)}
    movements = [
        Movement(
            movement_ref=derived_ref(ORDER_CAUSE, order.id, line.position, kind.value),
            kind=kind,
            outlet_id=outlet_id,
            seller_id=order.seller_id,
            product_id=bought.product_id,
            quantity=line.accepted,
            occurred_on=day,
            unit_price_rupiah=bought.unit_price_rupiah,
            lot=line.lot_code,
            expires_on=line.expires_on or (LAST_DAY if line.lot_code else None),
            note=shipment.number,
            cause_kind=ORDER_CAUSE,
            cause_id=order.id,
        )
        for line in written
        if line.accepted
        for bought in (lines[line.order_line_id],)
        for kind in (MovementKind.DELIVERY, MovementKind.SALE)
    ]
    post_movements(actor=actor, movements=movements)
