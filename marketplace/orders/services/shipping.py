"""Packing an order and sending it off with its delivery note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ... import clock, documents
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput
from ...permissions import Actor
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import Order, OrderState, Shipment, ShipmentLine
from ..queries.parcels import lives_of_lines
from ..rules.parcels import wrong_with_expiry
from ..rules.shipping import Packed, wrong_with_packing
from ..rules.states import OrderSide, OrderVerb, require_order
from . import reservations
from .lines import lines_of
from .moving import lock_as, move


@dataclass(frozen=True)
class ShipmentDraft:
    """A delivery note as the maker writes it."""

    lines: Sequence[Packed]
    carrier: str = ""
    tracking: str = ""
    driver: str = ""
    note: str = ""


@retry_on_conflict
def pack(*, actor: Actor, order_id: int) -> Order:
    """The goods are packed: from now on the buyer steps back only if they do not leave in time."""
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.SELLER)
        move(session, actor, order, OrderVerb.PACK, side=OrderSide.SELLER)
        return order


@retry_on_conflict
def ship(*, actor: Actor, order_id: int, draft: ShipmentDraft) -> Shipment:
    """Send the order with a delivery note, numbered in the seller's one series of the year.

    Each order line may travel in several lots, and with fewer units than ordered: the rest is not billed, and
    what was held for it is free. Raises InvalidInput with a sentence for each line for more than ordered and
    for expired lots, RuleBroken out of turn.
    """
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.SELLER)
        require_order(OrderVerb.SHIP, OrderState(order.state), OrderSide.SELLER)
        lines, today = lines_of(session, order.id), clock.today()
        wrong = wrong_with_packing(draft.lines, {line.id: line.quantity for line in lines}, today)
        parcels = lives_of_lines(session, [line.id for line in lines if line.is_parcel])
        wrong = {**wrong_with_expiry(draft.lines, parcels, today), **wrong}
        if wrong:
            raise InvalidInput(next(iter(wrong.values())), wrong)
        sent: defaultdict[int, int] = defaultdict(int)
        for packed in draft.lines:
            sent[packed.order_line_id] += packed.quantity
        for line in lines:
            line.sent = sent[line.id]
        move(session, actor, order, OrderVerb.SHIP, side=OrderSide.SELLER)
        reservations.take_out(session, order.id, sent, actor=actor)
        number = documents.next_number(session, f"delivery:{order.seller_id}:{today.year}")
        shipment = Shipment(
            order_id=order.id,
            seller_id=order.seller_id,
            number=f"SJ/{today.year}/{number:04d}",
            code=documents.new_code(),
            carrier=one_line(draft.carrier)[:120],
            tracking=one_line(draft.tracking)[:120],
            driver=one_line(draft.driver)[:120],
            note=clean_lines(draft.note)[:2000],
            sent_on=today,
            sent_at=clock.now(),
            sent_by=actor.user_id,
            sender_name=actor.name,
        )
        session.add(shipment)
        session.flush()
        session.add_all(
            ShipmentLine(
                shipment_id=shipment.id,
                position=position,
                order_line_id=packed.order_line_id,
                lot_code=one_line(packed.lot_code),
                expires_on=packed.expires_on,
                quantity=packed.quantity,
            )
            for position, packed in enumerate(draft.lines, start=1)
        )
        session.flush()
        return shipment
