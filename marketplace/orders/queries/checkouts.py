"""What was sent off in one go: its orders, and what waits for a manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from ... import clock
from ...accounts.models import User
from ...db import db
from ...organizations.models import Membership, Outlet, Seller
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import ApprovalLimit, Checkout, Order, OrderLine, OrderState
from ..rules.buying import EVERYBODY
from .buyers import ordered_alone

PAGE_SIZE = 25
STATES = ("waiting", "approved", "refused", "ended")


@dataclass(frozen=True)
class PlacedOrder:
    """One order of a checkout, with what is in it."""

    order: Order
    seller_name: str
    outlet_name: str | None
    lines: Sequence[OrderLine]


@dataclass(frozen=True)
class CheckoutPage:
    """All that a checkout's page shows."""

    checkout: Checkout
    orders: Sequence[PlacedOrder]
    may_decide: bool
    alone_rupiah: int = 0
    """What its maker ordered without a manager in the days before it, for whoever decides."""

    @property
    def waits(self) -> bool:
        """Whether some of it waits for a manager."""
        return any(one.order.state == OrderState.AWAITING_APPROVAL for one in self.orders)


def checkout_page(actor: Actor, checkout_id: int) -> CheckoutPage | None:
    """A checkout of the actor's own buyer; None for everybody else's."""
    checkout = db.session.get(Checkout, checkout_id)
    if checkout is None or actor.buyer_id is None or checkout.operator_id != actor.buyer_id:
        return None
    query = (
        select(Order, Seller.name, Outlet.name)
        .join(Seller, Seller.id == Order.seller_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .where(Order.checkout_id == checkout.id)
        .order_by(Order.id)
    )
    rows = db.session.execute(query).all()
    lines: dict[int, list[OrderLine]] = {order.id: [] for order, _seller, _outlet in rows}
    asked = select(OrderLine).where(OrderLine.order_id.in_(lines))
    for line in db.session.scalars(asked.order_by(OrderLine.order_id, OrderLine.position)):
        lines[line.order_id].append(line)
    orders = [PlacedOrder(order, seller, outlet, lines[order.id]) for order, seller, outlet in rows]
    waits = any(one.order.state == OrderState.AWAITING_APPROVAL for one in orders)
    may_decide = actor.can(Permission.ORDER_APPROVE) and checkout.decided_at is None and waits
    alone = 0
    if may_decide:
        day = clock.wib_day(checkout.made_at)
        query = ordered_alone(checkout.operator_id, day, func.sum(Order.total_rupiah))
        alone = int(db.session.scalar(query.where(Checkout.made_by == checkout.made_by)) or 0)
    return CheckoutPage(checkout, orders, may_decide, alone)


# --- what waits for a manager ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ApprovalFilter:
    """What is asked of the list of checkouts above somebody's limit."""

    q: str = ""
    state: str = ""


@dataclass(frozen=True)
class ApprovalRow:
    """A checkout that needed a manager's yes."""

    id: int
    state: str
    maker_name: str
    made_at: datetime
    order_count: int
    total_rupiah: int
    sellers: str
    decider_name: str
    decided_at: datetime | None
    reason: str


_WAITS = exists().where(Order.checkout_id == Checkout.id, Order.state == OrderState.AWAITING_APPROVAL.value)
_STATE = case(
    (Checkout.is_approved.is_(True), "approved"),
    (Checkout.is_approved.is_(False), "refused"),
    (_WAITS, "waiting"),
    else_="ended",
)


def approvals_of(
    actor: Actor, asked: ApprovalFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[ApprovalRow]:
    """One page of the buyer's checkouts that needed a yes (size None: all), what waits longest first."""
    columns = (
        Checkout.id, _STATE.label("state"), Checkout.maker_name, Checkout.made_at, Checkout.order_count,
        Checkout.total_rupiah, Checkout.decider_name, Checkout.decided_at, Checkout.decision_reason,
    )  # fmt: skip
    order = (case((_STATE == "waiting", 0), else_=1), case((_STATE == "waiting", Checkout.id)))
    query = _asked(columns, actor, asked.q).order_by(*order, Checkout.id.desc())
    if asked.state:
        query = query.where(_STATE.in_([asked.state]))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    rows = db.session.execute(query).all()
    sellers = _sellers([row.id for row in rows])
    return [
        ApprovalRow(
            row.id, row.state, row.maker_name, row.made_at, row.order_count, row.total_rupiah,
            ", ".join(sellers.get(row.id, [])), row.decider_name, row.decided_at, row.decision_reason,
        )
        for row in rows
    ]  # fmt: skip


def count_approvals(actor: Actor, q: str = "") -> dict[str, int]:
    """How many there are in each state."""
    query = _asked((_STATE.label("state"), func.count()), actor, q).group_by(_STATE)
    return dict(db.session.execute(query).all())


def _asked(columns: Sequence[Any], actor: Actor, q: str) -> Select[Any]:
    query = select(*columns).where(Checkout.operator_id == (actor.buyer_id or 0), Checkout.needs_approval)
    for word in one_line(q).split()[:8]:
        query = query.where(or_(Checkout.maker_name.icontains(word, autoescape=True), _sells(word)))
    return query


def _sells(word: str) -> ColumnElement[bool]:
    of_seller = and_(Order.seller_id == Seller.id, Seller.name.icontains(word, autoescape=True))
    return exists().where(Order.checkout_id == Checkout.id, of_seller)


def _sellers(checkout_ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        select(Order.checkout_id, Seller.name)
        .join(Seller, Seller.id == Order.seller_id)
        .where(Order.checkout_id.in_(checkout_ids))
        .order_by(Order.id)
    )
    found: dict[int, list[str]] = {}
    for checkout_id, name in db.session.execute(query):
        found.setdefault(checkout_id, []).append(name)
    return found


# --- limits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonLimit:
    """Somebody who may order, and up to how much alone; None: as everybody. EVERYBODY has no name."""

    user_id: int
    name: str
    limit_rupiah: int | None
    alone_rupiah: int = 0
    """What they ordered without a manager in the days that count today."""


def limits_of(actor: Actor, roles: Sequence[str]) -> list[PersonLimit]:
    """The limit of everybody first, then the people in these roles, by name."""
    query = select(ApprovalLimit.user_id, ApprovalLimit.limit_rupiah)
    rows = db.session.execute(query.where(ApprovalLimit.operator_id == (actor.buyer_id or 0)))
    limits = dict(rows.all())
    own = (
        Membership.operator_id == actor.operator_id
        if actor.operator_id is not None
        else Membership.office_id == actor.office_id
    )
    people = (
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(own, Membership.role.in_(roles), Membership.is_active)
        .order_by(func.lower(User.name), User.id)
    )
    ordered = ordered_alone(
        actor.buyer_id or 0, clock.today(), Checkout.made_by, func.sum(Order.total_rupiah)
    )
    alone = {id_: int(rupiah) for id_, rupiah in db.session.execute(ordered.group_by(Checkout.made_by))}
    found = [PersonLimit(EVERYBODY, "", limits.get(EVERYBODY))]
    return found + [
        PersonLimit(id_, name, limits.get(id_), alone.get(id_, 0)) for id_, name in db.session.execute(people)
    ]
