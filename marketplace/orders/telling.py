"""What programs do with orders, by the API, and are told of them and of claims, by webhooks: references and
amounts, nobody's data."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import signals, webhooks
from ..i18n import N_
from ..mailing import address
from ..organizations.models import Operator, Outlet, Seller
from .api import api
from .models import Order, OrderClaim, OrderLine, OrderState, OrderStep

TOPICS = (
    webhooks.Topic(
        "order.placed",
        N_("Pesanan masuk"),
        N_("Begitu pesanan sampai ke penjual, sesudah disetujui."),
        10,
    ),
    webhooks.Topic(
        "order.moved",
        N_("Pesanan berubah keadaan"),
        N_("Setiap langkah sesudahnya: diterima, dibayar, dikemas, dikirim, sampai selesai atau batal."),
        11,
    ),
    webhooks.Topic(
        "claim.*", N_("Klaim"), N_("Klaim diajukan, dijawab, dibawa ke Dinas, diputuskan, atau ditarik."), 30
    ),
)


def init_app(app: Flask) -> None:
    """Add the API, offer the topics, and listen to what happens."""
    app.register_blueprint(api)
    webhooks.register_topics(app, *TOPICS)
    signals.order_moved.connect(tell_of_order)
    signals.claim_moved.connect(tell_of_claim)


def tell_of_order(session: Session, *, order: Order, step: OrderStep, **_more: Any) -> None:
    """Write a step of an order for both parties; before it reaches the seller, for the buyer alone."""
    is_new = step.to_state == OrderState.PLACED
    webhooks.publish(
        session,
        "order.placed" if is_new else "order.moved",
        lambda: {
            **_order_data(session, order),
            "verb": step.verb,
            "step": step.position,
            "side": step.side,
        },
        seller_id=order.seller_id if order.number is not None else None,
        operator_id=order.operator_id,
    )


def tell_of_claim(session: Session, *, claim: OrderClaim, verb: str, order: Order, **_more: Any) -> None:
    """Write a step of a claim for both parties."""
    webhooks.publish(
        session,
        f"claim.{claim.state}",
        lambda: {
            **_order_data(session, order),
            "claim_id": claim.id,
            "claim_state": claim.state,
            "kind": claim.kind,
            "verb": verb,
            "sku": session.scalars(select(OrderLine.sku).where(OrderLine.id == claim.order_line_id)).one(),
            "quantity": claim.quantity,
            "granted": claim.granted,
        },
        seller_id=order.seller_id,
        operator_id=order.operator_id,
    )


def _order_data(session: Session, order: Order) -> dict[str, Any]:
    outlet_ref = (
        session.scalars(select(Outlet.outlet_ref).where(Outlet.id == order.outlet_id)).one()
        if order.outlet_id is not None
        else None
    )
    return {
        "order_ref": order.order_ref,
        "number": order.number,
        "state": order.state,
        "seller_ref": session.scalars(select(Seller.seller_ref).where(Seller.id == order.seller_id)).one(),
        "operator_ref": session.scalars(
            select(Operator.operator_ref).where(Operator.id == order.operator_id)
        ).one(),
        "outlet_ref": outlet_ref,
        "total_rupiah": order.total_rupiah,
        "url": address(f"/api/v1/orders/{order.order_ref}"),
    }
