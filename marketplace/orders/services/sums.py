"""What an order, or what is billed of it, comes to and whose it is: its lines put into rules.splitting."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ... import clock
from ..models import Order
from ..queries.parcels import parts_of_lines
from ..queries.tax import tax_terms
from ..rules.splitting import Billable, Split, split_order
from .lines import lines_of


def split_of(session: Session, order: Order, quantities: Mapping[int, int], shipping_rupiah: int) -> Split:
    """The split of so many units of each order line, at the prices and by the tax of the day of the order."""
    lines = lines_of(session, order.id)
    parts = parts_of_lines(session, [line.id for line in lines if line.is_parcel])
    makers = {order.seller_id} | {part.seller_id for found in parts.values() for part in found}
    return split_order(
        order.seller_id,
        [
            Billable(quantities.get(line.id, 0), line.unit_price_rupiah, parts.get(line.id, ()))
            for line in lines
        ],
        shipping_rupiah=shipping_rupiah,
        taxes=tax_terms(session, makers, clock.wib_day(order.created_at), known_at=order.created_at),
    )


def split_of_ordered(session: Session, order: Order, shipping_rupiah: int) -> Split:
    """The split of all that was ordered."""
    ordered = {line.id: line.quantity for line in lines_of(session, order.id)}
    return split_of(session, order, ordered, shipping_rupiah)
