"""A receipt for every payment of an order, numbered in the unit in which the money is known to have come."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from ... import clock, documents, signals
from ...payments.models import Payable, Payment, PaymentAllocation, PaymentState
from ..models import PaymentReceipt


@signals.payment_changed.connect
def write_receipts(session: Session, *, payment: Payment, **_rest: Any) -> None:
    """Number a receipt for each confirmed payment of the same documents that has none.

    A payment that is taken back keeps its receipt; what a payer's bank left of it is another payment.
    """
    session.flush()
    own = aliased(PaymentAllocation)
    query = (
        select(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(own, own.payable_id == PaymentAllocation.payable_id)
        .join(Payable, Payable.id == own.payable_id)
        .where(
            own.payment_id == payment.id,
            Payable.kind.in_(("advance", "invoice")),
            Payment.state == PaymentState.CONFIRMED.value,
            ~exists().where(PaymentReceipt.payment_id == Payment.id),
        )
        .order_by(Payment.id)
    )
    for found in dict.fromkeys(session.scalars(query)):
        _write(session, found)


def _write(session: Session, payment: Payment) -> None:
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
