"""Differences as lists and pages show them, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import ROLE_PERMISSIONS, Actor
from ...texts import one_line
from .. import papers
from ..models import Difference, DifferenceKind, DifferenceState, Outcome
from ..rules import Side
from ..rules.differences import allowed_outcomes
from .parties import side_of
from .sides import papers_visible_to

PAGE_SIZE = 25


@dataclass(frozen=True)
class DifferenceFilter:
    """What is asked of a list of differences."""

    q: str = ""
    state: str = ""
    kind: str = ""
    is_referred: bool = False
    outlet_id: int | None = None


@dataclass(frozen=True)
class DifferenceRow:
    """A difference with the names that people know."""

    id: int
    kind: DifferenceKind
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    product_name: str
    quantity: int | None
    rupiah: int | None
    document_kind: str
    document_id: int
    line_ref: str
    description: str
    state: DifferenceState
    outcome: Outcome | None
    favours: Side | None
    note: str
    opened_at: datetime
    referred_at: datetime | None
    settled_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still stands between them."""
        return self.state is DifferenceState.OPEN

    @property
    def days_open(self) -> int:
        """Days since it was opened, until it was settled."""
        until = self.settled_at or clock.now()
        return (clock.wib_day(until) - clock.wib_day(self.opened_at)).days


@dataclass(frozen=True)
class DifferencePage:
    """A difference, the document it came from, and how this actor may settle it."""

    row: DifferenceRow
    paper: papers.Paper | None
    side: Side | None
    outcomes: list[Outcome]


_COLUMNS = (
    Difference.id, Difference.kind, Difference.outlet_id, Outlet.name, Difference.seller_id, Seller.name,
    func.coalesce(Product.name, ""), Difference.quantity, Difference.rupiah, Difference.document_kind,
    Difference.document_id, Difference.line_ref, Difference.description, Difference.state,
    Difference.outcome, Difference.favours, Difference.note, Difference.opened_at, Difference.referred_at,
    Difference.settled_at,
)  # fmt: skip


def _joined(columns: Sequence[Any], actor: Actor) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Difference)
        .join(Outlet, Outlet.id == Difference.outlet_id)
        .join(Seller, Seller.id == Difference.seller_id)
        .join(Product, Product.id == Difference.product_id, isouter=True)
        .where(papers_visible_to(actor, Difference.outlet_id, Difference.seller_id))
    )


def _asked(query: Select[Any], asked: DifferenceFilter) -> Select[Any]:
    if asked.state:
        query = query.where(Difference.state == asked.state)
    if asked.kind:
        query = query.where(Difference.kind == asked.kind)
    if asked.is_referred:
        query = query.where(Difference.referred_at.is_not(None))
    if asked.outlet_id is not None:
        query = query.where(Difference.outlet_id == asked.outlet_id)
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Seller.name, Product.name, Difference.description)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def differences_of(
    actor: Actor, asked: DifferenceFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[DifferenceRow]:
    """One page of the actor's differences (size None: all): open ones first, asked of the office on top."""
    is_settled = Difference.state == DifferenceState.SETTLED.value
    is_quiet = Difference.referred_at.is_(None)
    query = _asked(_joined(_COLUMNS, actor), asked).order_by(is_settled, is_quiet, Difference.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [_row(row) for row in db.session.execute(query)]


def count_differences(actor: Actor, asked: DifferenceFilter) -> int:
    """How many of them there are."""
    query = _asked(_joined((func.count(),), actor), asked)
    return int(db.session.scalar(query) or 0)


def open_differences(actor: Actor) -> int:
    """How many stand open between this actor and its partners."""
    return count_differences(actor, DifferenceFilter(state=DifferenceState.OPEN.value))


def differences_on(actor: Actor, document_kind: str, document_id: int) -> list[DifferenceRow]:
    """The differences of one document that the actor may read."""
    query = _joined(_COLUMNS, actor).where(
        Difference.document_kind == document_kind, Difference.document_id == document_id
    )
    return [_row(row) for row in db.session.execute(query.order_by(Difference.id))]


def difference_page(actor: Actor, difference_id: int) -> DifferencePage | None:
    """A difference as a page; None for a stranger."""
    found = db.session.execute(_joined(_COLUMNS, actor).where(Difference.id == difference_id)).one_or_none()
    if found is None:
        return None
    row = _row(found)
    session = db.session()
    facts = session.execute(
        select(OutletFacts.operator_id, OutletFacts.region_code).where(
            OutletFacts.outlet_id == row.outlet_id, facts_on(OutletFacts, clock.today())
        )
    ).one()
    side = side_of(session, actor, seller_id=row.seller_id, operator_id=facts.operator_id)
    return DifferencePage(
        row=row,
        paper=papers.find(session, row.document_kind, row.document_id),
        side=side,
        outcomes=allowed_outcomes(
            row.state,
            side,
            ROLE_PERMISSIONS[actor.role] if actor.role else (),
            is_office=side is None and actor.sees_region(facts.region_code),
        ),
    )


def _row(found: Any) -> DifferenceRow:
    values = list(found)
    values[1] = DifferenceKind(values[1])
    values[13] = DifferenceState(values[13])
    values[14] = Outcome(values[14]) if values[14] else None
    values[15] = Side(values[15]) if values[15] else None
    return DifferenceRow(*values)
