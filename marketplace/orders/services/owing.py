"""What an order's money does: asked for before, billed after, taken back; payments keeps the books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...payments.models import Charge, ChargeItem, ChargeState, Payable
from ...payments.services import bills
from ...permissions import Actor
from ..models import Order, OrderShare
from ..rules.splitting import ShareAmounts


def shares_of(session: Session, order_id: int) -> list[OrderShare]:
    """What of an order's money is whose, in order of id, read anew."""
    query = select(OrderShare).where(OrderShare.order_id == order_id).order_by(OrderShare.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def ask_advances(session: Session, actor: Actor, order: Order) -> None:
    """Ask for what is due before packing, from each maker's share."""
    assert order.due_at is not None
    due_on = clock.wib_day(order.due_at)
    for share in shares_of(session, order.id):
        if share.advance_rupiah:
            bills.ask_advance(
                session,
                bills.AdvanceAsked(
                    share_id=share.id,
                    number=order.name,
                    operator_id=order.operator_id,
                    seller_id=share.seller_id,
                    amount_rupiah=share.advance_rupiah,
                    due_on=due_on,
                ),
                actor=actor,
            )


def take_back_advances(session: Session, actor: Actor, order: Order, reason: str) -> None:
    """The order ends before its goods left: nothing is asked any more, and what was paid goes back."""
    for share in shares_of(session, order.id):
        bills.withdraw_advance(session, share.id, reason=reason, actor=actor)


def bill_shares(
    session: Session,
    actor: Actor,
    order: Order,
    number: str,
    due_on: date,
    amounts: Mapping[int, ShareAmounts],
) -> None:
    """Bill each maker's share, less what was asked for before; what was asked beyond it goes back."""
    for share in shares_of(session, order.id):
        one = amounts.get(share.seller_id, ShareAmounts(share.seller_id, 0))
        share.billed_rupiah = one.amount_rupiah
        bills.bill(
            session,
            bills.Billed(
                share_id=share.id,
                number=number,
                operator_id=order.operator_id,
                seller_id=share.seller_id,
                total_rupiah=one.amount_rupiah,
                tax_rupiah=one.tax_rupiah,
                due_on=due_on,
            ),
            actor=actor,
        )


def credit_shares(
    session: Session,
    actor: Actor,
    order: Order,
    credit_id: int,
    reason: str,
    amounts: Mapping[int, ShareAmounts],
) -> None:
    """Take off what was billed: what is still unpaid first, the rest goes back to the buyer."""
    for share in shares_of(session, order.id):
        one = amounts.get(share.seller_id)
        if one is not None and one.amount_rupiah:
            note = bills.Credited(share.id, credit_id, one.amount_rupiah, one.tax_rupiah, reason)
            bills.credit(session, note, actor=actor)


def is_paid(session: Session, order_id: int) -> bool:
    """Whether all that was asked of an order so far is with its sellers, or held for them by a provider."""
    return bills.is_paid(session, [share.id for share in shares_of(session, order_id)])


def is_being_paid(session: Session, order_id: int) -> bool:
    """Whether all that was asked before is reported as paid, or on its way through a provider."""
    session.flush()
    share_ids = [share.id for share in shares_of(session, order_id)]
    unpaid = select(Payable.id).where(
        Payable.kind == bills.ADVANCE,
        Payable.document_id.in_(share_ids),
        Payable.paid_rupiah < Payable.amount_rupiah,
    )
    if session.scalar(unpaid.limit(1)) is None:
        return True
    query = (
        select(ChargeItem.charge_id)
        .join(Charge, Charge.id == ChargeItem.charge_id)
        .join(Payable, Payable.id == ChargeItem.payable_id)
        .where(
            Payable.document_id.in_(share_ids),
            Payable.kind == bills.ADVANCE,
            ChargeItem.is_live,
            Charge.state == ChargeState.PENDING.value,
        )
        .limit(1)
    )
    return session.scalar(query) is not None
