"""Settlements in lists, and what each is to the two parties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts, Seller
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...payments.models import Payable
from ...permissions import Actor, Permission
from ...regions.queries import within
from ...texts import one_line
from ..models import Settlement, SettlementDispute, SettlementState

PAGE_SIZE = 25


SORTS = (
    "outlet",
    "-outlet",
    "seller",
    "-seller",
    "last_day",
    "-last_day",
    "due_on",
    "-due_on",
    "net",
    "-net",
)


class Status:
    """What a settlement is to the two parties, the most urgent first. It follows from what is recorded."""

    OVERDUE = "overdue"
    DRAFT = "draft"
    ISSUED = "issued"
    DISPUTED = "disputed"
    TO_PAY = "to_pay"
    REPORTED = "reported"
    PAID = "paid"


STATUSES = (
    Status.OVERDUE, Status.DRAFT, Status.ISSUED, Status.DISPUTED, Status.TO_PAY, Status.REPORTED, Status.PAID,
)  # fmt: skip


@dataclass(frozen=True)
class SettlementFilter:
    """What is asked of a list of settlements."""

    q: str = ""
    status: str = ""
    sort: str = ""
    agreement_id: int | None = None
    outlet_id: int | None = None


class SettlementRow(NamedTuple):
    """A settlement in a list. The last four are None, and nothing, while it is a draft."""

    id: int
    number: str | None
    bill_number: str | None
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    first_day: date
    last_day: date
    line_count: int
    net_rupiah: int
    amount_rupiah: int | None
    paid_rupiah: int | None
    confirmed_rupiah: int | None
    due_on: date | None
    status: str

    @property
    def open_rupiah(self) -> int:
        """What is still to be paid."""
        return (self.amount_rupiah or 0) - (self.paid_rupiah or 0)


def settlements_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A seller's own and its merged ones', an operator's debts, an office's outlets; nothing for others."""
    if not actor.can(Permission.SETTLEMENT_VIEW):
        return false()
    if actor.is_office:
        if actor.region == "":
            return true()
        here = select(OutletFacts.outlet_id).where(
            within(OutletFacts.region_code, actor.region), facts_on(OutletFacts, clock.today())
        )
        return Settlement.outlet_id.in_(here)
    if actor.operator_id is not None:
        return Settlement.operator_id == actor.operator_id
    if actor.seller_id is not None:
        return of_seller(Settlement.seller_id, actor.seller_id)
    return false()


def status_on(day: date) -> ColumnElement[str]:
    """SQL: what a settlement is on a day. The query joins Payable as `joined` does."""
    is_disputed = exists().where(
        SettlementDispute.settlement_id == Settlement.id, SettlementDispute.state == "open"
    )
    return case(
        (Settlement.state == SettlementState.DRAFT.value, Status.DRAFT),
        (and_(Payable.confirmed_rupiah == Payable.amount_rupiah, ~is_disputed), Status.PAID),
        (and_(Payable.paid_rupiah < Payable.amount_rupiah, Payable.due_on < day), Status.OVERDUE),
        (is_disputed, Status.DISPUTED),
        (Payable.paid_rupiah == Payable.amount_rupiah, Status.REPORTED),
        (Settlement.state == SettlementState.ISSUED.value, Status.ISSUED),
        else_=Status.TO_PAY,
    )


def of_settlement() -> ColumnElement[bool]:
    """SQL: the debt of a settlement."""
    return and_(Payable.kind == "settlement", Payable.document_id == Settlement.id)


def joined(columns: Sequence[Any], actor: Actor, asked: SettlementFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Settlement)
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .join(Operator, Operator.id == Settlement.operator_id)
        .join(Seller, Seller.id == Settlement.seller_id)
        .outerjoin(Payable, of_settlement())
        .where(settlements_visible_to(actor))
    )
    if asked.agreement_id is not None:
        query = query.where(Settlement.agreement_id == asked.agreement_id)
    if asked.outlet_id is not None:
        query = query.where(Settlement.outlet_id == asked.outlet_id)
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Operator.name, Seller.name, Settlement.number, Settlement.bill_number)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def settlements_of(
    actor: Actor, asked: SettlementFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[SettlementRow]:
    """One page of the actor's settlements (size None: all), what is overdue first."""
    status = status_on(clock.today())
    columns = (
        Settlement.id, Settlement.number, Settlement.bill_number, Settlement.outlet_id, Outlet.name,
        Settlement.seller_id, Seller.name, Settlement.first_day, Settlement.last_day, Settlement.line_count,
        Settlement.net_rupiah, Payable.amount_rupiah, Payable.paid_rupiah, Payable.confirmed_rupiah,
        Payable.due_on, status,
    )  # fmt: skip
    query = joined(columns, actor, asked)
    if asked.status:
        query = query.where(status == asked.status)
    query = query.order_by(*_ordering(asked.sort, status))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [SettlementRow(*row) for row in db.session.execute(query)]


def _ordering(sort: str, status: ColumnElement[str]) -> list[Any]:
    keys: dict[str, Any] = {
        "outlet": Outlet.name, "seller": Seller.name, "last_day": Settlement.last_day,
        "due_on": Payable.due_on, "net": Settlement.net_rupiah,
    }  # fmt: skip
    key = keys.get(sort.lstrip("-"))
    if key is not None:
        return [key.desc() if sort.startswith("-") else key.asc(), Settlement.id.desc()]
    urgency = case({name: place for place, name in enumerate(STATUSES)}, value=status, else_=len(STATUSES))
    return [urgency, Settlement.last_day.desc(), Settlement.id.desc()]


def count_by_status(actor: Actor, asked: SettlementFilter) -> dict[str, int]:
    """How many of the actor's settlements are what today."""
    status = status_on(clock.today()).label("status")
    inner = joined((status,), actor, asked).subquery()
    query = select(inner.c.status, func.count()).group_by(inner.c.status)
    return dict(db.session.execute(query).all())
