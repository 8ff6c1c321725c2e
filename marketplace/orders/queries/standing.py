"""Standing orders as lists and pages show them: a buyer's own, and those that a seller may count on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import aliased

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...organizations.queries import of_seller
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import (
    Order,
    OrderLine,
    RunOutcome,
    StandingLine,
    StandingOrder,
    StandingRun,
    StandingState,
)
from ..rules.buying import Offer
from ..rules.standing import is_over_bound
from ..services.standing import coming_days
from .offers import offers_of

PAGE_SIZE = 25
DAYS_SHOWN = 6
RUNS_SHOWN = 30


@dataclass(frozen=True)
class StandingFilter:
    """What is asked of a list of standing orders."""

    q: str = ""
    state: str = ""


class StandingRow(NamedTuple):
    """A standing order in a list; `waiting` days wait for the buyer's yes."""

    id: int
    state: str
    cycle: str
    first_on: date
    next_on: date | None
    seller_name: str
    operator_name: str
    outlet_name: str
    goods: int
    first_name: str
    waiting: int


@dataclass(frozen=True)
class StandingGood:
    """Units of one product, at the price that was agreed to and today's."""

    line: StandingLine
    name: str
    offer: Offer | None
    max_rise_percent: int

    @property
    def price_rupiah(self) -> int | None:
        """What one costs today; None when it is not sold."""
        return self.offer.unit_price(self.line.quantity) if self.offer and self.offer.is_sold else None

    @property
    def is_dear(self) -> bool:
        """Whether today's price is over the bound."""
        now = self.price_rupiah
        return now is not None and is_over_bound(self.line.agreed_price_rupiah, now, self.max_rise_percent)


class RunRow(NamedTuple):
    """What came of one day, with its order."""

    day: date
    outcome: str
    reason: str
    happened_at: datetime
    user_name: str
    order_id: int | None
    order_number: str | None
    total_rupiah: int | None


@dataclass(frozen=True)
class StandingPage:
    """All that one standing order's page shows. `days` are (day, whether it is skipped)."""

    standing: StandingOrder
    seller: Seller
    operator: Operator
    outlet: Outlet
    goods: Sequence[StandingGood]
    runs: Sequence[RunRow]
    days: Sequence[tuple[date, bool]]
    is_buyer: bool
    may_change: bool

    @property
    def waiting(self) -> list[RunRow]:
        """Days that wait for the buyer's yes."""
        return [run for run in self.runs if run.outcome == RunOutcome.WAITING]

    @property
    def past(self) -> list[RunRow]:
        """Days that came; those that are still to be left out stand among the days ahead."""
        ahead = {day for day, _is_skipped in self.days}
        return [run for run in self.runs if run.day not in ahead]

    @property
    def total_rupiah(self) -> int:
        """What the goods come to today, as far as they are sold."""
        return sum(good.line.quantity * (good.price_rupiah or 0) for good in self.goods)


def standing_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A buyer's own, and those of a seller."""
    if actor.seller_id is not None:
        return of_seller(StandingOrder.seller_id, actor.seller_id)
    return StandingOrder.operator_id == actor.buyer_id if actor.buyer_id is not None else false()


def standing_orders_of(
    actor: Actor, asked: StandingFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[StandingRow]:
    """One page of them (size None: all): what waits for a yes first, then by the next day."""
    lines = select(StandingLine.product_id).where(StandingLine.standing_id == StandingOrder.id)
    count = select(func.count()).where(StandingLine.standing_id == StandingOrder.id).scalar_subquery()
    first = select(Product.name).where(
        Product.id == lines.where(StandingLine.position == 1).scalar_subquery()
    )
    waiting = (
        select(func.count())
        .where(StandingRun.standing_id == StandingOrder.id, StandingRun.outcome == RunOutcome.WAITING.value)
        .scalar_subquery()
    )
    columns = (
        StandingOrder.id, StandingOrder.state, StandingOrder.cycle, StandingOrder.first_on,
        StandingOrder.next_on, Seller.name, Operator.name, Outlet.name, count,
        func.coalesce(first.scalar_subquery(), ""), waiting,
    )  # fmt: skip
    query = _joined(columns, actor, asked.q)
    if asked.state:
        query = query.where(StandingOrder.state == asked.state)
    rank = case((waiting > 0, 0), (StandingOrder.state != StandingState.ENDED.value, 1), else_=2)
    query = query.order_by(rank, StandingOrder.next_on, StandingOrder.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [StandingRow(*row) for row in db.session.execute(query)]


def count_standing(actor: Actor, q: str = "") -> dict[str, int]:
    """How many there are in each state."""
    query = _joined((StandingOrder.state, func.count()), actor, q).group_by(StandingOrder.state)
    return dict(db.session.execute(query).all())


def _joined(columns: Sequence[Any], actor: Actor, q: str) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(StandingOrder)
        .join(Seller, Seller.id == StandingOrder.seller_id)
        .join(Operator, Operator.id == StandingOrder.operator_id)
        .join(Outlet, Outlet.id == StandingOrder.outlet_id)
        .where(standing_visible_to(actor))
    )
    for word in one_line(q).split()[:8]:
        line, product = aliased(StandingLine), aliased(Product)
        in_lines = (
            select(line.product_id)
            .join(product, product.id == line.product_id)
            .where(line.standing_id == StandingOrder.id, product.name.icontains(word, autoescape=True))
            .exists()
        )
        places = (Seller.name, Operator.name, Outlet.name)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places), in_lines))
    return query


def standing_page(actor: Actor, standing_id: int) -> StandingPage | None:
    """A standing order that the actor may see; None for a stranger."""
    query = (
        select(StandingOrder, Seller, Operator, Outlet)
        .join(Seller, Seller.id == StandingOrder.seller_id)
        .join(Operator, Operator.id == StandingOrder.operator_id)
        .join(Outlet, Outlet.id == StandingOrder.outlet_id)
        .where(StandingOrder.id == standing_id, standing_visible_to(actor))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    standing, seller, operator, outlet = row
    is_buyer = actor.buyer_id is not None and actor.buyer_id == standing.operator_id
    runs = _runs(standing_id)
    return StandingPage(
        standing=standing,
        seller=seller,
        operator=operator,
        outlet=outlet,
        goods=_goods(standing),
        runs=runs,
        days=_days(standing, {run.day for run in runs if run.outcome == RunOutcome.SKIPPED}),
        is_buyer=is_buyer,
        may_change=is_buyer and actor.can(Permission.ORDER_PLACE),
    )


def _goods(standing: StandingOrder) -> list[StandingGood]:
    query = (
        select(StandingLine, Product.name)
        .join(Product, Product.id == StandingLine.product_id)
        .where(StandingLine.standing_id == standing.id)
        .order_by(StandingLine.position)
    )
    rows = db.session.execute(query).all()
    offers = offers_of([line.product_id for line, _name in rows]).by_product
    most = standing.max_rise_percent
    return [StandingGood(line, name, offers.get(line.product_id), most) for line, name in rows]


def _runs(standing_id: int) -> list[RunRow]:
    query = (
        select(
            StandingRun.day, StandingRun.outcome, StandingRun.reason, StandingRun.happened_at,
            StandingRun.user_name, StandingRun.order_id, Order.number, Order.total_rupiah,
        )
        .outerjoin(Order, Order.id == StandingRun.order_id)
        .where(StandingRun.standing_id == standing_id)
        .order_by(StandingRun.day.desc())
        .limit(RUNS_SHOWN)
    )  # fmt: skip
    return [RunRow(*row) for row in db.session.execute(query)]


def _days(standing: StandingOrder, skipped: set[date]) -> list[tuple[date, bool]]:
    """The next days, as far as it runs."""
    if standing.next_on is None:
        return []
    begin = max(standing.next_on, clock.today())
    return [(day, day in skipped) for day in coming_days(standing, begin, DAYS_SHOWN)]


def lines_of_order(actor: Actor, order_id: int) -> tuple[Order, list[OrderLine]] | None:
    """An order of the actor's own buyer with its goods, to be ordered again; None for a stranger."""
    order = db.session.get(Order, order_id)
    if order is None or actor.buyer_id is None or order.operator_id != actor.buyer_id:
        return None
    query = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return order, list(db.session.scalars(query))
