"""What is owed and not paid yet, for who pays and for who is paid, by age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select

from ... import clock
from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...permissions import Actor, Permission
from ..models import Payable
from ..rules.ageing import AGES, age_of
from .lists import one_page, ordered, said

PAGE_SIZE = 25
DUE_STATES = ("overdue", "open", "reported")
DUE_SORTS = ("due_on", "-due_on", "open", "-open", "partner", "-partner", "since", "-since")
KINDS = ("settlement", "invoice", "advance")


@dataclass(frozen=True)
class DueFilter:
    """What is asked of a list of bills."""

    q: str = ""
    state: str = ""
    kind: str = ""
    sort: str = ""


class DueRow(NamedTuple):
    """A bill that is not paid, or whose payment the seller has not confirmed."""

    id: int
    kind: str
    document_id: int
    number: str
    partner_name: str
    since: date
    due_on: date
    open_rupiah: int
    reported_rupiah: int
    state: str

    @property
    def late_days(self) -> int:
        """Days since it should have been paid; 0 while it is not late."""
        return max((clock.today() - self.due_on).days, 0) if self.open_rupiah else 0


class DueAges(NamedTuple):
    """What is open by the age of its bill: 0-15, 16-30, 31-60, over 60 days; what of all is overdue."""

    rupiah: tuple[int, int, int, int]
    overdue_rupiah: int

    @property
    def total(self) -> int:
        """All that is open."""
        return sum(self.rupiah)


def dues_visible_to(actor: Actor) -> ColumnElement[bool]:
    """What the actor's company or office is to pay, or what the actor's business is to be paid."""
    if not actor.can(Permission.SETTLEMENT_VIEW):
        return false()
    if actor.buyer_id is not None:
        return Payable.operator_id == actor.buyer_id
    if actor.seller_id is not None:
        return of_seller(Payable.seller_id, actor.seller_id)
    return false()


def _state(day: date) -> ColumnElement[str]:
    left = Payable.amount_rupiah - Payable.paid_rupiah
    return case((and_(left > 0, Payable.due_on < day), "overdue"), (left > 0, "open"), else_="reported")


def _joined(actor: Actor, asked: DueFilter, *columns: Any) -> Select[Any]:
    partner = Operator.name if actor.buyer_id is None else Seller.name
    query = (
        select(*columns)
        .select_from(Payable)
        .join(Operator, Operator.id == Payable.operator_id)
        .join(Seller, Seller.id == Payable.seller_id)
        .where(dues_visible_to(actor), Payable.confirmed_rupiah < Payable.amount_rupiah)
    )
    if asked.kind:
        query = query.where(Payable.kind == asked.kind)
    return said(query, asked.q, (partner, Payable.number))


def dues_of(actor: Actor, asked: DueFilter, *, number: int = 1, size: int | None = PAGE_SIZE) -> list[DueRow]:
    """One page of bills (size None: all), what has to be paid first at the top."""
    state = _state(clock.today())
    left = Payable.amount_rupiah - Payable.paid_rupiah
    partner = Operator.name if actor.buyer_id is None else Seller.name
    query = _joined(
        actor, asked,
        Payable.id, Payable.kind, Payable.document_id, Payable.number, partner, Payable.papers_complete_on,
        Payable.due_on, left, Payable.paid_rupiah - Payable.confirmed_rupiah, state,
    )  # fmt: skip
    if asked.state:
        query = query.where(state == asked.state)
    keys: dict[str, Any] = {
        "due_on": Payable.due_on, "open": left, "partner": partner, "since": Payable.papers_complete_on,
    }  # fmt: skip
    usual = (case((left > 0, 0), else_=1), Payable.due_on)
    query = ordered(query, asked.sort, keys, usual, Payable.id)
    return [DueRow(*row) for row in db.session.execute(one_page(query, number, size))]


def count_dues(actor: Actor, asked: DueFilter) -> dict[str, int]:
    """How many bills are what."""
    inner = _joined(actor, asked, _state(clock.today()).label("state")).subquery()
    grouped = select(inner.c.state, func.count()).group_by(inner.c.state)
    return {str(state): int(count) for state, count in db.session.execute(grouped)}


def due_ages(actor: Actor) -> DueAges:
    """How old the actor's open bills are, from the day their papers were complete."""
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(Payable.papers_complete_on, Payable.due_on, func.sum(left))
        .where(dues_visible_to(actor), left > 0)
        .group_by(Payable.papers_complete_on, Payable.due_on)
    )
    return ages_among([(since, due, int(rupiah)) for since, due, rupiah in db.session.execute(query)])


def ages_among(rows: list[tuple[date, date, int]]) -> DueAges:
    """The ages of debts: (day the papers were complete, due day, rupiah) each."""
    rupiah, overdue, day = [0] * (len(AGES) + 1), 0, clock.today()
    for since, due_on, left in rows:
        rupiah[age_of((day - since).days)] += left
        overdue += left if due_on < day else 0
    return DueAges((rupiah[0], rupiah[1], rupiah[2], rupiah[3]), overdue)
