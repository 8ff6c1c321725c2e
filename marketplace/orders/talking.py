"""What a buyer and a seller write to each other: orders, claims and quotations as papers with messages."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from ..i18n import _
from ..permissions import Permission
from ..placements import papers
from .models import Order, OrderClaim, Quote
from .rules.paths import claim_path, order_path, quote_path
from .services.quote_letters import person_of
from .services.recipients import buyers_people


def init_app(_app: Flask) -> None:
    """Register the papers."""
    papers.register("order", order_paper)
    papers.register("claim", claim_paper)
    papers.register("quote", quote_paper)


def order_paper(session: Session, order_id: int) -> papers.Paper | None:
    """An order that reached its seller; before that there is nobody to write to."""
    order = session.get(Order, order_id)
    if order is None or order.number is None:
        return None
    return _of_order(order, _("Pesanan %(number)s", number=order.name), order_path(order.id))


def claim_paper(session: Session, claim_id: int) -> papers.Paper | None:
    """A claim on an order."""
    claim = session.get(OrderClaim, claim_id)
    if claim is None:
        return None
    order = session.get_one(Order, claim.order_id)
    return _of_order(order, _("Klaim pesanan %(number)s", number=order.name), claim_path(claim.id))


def _of_order(order: Order, name: str, path: str) -> papers.Paper:
    buyer = papers.Buyer(order.operator_id, lambda session: buyers_people(session, order))
    return papers.Paper(order.outlet_id, order.seller_id, name, path, Permission.ORDER_VIEW, buyer)


def quote_paper(session: Session, quote_id: int) -> papers.Paper | None:
    """A quotation, which no office sees."""
    quote = session.get(Quote, quote_id)
    if quote is None:
        return None
    name = _("Penawaran %(number)s", number=quote.number)
    buyer = papers.Buyer(
        quote.operator_id, lambda session: person_of(session, quote.asked_by), office_reads=False
    )
    path = quote_path(quote.id)
    return papers.Paper(quote.outlet_id, quote.seller_id, name, path, Permission.ORDER_VIEW, buyer)
