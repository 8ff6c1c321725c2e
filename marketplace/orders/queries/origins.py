"""What an order came from: a quotation, a standing order, or neither."""

from __future__ import annotations

from typing import NamedTuple

from ...db import db
from ..models import Order, Quote, StandingOrder


class Origin(NamedTuple):
    """Both are None for an order that came out of a cart."""

    quote: Quote | None
    standing: StandingOrder | None


def origin_of(order: Order) -> Origin:
    """What one order came from."""
    return Origin(
        db.session.get(Quote, order.quote_id) if order.quote_id else None,
        db.session.get(StandingOrder, order.standing_id) if order.standing_id else None,
    )
