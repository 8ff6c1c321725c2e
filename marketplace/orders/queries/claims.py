"""Claims as lists and pages show them; the office sees those that wait for its word first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Operator, Seller
from ...permissions import ROLE_PERMISSIONS, Actor, within
from ...texts import one_line
from ..models import ClaimPhoto, ClaimState, CreditNote, Order, OrderClaim, OrderLine
from ..rules.claims import ClaimSide, ClaimVerb, claim_verbs
from ..services.moving import region_of, side_of
from .orders import orders_visible_to

PAGE_SIZE = 25


@dataclass(frozen=True)
class ClaimFilter:
    """What is asked of a list of claims."""

    q: str = ""
    state: str = ""


class ClaimRow(NamedTuple):
    """A claim in a list."""

    id: int
    order_id: int
    number: str
    state: str
    kind: str
    quantity: int
    granted: int
    name: str
    amount_rupiah: int
    seller_name: str
    operator_name: str
    made_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class ClaimPage:
    """All that a claim's page shows."""

    claim: OrderClaim
    order: Order
    line: OrderLine
    seller: Seller
    operator: Operator
    photos: list[ClaimPhoto]
    credit: CreditNote | None
    side: ClaimSide | None
    verbs: list[ClaimVerb]


def _joined(columns: Sequence[Any], actor: Actor, q: str = "") -> Select[Any]:
    query = (
        select(*columns)
        .select_from(OrderClaim)
        .join(Order, Order.id == OrderClaim.order_id)
        .join(OrderLine, OrderLine.id == OrderClaim.order_line_id)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .where(orders_visible_to(actor))
    )
    for word in one_line(q).split()[:8]:
        places = (Order.number, OrderLine.name, Seller.name, Operator.name)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def claims_of(
    actor: Actor, asked: ClaimFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[ClaimRow]:
    """One page of the claims that the actor may see (size None: all), what waits for the actor first."""
    columns = (
        OrderClaim.id, Order.id, Order.number, OrderClaim.state, OrderClaim.kind, OrderClaim.quantity,
        OrderClaim.granted, OrderLine.name, OrderClaim.quantity * OrderLine.unit_price_rupiah, Seller.name,
        Operator.name, OrderClaim.made_at, OrderClaim.due_at,
    )  # fmt: skip
    query = _joined(columns, actor, asked.q)
    if asked.state:
        query = query.where(OrderClaim.state == asked.state)
    turn = case((_waits_for(actor), 0), (OrderClaim.state == ClaimState.OPEN.value, 1), else_=2)
    query = query.order_by(turn, OrderClaim.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [ClaimRow(*row) for row in db.session.execute(query)]


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    """What a seller has to answer, an office to decide, a buyer to take to the office or leave."""
    if actor.seller_id is not None:
        return OrderClaim.state == ClaimState.OPEN.value
    if actor.is_office:
        return OrderClaim.state == ClaimState.REFERRED.value
    return and_(OrderClaim.state == ClaimState.REJECTED.value, OrderClaim.due_at >= clock.now())


def count_claims(actor: Actor, q: str = "") -> dict[str, int]:
    """How many of the claims that the actor may see are in which state."""
    query = _joined((OrderClaim.state, func.count()), actor, q).group_by(OrderClaim.state)
    return dict(db.session.execute(query).all())


def claim_page(actor: Actor, claim_id: int) -> ClaimPage | None:
    """A claim with its photos and what can be done with it now; None for a stranger."""
    found = db.session.execute(
        _joined((OrderClaim, Order, OrderLine, Seller, Operator), actor).where(OrderClaim.id == claim_id)
    ).one_or_none()
    if found is None:
        return None
    claim, order, line, seller, operator = found
    side = _side(actor, order)
    held = ROLE_PERMISSIONS[actor.role] if actor.role else frozenset()
    photos = select(ClaimPhoto).where(ClaimPhoto.claim_id == claim.id).order_by(ClaimPhoto.id)
    credit = select(CreditNote).where(CreditNote.claim_id == claim.id)
    return ClaimPage(
        claim=claim,
        order=order,
        line=line,
        seller=seller,
        operator=operator,
        photos=list(db.session.scalars(photos)),
        credit=db.session.scalars(credit).one_or_none(),
        side=side,
        verbs=claim_verbs(ClaimState(claim.state), side, held, due_at=claim.due_at, now=clock.now()),
    )


def _side(actor: Actor, order: Order) -> ClaimSide | None:
    """Whose side an actor is on; an office that bought the goods itself is the buyer."""
    party = side_of(db.session(), actor, order)
    if party is not None:
        return ClaimSide(party.value)
    if actor.is_office and within(region_of(db.session(), order.seller_id), actor.region):
        return ClaimSide.OFFICE
    return None
