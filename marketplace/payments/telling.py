"""What programs do with payments, by the API, and are told of them and of refunds, by webhooks: references
and amounts, nobody's data."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import signals, webhooks
from ..i18n import N_
from ..mailing import address
from ..organizations.models import Operator, Seller
from .api import api
from .models import Payable, Payment, PaymentAllocation, Refund

TOPICS = (
    webhooks.Topic(
        "payment.changed",
        N_("Pembayaran"),
        N_("Pembayaran dicatat, dikonfirmasi, dinyatakan belum masuk, atau dibatalkan."),
        20,
    ),
    webhooks.Topic(
        "refund.changed",
        N_("Uang kembali"),
        N_("Uang harus kembali, sudah dikirim, atau sudah sampai."),
        21,
    ),
)


def init_app(app: Flask) -> None:
    """Add the API, offer the topics, and listen to what happens."""
    app.register_blueprint(api)
    webhooks.register_topics(app, *TOPICS)
    signals.payment_changed.connect(tell_of_payment)
    signals.refund_changed.connect(tell_of_refund)


def tell_of_payment(session: Session, *, payment: Payment, act: str, **_more: Any) -> None:
    """Write what became of a payment for both parties."""

    def data() -> dict[str, Any]:
        paid = (
            select(Payable.kind, Payable.number, PaymentAllocation.amount_rupiah)
            .join(Payable, Payable.id == PaymentAllocation.payable_id)
            .where(PaymentAllocation.payment_id == payment.id)
            .order_by(Payable.id)
        )
        return {
            "payment_id": payment.id,
            "state": payment.state,
            "act": act,
            "method": payment.method,
            "amount_rupiah": payment.amount_rupiah,
            "paid_on": payment.paid_on.isoformat(),
            **_parties(session, payment.seller_id, payment.operator_id),
            "documents": [
                {"kind": kind, "number": number, "amount_rupiah": amount}
                for kind, number, amount in session.execute(paid)
            ],
            "url": address(f"/api/v1/payments/{payment.id}"),
        }

    webhooks.publish(
        session,
        "payment.changed",
        data,
        seller_id=payment.seller_id,
        operator_id=payment.operator_id,
    )


def tell_of_refund(session: Session, *, refund: Refund, act: str, **_more: Any) -> None:
    """Write what became of money that goes back for both parties."""
    webhooks.publish(
        session,
        "refund.changed",
        lambda: {
            "refund_id": refund.id,
            "state": refund.state,
            "act": act,
            "amount_rupiah": refund.amount_rupiah,
            **_parties(session, refund.seller_id, refund.operator_id),
        },
        seller_id=refund.seller_id,
        operator_id=refund.operator_id,
    )


def _parties(session: Session, seller_id: int, operator_id: int) -> dict[str, str]:
    return {
        "seller_ref": session.scalars(select(Seller.seller_ref).where(Seller.id == seller_id)).one(),
        "operator_ref": session.scalars(
            select(Operator.operator_ref).where(Operator.id == operator_id)
        ).one(),
    }
