"""An order of the past, line by line, as it could be ordered today."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ... import clock
from ...db import db
from ...organizations.models import Seller
from ...permissions import Actor
from ..models import Order, OrderLine
from ..rules.repeating import Again, Bought, again
from .offers import offers_of


@dataclass(frozen=True)
class Repeat:
    """An order of the actor's own buyer, and what of it can be ordered again."""

    order: Order
    seller_name: str
    lines: list[Again]


def repeat_of(actor: Actor, order_id: int) -> Repeat | None:
    """None for a stranger's order."""
    query = select(Order, Seller.name).join(Seller, Seller.id == Order.seller_id).where(Order.id == order_id)
    row = db.session.execute(query).one_or_none()
    if row is None or actor.buyer_id is None or row[0].operator_id != actor.buyer_id:
        return None
    asked = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    lines = list(db.session.scalars(asked))
    offers, today = offers_of([line.product_id for line in lines]).by_product, clock.today()
    return Repeat(
        row[0],
        row[1],
        [
            again(
                Bought(
                    line.product_id, line.name, line.unit, line.quantity, line.unit_price_rupiah,
                    line.card_text,
                ),
                offers.get(line.product_id),
                today,
            )
            for line in lines
        ],
    )  # fmt: skip
