"""Requests to replace a counted seller, as the office and the two parties read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...regions.queries import within
from ...texts import one_line
from ..models import Agreement, ReplacementRequest, ReplacementState

PAGE_SIZE = 25
STATES = tuple(state.value for state in ReplacementState)


@dataclass(frozen=True)
class ReplacementRow:
    """A request with its parties."""

    request: ReplacementRequest
    agreement: Agreement
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str


def _in_region(columns: tuple[Any, ...], actor: Actor) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ReplacementRequest)
        .join(Agreement, Agreement.id == ReplacementRequest.agreement_id)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, clock.today())))
        .join(Seller, Seller.id == Agreement.seller_id)
        .where(within(OutletFacts.region_code, actor.region))
    )


_ROW = (ReplacementRequest, Agreement, Outlet.id, Outlet.name, Seller.id, Seller.name)


def requests_in(
    actor: Actor, *, q: str = "", state: str = "", number: int = 1, size: int | None = PAGE_SIZE
) -> list[ReplacementRow]:
    """The requests of an office's region, those that wait first."""
    query = _asked(_in_region(_ROW, actor), q, state)
    urgency = case((ReplacementRequest.state == ReplacementState.OPEN.value, 0), else_=1)
    query = query.order_by(urgency, ReplacementRequest.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [ReplacementRow(*row) for row in db.session.execute(query)]


def count_by_state(actor: Actor, q: str = "") -> dict[str, int]:
    """How many requests there are of each state."""
    inner = _asked(_in_region((ReplacementRequest.state.label("state"),), actor), q, "").subquery()
    query = select(inner.c.state, func.count()).group_by(inner.c.state)
    return dict(db.session.execute(query).all())


def _asked(query: Select[Any], q: str, state: str) -> Select[Any]:
    for word in one_line(q).split()[:8]:
        query = query.where(
            or_(Outlet.name.icontains(word, autoescape=True), Seller.name.icontains(word, autoescape=True))
        )
    return query.where(ReplacementRequest.state == state) if state else query


def request_in(actor: Actor, request_id: int) -> ReplacementRow | None:
    """One request of an office's region; None for a stranger's."""
    row = db.session.execute(_in_region(_ROW, actor).where(ReplacementRequest.id == request_id)).one_or_none()
    return ReplacementRow(*row) if row else None


def requests_of(agreement_id: int) -> list[ReplacementRequest]:
    """The requests about an agreement, the latest first."""
    query = select(ReplacementRequest).where(ReplacementRequest.agreement_id == agreement_id)
    return list(db.session.scalars(query.order_by(ReplacementRequest.id.desc())))
