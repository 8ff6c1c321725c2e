"""Where a buyer's goods may go, and how much its people may order alone."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Outlet, OutletFacts
from ...organizations.versions import facts_today
from ..models import ApprovalLimit


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
