"""What money does to orders: they go on, are settled, or owe again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import signals
from ...payments.models import Payment
from ...payments.services import bills
from ...permissions import SYSTEM
from ..models import OrderShare, OrderState
from ..rules.states import OrderSide, OrderVerb
from . import owing
from .moving import lock_order, move


@signals.payment_changed.connect
def follow_payment(session: Session, *, payment: Payment, **_rest: Any) -> None:
    """A payment was reported, confirmed, denied or reversed: the orders that it pays move, in order of id, to
    where that leaves them. One that ended is never revived.
    """
    shares = bills.shares_of_payment(session, payment.id)
    query = select(OrderShare.order_id).where(OrderShare.id.in_(shares)).distinct()
    for order_id in sorted(session.scalars(query)):
        order = lock_order(session, order_id)
        is_paid = owing.is_paid(session, order.id)
        verb = _VERBS.get((OrderState(order.state), is_paid))
        if verb is not None:
            move(session, SYSTEM, order, verb, side=OrderSide.SYSTEM)


_VERBS = {
    (OrderState.AWAITING_PAYMENT, True): OrderVerb.PAY,
    (OrderState.PAID, False): OrderVerb.UNPAY,
    (OrderState.INVOICED, True): OrderVerb.SETTLE,
    (OrderState.SETTLED, False): OrderVerb.REOPEN,
}
