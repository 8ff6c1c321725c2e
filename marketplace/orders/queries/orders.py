"""Orders as lists show them, each actor its own: a seller's, a buyer's, those of an office's region."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, Seller, SellerFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...permissions import Actor, Permission
from ...regions.queries import within
from ...texts import one_line
from ..models import ClaimState, Order, OrderClaim, OrderLine, OrderState

PAGE_SIZE = 25
SORTS = ("due", "-due", "total", "-total", "placed", "-placed", "seller", "-seller", "buyer", "-buyer")
SELLERS_TURN = (OrderState.PLACED, OrderState.CONFIRMED, OrderState.PAID, OrderState.PACKED)
BUYERS_TURN = (
    OrderState.AWAITING_APPROVAL,
    OrderState.QUOTED,
    OrderState.AWAITING_PAYMENT,
    OrderState.SHIPPED,
)
LIVE_CLAIMS = (ClaimState.OPEN.value, ClaimState.REFERRED.value)


@dataclass(frozen=True)
class OrderFilter:
    """What is asked of a list of orders. `whose`: of an office, its own purchases or those of its region."""

    q: str = ""
    state: str = ""
    sort: str = ""
    whose: str = ""
    disputed: bool = False


class OrderRow(NamedTuple):
    """An order in a list; `claims` are those that wait for an answer."""

    id: int
    number: str | None
    state: str
    due_at: datetime | None
    seller_id: int
    seller_name: str
    operator_id: int
    operator_name: str
    outlet_name: str | None
    recipient: str
    deliver_from: date
    deliver_to: date
    total_rupiah: int
    created_at: datetime
    placed_at: datetime | None
    units: int
    claims: int

    @property
    def name(self) -> str:
        """What people call it."""
        return self.number or f"#{self.id}"

    @property
    def to(self) -> str:
        """Where it goes: the outlet, or whoever receives it."""
        return self.outlet_name or self.recipient or self.operator_name


def orders_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A seller's that reached it, a buyer's own, an office's own and those of its region's sellers."""
    if not actor.can(Permission.ORDER_VIEW):
        return false()
    if actor.is_office:
        return or_(_own(actor), and_(Order.number.is_not(None), of_region(actor)))
    if actor.seller_id is not None:
        return and_(Order.number.is_not(None), of_seller(Order.seller_id, actor.seller_id))
    return _own(actor)


def _own(actor: Actor) -> ColumnElement[bool]:
    return Order.operator_id == actor.buyer_id if actor.buyer_id is not None else false()


def of_region(actor: Actor) -> ColumnElement[bool]:
    """Of an office: orders of sellers that are in its region today."""
    if actor.region == "":
        return true()
    here = select(SellerFacts.seller_id).where(
        within(SellerFacts.region_code, actor.region), facts_on(SellerFacts, clock.today())
    )
    return Order.seller_id.in_(here)


def _recipient(actor: Actor) -> Any:
    """Who receives it: for its parties alone, not for an office that looks on."""
    return case((_own(actor), Order.recipient), else_="") if actor.is_office else Order.recipient


def _joined(columns: Sequence[Any], actor: Actor, asked: OrderFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Order)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .where(orders_visible_to(actor))
    )
    if asked.whose == "own":
        query = query.where(_own(actor))
    elif asked.whose == "region":
        query = query.where(of_region(actor), Order.number.is_not(None))
    if asked.disputed:
        query = query.where(_live_claims().exists())
    for word in one_line(asked.q).split()[:8]:
        places = (Order.number, Seller.name, Operator.name, Outlet.name, _recipient(actor))
        in_lines = select(OrderLine.id).where(
            OrderLine.order_id == Order.id, OrderLine.name.icontains(word, autoescape=True)
        )
        query = query.where(
            or_(*(place.icontains(word, autoescape=True) for place in places), in_lines.exists())
        )
    return query


def _live_claims() -> Select[Any]:
    return select(OrderClaim.id).where(OrderClaim.order_id == Order.id, OrderClaim.state.in_(LIVE_CLAIMS))


def orders_of(
    actor: Actor, asked: OrderFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[OrderRow]:
    """One page of the actor's orders (size None: all), what waits for the actor first, the earliest due."""
    units = select(func.sum(OrderLine.quantity)).where(OrderLine.order_id == Order.id).scalar_subquery()
    claims = (
        select(func.count(OrderClaim.id))
        .where(OrderClaim.order_id == Order.id, OrderClaim.state.in_(LIVE_CLAIMS))
        .scalar_subquery()
    )
    columns = (
        Order.id, Order.number, Order.state, Order.due_at, Order.seller_id, Seller.name, Order.operator_id,
        Operator.name, Outlet.name, _recipient(actor), Order.deliver_from, Order.deliver_to,
        Order.total_rupiah, Order.created_at, Order.placed_at, units, claims,
    )  # fmt: skip
    query = _joined(columns, actor, asked)
    if asked.state:
        query = query.where(Order.state == asked.state)
    query = query.order_by(*_ordering(asked.sort, actor))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [_row(row) for row in db.session.execute(query)]


def _row(found: Any) -> OrderRow:
    """Sums of integers are decimals on PostgreSQL."""
    values = list(found)
    values[15], values[16] = int(values[15] or 0), int(values[16])
    return OrderRow(*values)


def _ordering(sort: str, actor: Actor) -> list[Any]:
    keys: dict[str, Any] = {
        "due": Order.due_at, "total": Order.total_rupiah, "placed": Order.created_at, "seller": Seller.name,
        "buyer": Operator.name,
    }  # fmt: skip
    key = keys.get(sort.lstrip("-"))
    if key is not None:
        is_last = case((key.is_(None), 1), else_=0)
        return [is_last, key.desc() if sort.startswith("-") else key.asc(), Order.id.desc()]
    turn = SELLERS_TURN if actor.seller_id is not None else BUYERS_TURN
    waits = case((Order.state.in_([state.value for state in turn]), 0), else_=1)
    pressing = case((waits == 0, case((Order.due_at.is_(None), 1), else_=0)), else_=1)
    return [waits, pressing, case((waits == 0, Order.due_at), else_=None), Order.id.desc()]


def count_by_state(actor: Actor, asked: OrderFilter) -> dict[str, int]:
    """How many of the actor's orders are in which state, by everything asked but the state."""
    query = _joined((Order.state, func.count()), actor, asked).group_by(Order.state)
    return dict(db.session.execute(query).all())


def waiting_for(actor: Actor, counts: dict[str, int]) -> int:
    """How many of counted orders wait for the actor's side."""
    turn = SELLERS_TURN if actor.seller_id is not None else BUYERS_TURN
    return sum(counts.get(state.value, 0) for state in turn)


def order_id_by_code(code: str) -> int | None:
    """The order that a code in a QR belongs to."""
    return db.session.scalar(select(Order.id).where(Order.order_ref == one_line(code)))


def visible_ids(actor: Actor, order_ids: Collection[int]) -> set[int]:
    """Those of some orders whose page the actor may open."""
    query = select(Order.id).where(Order.id.in_(order_ids), orders_visible_to(actor))
    return set(db.session.scalars(query))
