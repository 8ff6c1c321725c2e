"""A receipt for every payment of an order, numbered in the unit in which the money is known to have come."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ... import clock, documents, signals
from ...payments.models import Payment, PaymentState
from ...payments.services import bills
from ..models import PaymentReceipt


@signals.payment_changed.connect
def write_receipt(session: Session, *, payment: Payment, **_rest: Any) -> None:
    """Number a receipt once a payment of an order is confirmed; a payment that has one keeps it."""
    if payment.state != PaymentState.CONFIRMED or not bills.shares_of_payment(session, payment.id):
        return
    if session.get(PaymentReceipt, payment.id) is not None:
        return
    today = clock.today()
    number = documents.next_number(session, f"receipt:{payment.seller_id}:{today.year}")
    session.add(
        PaymentReceipt(
            payment_id=payment.id,
            seller_id=payment.seller_id,
            number=f"KW/{today.year}/{number:04d}",
            code=documents.new_code(),
            amount_rupiah=payment.amount_rupiah,
            issued_on=payment.confirmed_on or today,
            recorded_at=clock.now(),
        )
    )
    session.flush()
