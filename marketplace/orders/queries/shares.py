"""What of an order's money is one maker's, for the parties of the order and for that maker."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...payments.models import Payable
from ...payments.services.bills import ADVANCE, INVOICE
from ...permissions import Actor, Permission
from ..models import Order, OrderShare
from .orders import orders_visible_to


@dataclass(frozen=True)
class SharePage:
    """A maker's part of an order; `is_whole`: the actor may see all of it."""

    order: Order
    share: OrderShare
    seller: Seller
    operator: Operator
    payables: list[Payable]
    is_whole: bool


def order_of_share(actor: Actor, share_id: int) -> SharePage | None:
    """A share and its order: whole for the order's parties, its own part for a parcel's maker."""
    if not actor.can(Permission.ORDER_VIEW):
        return None
    sees = orders_visible_to(actor)
    mine = of_seller(OrderShare.seller_id, actor.seller_id) if actor.seller_id is not None else sees
    found = db.session.execute(
        select(Order, OrderShare, Seller, Operator, sees)
        .join(OrderShare, OrderShare.order_id == Order.id)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .where(OrderShare.id == share_id, Order.number.is_not(None), or_(sees, mine))
    ).one_or_none()
    if found is None:
        return None
    order, share, seller, operator, is_whole = found
    payables = select(Payable).where(Payable.kind.in_((ADVANCE, INVOICE)), Payable.document_id == share.id)
    return SharePage(
        order,
        share,
        seller,
        operator,
        list(db.session.scalars(payables.order_by(Payable.id))),
        bool(is_whole),
    )
