"""What of quotations and standing orders waits for whom; each read asks one question, however much waits."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select, union_all

from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...permissions import Actor, Permission
from ..models import Quote, QuoteState, QuoteVersion, RunOutcome, StandingOrder, StandingRun

MOST = 20


class WaitingQuote(NamedTuple):
    """A quotation that waits for somebody."""

    id: int
    number: str
    state: str
    due_at: datetime | None
    seller_name: str
    operator_name: str
    total_rupiah: int | None


class WaitingDay(NamedTuple):
    """A day of a standing order that waits for the buyer's yes."""

    standing_id: int
    day: date
    seller_name: str
    reason: str


def seller_quotes(actor: Actor) -> list[WaitingQuote]:
    """What the seller has to answer, the earliest due first."""
    if actor.seller_id is None or not actor.can(Permission.ORDER_ANSWER):
        return []
    return _quotes(
        and_(
            of_seller(Quote.seller_id, actor.seller_id),
            Quote.state.in_([QuoteState.ASKED.value, QuoteState.COUNTERED.value]),
        )
    )


def buyer_quotes(actor: Actor, outlet_id: int | None) -> list[WaitingQuote]:
    """What the buyer has to answer for one outlet; None: for no outlet, goods that go to an address."""
    if actor.buyer_id is None or not actor.can(Permission.ORDER_PLACE):
        return []
    here = Quote.outlet_id.is_(None) if outlet_id is None else Quote.outlet_id == outlet_id
    return _quotes(and_(Quote.operator_id == actor.buyer_id, here, Quote.state == QuoteState.OFFERED.value))


def _quotes(where: ColumnElement[bool]) -> list[WaitingQuote]:
    query = (
        select(
            Quote.id, Quote.number, Quote.state, Quote.due_at, Seller.name, Operator.name,
            QuoteVersion.total_rupiah,
        )
        .join(Seller, Seller.id == Quote.seller_id)
        .join(Operator, Operator.id == Quote.operator_id)
        .join(QuoteVersion, and_(QuoteVersion.quote_id == Quote.id, QuoteVersion.number == Quote.latest))
        .where(where)
        .order_by(Quote.due_at, Quote.id)
        .limit(MOST)
    )  # fmt: skip
    return [WaitingQuote(*row) for row in db.session.execute(query)]


def waiting_days(actor: Actor, outlet_id: int) -> list[WaitingDay]:
    """Days of standing orders for one outlet whose prices the buyer has to agree to."""
    if actor.buyer_id is None or not actor.can(Permission.ORDER_PLACE):
        return []
    query = (
        select(StandingOrder.id, StandingRun.day, Seller.name, StandingRun.reason)
        .join(StandingRun, StandingRun.standing_id == StandingOrder.id)
        .join(Seller, Seller.id == StandingOrder.seller_id)
        .where(
            StandingOrder.operator_id == actor.buyer_id,
            StandingOrder.outlet_id == outlet_id,
            StandingRun.outcome == RunOutcome.WAITING.value,
        )
        .order_by(StandingRun.day, StandingOrder.id)
        .limit(MOST)
    )
    return [WaitingDay(*row) for row in db.session.execute(query)]


def waiting_by_outlet(actor: Actor) -> Counter[int]:
    """How many of both wait at each outlet."""
    if actor.operator_id is None or not actor.can(Permission.ORDER_PLACE):
        return Counter()
    quotes = select(Quote.outlet_id).where(
        Quote.operator_id == actor.operator_id,
        Quote.state == QuoteState.OFFERED.value,
        Quote.outlet_id.is_not(None),
    )
    days = (
        select(StandingOrder.outlet_id)
        .join(StandingRun, StandingRun.standing_id == StandingOrder.id)
        .where(
            StandingOrder.operator_id == actor.operator_id,
            StandingRun.outcome == RunOutcome.WAITING.value,
        )
    )
    both = union_all(quotes, days).subquery()
    rows = db.session.execute(select(both.c.outlet_id, func.count()).group_by(both.c.outlet_id))
    return Counter(dict(rows.all()))
