"""Where a buyer's goods may go, and how much its people may order alone."""

from __future__ import annotations

import functools
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Outlet, OutletFacts
from ...organizations.versions import facts_today
from ..models import ApprovalLimit, Checkout, Order, OrderState
from ..rules.buying import counted_since

UNDONE = (OrderState.DECLINED.value, OrderState.EXPIRED.value, OrderState.CANCELLED.value)
"""Orders that cost nothing after all."""


class Destination(NamedTuple):
    """An outlet of the buyer that is open today."""

    id: int
    name: str
    address: str
    kind: str


def destinations_of(operator_id: int) -> list[Destination]:
    """The open outlets of an operator, by name."""
    asked = {"operator": operator_id, "today": clock.today()}
    return [Destination(*row) for row in db.session.connection().execute(_destinations(), asked)]


@functools.cache
def _destinations() -> Any:
    return (
        select(Outlet.id, Outlet.name, Outlet.address, OutletFacts.kind)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .where(
            OutletFacts.operator_id == bindparam("operator"),
            facts_today(OutletFacts),
            or_(OutletFacts.closed_on.is_(None), OutletFacts.closed_on > bindparam("today")),
        )
        .order_by(Outlet.name, Outlet.id)
    )


def limit_of(operator_id: int, user_id: int | None) -> int | None:
    """Up to how much this person may order alone: their own limit, else everybody's; None: no limit."""
    asked = {"operator": operator_id, "user": user_id or 0}
    return db.session.connection().execute(_limit(), asked).scalars().first()


@functools.cache
def _limit() -> Any:
    return (
        select(ApprovalLimit.limit_rupiah)
        .where(
            ApprovalLimit.operator_id == bindparam("operator"),
            ApprovalLimit.user_id.in_([0, bindparam("user")]),
        )
        .order_by(ApprovalLimit.user_id.desc())
    )


class Allowance(NamedTuple):
    """Up to how much somebody may order alone (None: no limit), and how much of it they ordered already."""

    limit_rupiah: int | None
    alone_rupiah: int


def allowance_of(operator_id: int, user_id: int | None, *, but: int | None = None) -> Allowance:
    """The limit of somebody today, and what they ordered without a manager in the days that count; `but`: an
    order that is left out."""
    limit = limit_of(operator_id, user_id)
    if limit is None:
        return Allowance(None, 0)
    ordered = ordered_alone(operator_id, clock.today(), func.sum(Order.total_rupiah))
    ordered = ordered.where(Checkout.made_by == user_id)
    if but is not None:
        ordered = ordered.where(Order.id != but)
    return Allowance(limit, int(db.session.scalar(ordered) or 0))


def ordered_alone(operator_id: int, day: date, *columns: Any) -> Select[Any]:
    """What the people of an operator ordered without a manager in the days that count on a day."""
    since = datetime.combine(counted_since(day), time(), clock.WIB)
    return (
        select(*columns)
        .select_from(Checkout)
        .join(Order, Order.checkout_id == Checkout.id)
        .where(
            Checkout.operator_id == operator_id,
            Checkout.made_at >= since,
            ~Checkout.needs_approval,
            Order.state.not_in(UNDONE),
        )
    )
