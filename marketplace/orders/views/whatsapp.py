"""The WhatsApp draft of an order for whoever looks at it: words, and a number that this side may see."""

from __future__ import annotations

from ... import clock
from ...mailing import address
from ...organizations.models import Operator, Seller
from ..models import Order, OrderState
from ..queries.order_page import OrderPage
from ..rules.paths import order_path
from ..rules.states import OrderSide
from ..rules.whatsapp import Said, draft_url, order_draft


def draft_to(
    side: OrderSide,
    order: Order,
    seller: Seller,
    operator: Operator,
    *,
    note: str = "",
    due_rupiah: int = 0,
) -> str:
    """The link for one side; empty where it has nothing to say now.

    A buyer sees a maker's number only where it is public, a seller the one that the order was given.
    """
    writer, reader = operator.name, seller.name
    phone = seller.phone if seller.is_phone_public else None
    if side is OrderSide.SELLER:
        writer, reader, phone = reader, writer, order.phone
    text = order_draft(
        OrderState(order.state),
        side,
        Said(
            number=order.name,
            writer=writer,
            reader=reader,
            total_rupiah=order.total_rupiah,
            url=address(order_path(order.id)),
            due_on=clock.wib_day(order.due_at) if order.due_at else None,
            deliver_to=order.deliver_to,
            shipping_rupiah=order.shipping_rupiah,
            advance_rupiah=order.advance_rupiah,
            due_rupiah=due_rupiah,
            note=note,
        ),
    )
    return draft_url(phone, text) if text else ""


def page_draft(page: OrderPage) -> str:
    """The link on an order's page; empty for an office that looks on, and where nothing is to be said."""
    if page.side not in {OrderSide.BUYER, OrderSide.SELLER}:
        return ""
    note = page.shipment.number if page.shipment else ""
    return draft_to(page.side, page.order, page.seller, page.operator, note=note, due_rupiah=page.open_rupiah)
