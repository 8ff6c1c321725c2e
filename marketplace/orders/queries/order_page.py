"""All that one order's page shows, for whoever may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...payments.models import Payable, Payment, PaymentAllocation, Refund
from ...payments.services.bills import ADVANCE, INVOICE
from ...permissions import ROLE_PERMISSIONS, Actor, Permission
from ..models import (
    ClaimState,
    CreditNote,
    Invoice,
    Order,
    OrderClaim,
    OrderLine,
    OrderShare,
    OrderState,
    OrderStep,
    Shipment,
    ShipmentLine,
)
from ..rules.claims import CLAIMABLE, claim_until
from ..rules.states import OrderSide, OrderVerb, order_verbs
from ..services.moving import side_of
from .orders import orders_visible_to


@dataclass(frozen=True)
class LineRow:
    """One line: what was ordered, sent, accepted and billed side by side; `credited` units were granted."""

    line: OrderLine
    credited: int
    parts: list[ShipmentLine]


@dataclass(frozen=True)
class Debt:
    """What was asked for one maker's share, and how far it is paid."""

    payable: Payable
    seller_name: str


@dataclass(frozen=True)
class PaymentRow:
    """A payment of the order, and what of it pays the order."""

    payment: Payment
    share_rupiah: int


@dataclass(frozen=True)
class ClaimRow:
    """A claim with the name of what it is about."""

    claim: OrderClaim
    line: OrderLine


@dataclass(frozen=True)
class OrderPage:
    """An order with everything that belongs to it; `side` is None for an office that looks on."""

    order: Order
    seller: Seller
    operator: Operator
    outlet: Outlet | None
    lines: list[LineRow]
    steps: list[OrderStep]
    shipment: Shipment | None
    invoice: Invoice | None
    credits: list[CreditNote]
    debts: list[Debt]
    payments: list[PaymentRow]
    refunds: list[Refund]
    claims: list[ClaimRow]
    side: OrderSide | None
    verbs: list[OrderVerb]
    may_claim: bool
    claim_until: datetime | None

    @property
    def asked_rupiah(self) -> int:
        """All that was asked so far, before and after."""
        return sum(debt.payable.amount_rupiah for debt in self.debts)

    @property
    def confirmed_rupiah(self) -> int:
        """What of it the makers have, or a provider holds for them."""
        return sum(debt.payable.confirmed_rupiah for debt in self.debts)

    @property
    def reported_rupiah(self) -> int:
        """What was reported as paid and is not confirmed."""
        return sum(debt.payable.paid_rupiah for debt in self.debts) - self.confirmed_rupiah

    @property
    def open_rupiah(self) -> int:
        """What nobody has paid yet."""
        return sum(debt.payable.open_rupiah for debt in self.debts)

    @property
    def open_bills(self) -> list[Payable]:
        """What is still to be paid."""
        return [debt.payable for debt in self.debts if debt.payable.open_rupiah]

    @property
    def is_late(self) -> bool:
        """Whether the deadline of its state has passed."""
        return self.order.due_at is not None and self.order.due_at < clock.now()


def order_page(actor: Actor, order_id: int) -> OrderPage | None:
    """An order with all that its page shows; None for a stranger. A fixed number of questions."""
    found = db.session.execute(
        select(Order, Seller, Operator, Outlet)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .where(Order.id == order_id, orders_visible_to(actor))
    ).one_or_none()
    if found is None:
        return None
    order, seller, operator, outlet = found
    side = side_of(db.session(), actor, order)
    held = ROLE_PERMISSIONS[actor.role] if actor.role else frozenset()
    shipment = db.session.scalars(select(Shipment).where(Shipment.order_id == order.id)).one_or_none()
    invoice = db.session.scalars(select(Invoice).where(Invoice.order_id == order.id)).one_or_none()
    received_on = shipment.received_on if shipment else None
    until = claim_until(received_on, order.claim_days) if received_on else None
    return OrderPage(
        order=order,
        seller=seller,
        operator=operator,
        outlet=outlet,
        lines=_lines(order.id, shipment),
        steps=list(
            db.session.scalars(
                select(OrderStep).where(OrderStep.order_id == order.id).order_by(OrderStep.position)
            )
        ),
        shipment=shipment,
        invoice=invoice,
        credits=_credits(invoice),
        debts=_debts(order.id),
        payments=_payments(order.id),
        refunds=_refunds(order.id),
        claims=claims_of(order.id),
        side=side,
        verbs=order_verbs(OrderState(order.state), side, held, due_at=order.due_at, now=clock.now()),
        may_claim=(
            side is OrderSide.BUYER
            and Permission.ORDER_RECEIVE in held
            and order.state in CLAIMABLE
            and until is not None
            and clock.now() <= until
        ),
        claim_until=until,
    )


def _lines(order_id: int, shipment: Shipment | None) -> list[LineRow]:
    granted = dict(
        db.session.execute(
            select(OrderClaim.order_line_id, func.sum(OrderClaim.granted))
            .where(OrderClaim.order_id == order_id, OrderClaim.state == ClaimState.ACCEPTED.value)
            .group_by(OrderClaim.order_line_id)
        ).all()
    )
    parts: dict[int, list[ShipmentLine]] = {}
    if shipment is not None:
        query = select(ShipmentLine).where(ShipmentLine.shipment_id == shipment.id)
        for part in db.session.scalars(query.order_by(ShipmentLine.position)):
            parts.setdefault(part.order_line_id, []).append(part)
    lines = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return [
        LineRow(line, int(granted.get(line.id, 0)), parts.get(line.id, []))
        for line in db.session.scalars(lines)
    ]


def _credits(invoice: Invoice | None) -> list[CreditNote]:
    if invoice is None:
        return []
    query = select(CreditNote).where(CreditNote.invoice_id == invoice.id).order_by(CreditNote.id)
    return list(db.session.scalars(query))


def _debts(order_id: int) -> list[Debt]:
    query = (
        select(Payable, Seller.name)
        .join(OrderShare, OrderShare.id == Payable.document_id)
        .join(Seller, Seller.id == Payable.seller_id)
        .where(OrderShare.order_id == order_id, Payable.kind.in_((ADVANCE, INVOICE)))
        .order_by(Payable.id)
    )
    return [Debt(payable, name) for payable, name in db.session.execute(query)]


def _payments(order_id: int) -> list[PaymentRow]:
    query = (
        select(Payment, func.sum(PaymentAllocation.amount_rupiah))
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Payable, Payable.id == PaymentAllocation.payable_id)
        .join(OrderShare, OrderShare.id == Payable.document_id)
        .where(OrderShare.order_id == order_id, Payable.kind.in_((ADVANCE, INVOICE)))
        .group_by(Payment.id)
        .order_by(Payment.id)
    )
    return [PaymentRow(payment, int(share)) for payment, share in db.session.execute(query)]


def _refunds(order_id: int) -> list[Refund]:
    query = (
        select(Refund)
        .join(Payable, Payable.id == Refund.payable_id)
        .join(OrderShare, OrderShare.id == Payable.document_id)
        .where(OrderShare.order_id == order_id, Payable.kind.in_((ADVANCE, INVOICE)))
        .order_by(Refund.id)
    )
    return list(db.session.scalars(query))


def claims_of(order_id: int) -> list[ClaimRow]:
    """The claims of an order, in the order they were made."""
    query = (
        select(OrderClaim, OrderLine)
        .join(OrderLine, OrderLine.id == OrderClaim.order_line_id)
        .where(OrderClaim.order_id == order_id)
        .order_by(OrderClaim.id)
    )
    return [ClaimRow(claim, line) for claim, line in db.session.execute(query)]
