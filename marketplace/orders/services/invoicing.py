"""The invoice of an order, by what was taken in, and what is settled by it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ... import clock, documents
from ...permissions import SYSTEM, Actor
from ..models import Invoice, InvoiceLine, Order, OrderState
from ..rules.states import OrderSide, OrderVerb
from . import owing
from .lines import lines_of
from .moving import move
from .sums import split_of


def bill_order(session: Session, actor: Actor, order: Order) -> Invoice:
    """Bill a received order, in the unit of its receipt: lines frozen by accepted units, number gapless.

    Where nothing was taken in, nothing is billed, its shipping included. Moves it to INVOICED, and on to
    SETTLED when nothing is owed.
    """
    lines, today = lines_of(session, order.id), clock.today()
    shipping = order.shipping_rupiah if any(line.accepted for line in lines) else 0
    split = split_of(session, order, {line.id: line.accepted for line in lines}, shipping)
    amounts = {share.seller_id: share for share in split.shares}
    advance = sum(
        min(share.advance_rupiah, amounts[share.seller_id].amount_rupiah if share.seller_id in amounts else 0)
        for share in owing.shares_of(session, order.id)
    )
    number = documents.next_number(session, f"invoice:{order.seller_id}:{today.year}")
    invoice = Invoice(
        order_id=order.id,
        operator_id=order.operator_id,
        seller_id=order.seller_id,
        number=f"INV/{today.year}/{number:04d}",
        code=documents.new_code(),
        goods_rupiah=split.goods_rupiah,
        shipping_rupiah=split.shipping_rupiah,
        tax_base_rupiah=split.tax_base_rupiah,
        tax_percent=split.tax_percent,
        tax_rupiah=split.tax_rupiah,
        total_rupiah=split.total_rupiah,
        advance_rupiah=advance,
        due_rupiah=split.total_rupiah - advance,
        issued_on=today,
        due_on=today + timedelta(days=order.due_days),
        recorded_at=clock.now(),
    )
    session.add(invoice)
    session.flush()
    billed = [line for line in lines if line.accepted]
    session.add_all(
        InvoiceLine(
            invoice_id=invoice.id,
            position=position,
            order_line_id=line.id,
            name=line.name,
            unit=line.unit,
            quantity=line.accepted,
            unit_price_rupiah=line.unit_price_rupiah,
            amount_rupiah=line.accepted * line.unit_price_rupiah,
        )
        for position, line in enumerate(billed, start=1)
    )
    for line in billed:
        line.billed = line.accepted
    session.flush()
    move(session, SYSTEM, order, OrderVerb.INVOICE, side=OrderSide.SYSTEM)
    owing.bill_shares(session, actor, order, invoice.number, invoice.due_on, amounts)
    settle_if_paid(session, order)
    return invoice


def settle_if_paid(session: Session, order: Order) -> None:
    """An invoiced order of which nothing is owed any more is settled."""
    if order.state == OrderState.INVOICED and owing.is_paid(session, order.id):
        move(session, SYSTEM, order, OrderVerb.SETTLE, side=OrderSide.SYSTEM)
