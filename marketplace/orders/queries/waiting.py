"""What of outright orders waits for whom: a seller's people, one outlet, a company or an office that buys.

Each read asks a fixed number of questions, however much waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...organizations.queries import of_seller
from ...payments.models import Payable, Refund, RefundState
from ...payments.services.bills import ADVANCE, INVOICE
from ...permissions import Actor, Permission
from ...placements.queries.board import SHOWN
from ...placements.queries.messages import LastWord
from ...placements.queries.waiting import messages_at_no_outlet
from ...placements.rules.urgency import PAY_SOON_DAYS
from ..models import Checkout, ClaimState, Order, OrderClaim, OrderLine, OrderShare, OrderState, Shipment

MOST = 50
"""So many things of one kind stand on a seller's first screen."""
P, S = Permission, OrderState


class Waiting(NamedTuple):
    """An order that waits for somebody, with its parties and its units."""

    order: Order
    seller: Seller
    operator: Operator
    outlet_name: str | None
    note: str | None
    units: int

    @property
    def state(self) -> OrderState:
        """Where it stands."""
        return OrderState(self.order.state)

    @property
    def due_on(self) -> date | None:
        """The last day of its state."""
        return clock.wib_day(self.order.due_at) if self.order.due_at else None

    @property
    def to(self) -> str:
        """Where it goes."""
        return self.outlet_name or self.order.recipient or self.operator.name

    @property
    def to_buyer(self) -> str:
        """The same with the buyer's name, which an order's number alone does not tell its seller."""
        return self.to if self.operator.name in self.to else f"{self.to} ({self.operator.name})"


class WaitingClaim(NamedTuple):
    """A claim that waits for somebody."""

    claim: OrderClaim
    order: Order
    product_name: str
    seller_name: str
    operator_name: str

    @property
    def due_on(self) -> date | None:
        """The last day to answer it."""
        return clock.wib_day(self.claim.due_at) if self.claim.due_at else None


class ToPay(NamedTuple):
    """An order of which something is to be paid: how much, and until when the first of it."""

    order: Order
    seller_name: str
    rupiah: int
    due_on: date


class GoingBack(NamedTuple):
    """Money that goes back to a buyer and waits for somebody."""

    id: int
    rupiah: int
    number: str | None
    other_name: str
    since: date


class ToApprove(NamedTuple):
    """A checkout above somebody's limit."""

    id: int
    maker_name: str
    total_rupiah: int
    order_count: int
    due_on: date | None


@dataclass(frozen=True)
class SellerOrders:
    """What waits for a seller's people, as far as this person may see to it."""

    orders: Sequence[Waiting] = ()
    claims: Sequence[WaitingClaim] = ()
    refunds: Sequence[GoingBack] = ()


@dataclass(frozen=True)
class BuyerOrders:
    """What waits for a buyer's people: at one outlet, or what goes to none and concerns the whole buyer."""

    approvals: Sequence[ToApprove] = ()
    orders: Sequence[Waiting] = ()
    to_pay: Sequence[ToPay] = ()
    claims: Sequence[WaitingClaim] = field(default_factory=list)
    refunds: Sequence[GoingBack] = ()
    messages: Sequence[LastWord] = ()
    """What goes to an outlet stands on its board with those of the loop."""


# --- sellers -----------------------------------------------------------------------------------------------


def seller_orders(actor: Actor) -> SellerOrders:
    """What waits for the actor's seller: to answer, pack and send, claims to answer, money to give back."""
    if actor.seller_id is None:
        return SellerOrders()
    states = [S.PLACED] if actor.can(P.ORDER_ANSWER) else []
    states += [S.CONFIRMED, S.PAID, S.PACKED] if actor.can(P.ORDER_FULFIL) else []
    mine = of_seller(Order.seller_id, actor.seller_id)
    answers = actor.can(P.ORDER_ANSWER)
    returns = of_seller(Refund.seller_id, actor.seller_id) if actor.can(P.PAYMENT_CONFIRM) else false()
    return SellerOrders(
        orders=_orders(mine, states, MOST),
        claims=_claims(and_(mine, OrderClaim.state == ClaimState.OPEN.value), MOST) if answers else [],
        refunds=_refunds(and_(returns, Refund.state == RefundState.DUE.value), MOST, Operator.name),
    )


# --- buyers ------------------------------------------------------------------------------------------------


def outlet_orders(actor: Actor, outlet_id: int) -> BuyerOrders:
    """What waits at one outlet of the actor's company: to agree to, to pay, to take in, claims refused."""
    if actor.operator_id is None:
        return BuyerOrders()
    here = and_(Order.operator_id == actor.operator_id, Order.outlet_id == outlet_id)
    return _buyer_orders(actor, here, SHOWN)


def company_orders(actor: Actor) -> BuyerOrders:
    """What waits for a company or an office that buys and stands on no outlet's board."""
    if actor.buyer_id is None:
        return BuyerOrders()
    own = Order.operator_id == actor.buyer_id
    found = _buyer_orders(actor, and_(own, Order.outlet_id.is_(None)), MOST)
    back = and_(Refund.operator_id == actor.buyer_id, Refund.state == RefundState.SENT.value)
    return BuyerOrders(
        approvals=_approvals(own) if actor.can(P.ORDER_APPROVE) else [],
        orders=found.orders,
        to_pay=found.to_pay,
        claims=found.claims,
        refunds=_refunds(back, MOST, Seller.name) if actor.can(P.PAYMENT_RECORD) else [],
        messages=messages_at_no_outlet(actor.buyer_id),
    )


def waiting_orders_by_outlet(actor: Actor) -> Counter[int]:
    """How many of the things that `outlet_orders` shows are urgent or soon, by outlet."""
    if actor.operator_id is None:
        return Counter()
    own, today = Order.operator_id == actor.operator_id, clock.today()
    pressing = [and_(Order.state == S.QUOTED.value)] if actor.can(P.ORDER_PLACE) else []
    if actor.can(P.ORDER_RECEIVE):
        pressing.append(and_(Order.state == S.SHIPPED.value, Order.deliver_to <= today))
    counts: list[Any] = []
    if pressing:
        counts.append(select(Order.outlet_id, func.count()).where(own, or_(*pressing)))
    if actor.can(P.ORDER_RECEIVE):
        counts.append(
            select(Order.outlet_id, func.count())
            .join(OrderClaim, OrderClaim.order_id == Order.id)
            .where(own, _may_be_referred())
        )
    if actor.can(P.PAYMENT_RECORD):
        soon = func.min(Payable.due_on) <= today + timedelta(days=PAY_SOON_DAYS)
        unpaid = _unpaid(Order.id, Order.outlet_id).where(own).group_by(Order.id, Order.outlet_id)
        late = unpaid.having(soon).subquery()
        counts.append(select(late.c.outlet_id, func.count()))
    found: Counter[int] = Counter()
    for query in counts:
        column = query.selected_columns[0]
        rows = db.session.execute(query.where(column.is_not(None)).group_by(column))
        found += Counter(dict(rows.all()))
    return found


def owed_for_outlet(actor: Actor, outlet_id: int) -> tuple[int, int]:
    """What the actor's company still pays for orders to one outlet: rupiah, and how many bills."""
    columns = func.sum(Payable.amount_rupiah - Payable.paid_rupiah), func.count(Payable.id)
    own = Order.operator_id == actor.operator_id, Order.outlet_id == outlet_id
    rupiah, bills = db.session.execute(_unpaid(*columns).where(*own)).one()
    return int(rupiah or 0), bills


def _buyer_orders(actor: Actor, where: ColumnElement[bool], most: int) -> BuyerOrders:
    states = [S.QUOTED] if actor.can(P.ORDER_PLACE) else []
    states += [S.SHIPPED] if actor.can(P.ORDER_RECEIVE) else []
    refused = and_(where, _may_be_referred())
    return BuyerOrders(
        orders=_orders(where, states, most),
        to_pay=_to_pay(where, most) if actor.can(P.PAYMENT_RECORD) else [],
        claims=_claims(refused, most) if actor.can(P.ORDER_RECEIVE) else [],
    )


def _may_be_referred() -> ColumnElement[bool]:
    return and_(OrderClaim.state == ClaimState.REJECTED.value, OrderClaim.due_at >= clock.now())


# --- reading -----------------------------------------------------------------------------------------------


def _orders(where: ColumnElement[bool], states: Iterable[OrderState], most: int) -> list[Waiting]:
    units = select(func.sum(OrderLine.quantity)).where(OrderLine.order_id == Order.id).scalar_subquery()
    query = (
        select(Order, Seller, Operator, Outlet.name, Shipment.number, units)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(where, Order.state.in_([state.value for state in states]))
        .order_by(Order.due_at, Order.id)
        .limit(most)
    )
    return [Waiting._make((*row[:5], int(row[5] or 0))) for row in db.session.execute(query)]


def _claims(where: ColumnElement[bool], most: int) -> list[WaitingClaim]:
    query = (
        select(OrderClaim, Order, OrderLine.name, Seller.name, Operator.name)
        .join(Order, Order.id == OrderClaim.order_id)
        .join(OrderLine, OrderLine.id == OrderClaim.order_line_id)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .where(where)
        .order_by(OrderClaim.due_at, OrderClaim.id)
        .limit(most)
    )
    return [WaitingClaim(*row) for row in db.session.execute(query)]


def _unpaid(*columns: Any) -> Select[Any]:
    """Orders joined with what is open of them."""
    return (
        select(*columns)
        .select_from(Order)
        .join(OrderShare, OrderShare.order_id == Order.id)
        .join(Payable, and_(Payable.kind.in_((ADVANCE, INVOICE)), Payable.document_id == OrderShare.id))
        .where(Payable.paid_rupiah < Payable.amount_rupiah)
    )


def _to_pay(where: ColumnElement[bool], most: int) -> list[ToPay]:
    due_on, open_ = func.min(Payable.due_on), func.sum(Payable.amount_rupiah - Payable.paid_rupiah)
    sums = _unpaid(Order.id, due_on.label("due_on"), open_.label("rupiah")).where(where).group_by(Order.id)
    late = sums.order_by(due_on, Order.id).limit(most).subquery()
    query = (
        select(Order, Seller.name, late.c.rupiah, late.c.due_on)
        .join(late, late.c.id == Order.id)
        .join(Seller, Seller.id == Order.seller_id)
        .order_by(late.c.due_on, Order.id)
    )
    return [ToPay(order, name, int(rupiah), day) for order, name, rupiah, day in db.session.execute(query)]


def _refunds(where: ColumnElement[bool], most: int, other: Any) -> list[GoingBack]:
    query = (
        select(Refund.id, Refund.amount_rupiah, Payable.number, other, Refund.created_at)
        .join(Operator, Operator.id == Refund.operator_id)
        .join(Seller, Seller.id == Refund.seller_id)
        .outerjoin(Payable, Payable.id == Refund.payable_id)
        .where(where, Refund.charge_id.is_(None))
        .order_by(Refund.id)
        .limit(most)
    )
    return [GoingBack._make((*row[:4], clock.wib_day(row[4]))) for row in db.session.execute(query)]


def _approvals(own: ColumnElement[bool]) -> list[ToApprove]:
    query = (
        select(
            Checkout.id, Checkout.maker_name, Checkout.total_rupiah, Checkout.order_count,
            func.min(Order.due_at),
        )
        .join(Order, Order.checkout_id == Checkout.id)
        .where(own, Order.state == S.AWAITING_APPROVAL.value)
        .group_by(Checkout.id, Checkout.maker_name, Checkout.total_rupiah, Checkout.order_count)
        .order_by(Checkout.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        ToApprove._make((*row[:4], clock.wib_day(row[4]) if row[4] else None))
        for row in db.session.execute(query)
    ]
