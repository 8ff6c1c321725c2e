"""Return notes as lists and pages show them, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...permissions import ROLE_PERMISSIONS, Actor
from ...texts import one_line
from ..models import Destruction, ReturnLine, ReturnNote, ReturnState
from ..rules import Side
from ..rules.returns import ReturnVerb, return_verbs
from .parties import side_at
from .sides import papers_visible_to

PAGE_SIZE = 25
SORTS = ("made_on", "-made_on", "outlet", "-outlet", "seller", "-seller")


@dataclass(frozen=True)
class ReturnFilter:
    """What is asked of a list of returns."""

    q: str = ""
    state: str = ""
    sort: str = ""
    outlet_id: int | None = None


@dataclass(frozen=True)
class ReturnRow:
    """A return note in a list, with its units."""

    id: int
    number: str
    state: ReturnState
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    made_on: date
    fetch_by: date | None
    fetched_on: date | None
    lines: int
    units: int
    fetched: int | None

    @property
    def is_late(self) -> bool:
        """Whether it should have been fetched by now."""
        late = self.fetch_by is not None and self.fetch_by < clock.today()
        return self.state is ReturnState.WAITING and late


@dataclass(frozen=True)
class ReturnPage:
    """All that a return note's page shows."""

    note: ReturnNote
    outlet: Outlet
    seller: Seller
    operator: Operator
    lines: list[tuple[ReturnLine, str, str]]
    """The line, its product's name and SKU."""
    destruction: Destruction | None
    side: Side | None
    verbs: list[ReturnVerb]

    @property
    def units(self) -> int:
        """Units written on it."""
        return sum(line.quantity for line, _name, _sku in self.lines)

    @property
    def fetched_units(self) -> int | None:
        """Units that were fetched; None before anybody came."""
        fetched = [line.fetched for line, _name, _sku in self.lines if line.fetched is not None]
        return sum(fetched) if fetched else None

    @property
    def is_late(self) -> bool:
        """Whether it should have been fetched by now."""
        note = self.note
        late = note.fetch_by is not None and note.fetch_by < clock.today()
        return note.state == ReturnState.WAITING and late


def _joined(columns: Sequence[Any], actor: Actor, asked: ReturnFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(ReturnNote)
        .join(Outlet, Outlet.id == ReturnNote.outlet_id)
        .join(Seller, Seller.id == ReturnNote.seller_id)
        .where(papers_visible_to(actor, ReturnNote.outlet_id, ReturnNote.seller_id))
    )
    if asked.outlet_id is not None:
        query = query.where(ReturnNote.outlet_id == asked.outlet_id)
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Seller.name, ReturnNote.number)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def returns_of(
    actor: Actor, asked: ReturnFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[ReturnRow]:
    """One page of the actor's returns (size None: all): what waits comes first, the longest on top."""
    amounts = (
        select(
            ReturnLine.return_note_id,
            func.count().label("lines"),
            func.sum(ReturnLine.quantity).label("units"),
            func.sum(ReturnLine.fetched).label("fetched"),
        )
        .group_by(ReturnLine.return_note_id)
        .subquery()
    )
    columns = (
        ReturnNote.id, ReturnNote.number, ReturnNote.state, ReturnNote.outlet_id, Outlet.name,
        ReturnNote.seller_id, Seller.name, ReturnNote.made_on, ReturnNote.fetch_by, ReturnNote.fetched_on,
        amounts.c.lines, amounts.c.units, amounts.c.fetched,
    )  # fmt: skip
    query = _joined(columns, actor, asked).join(amounts, amounts.c.return_note_id == ReturnNote.id)
    if asked.state:
        query = query.where(ReturnNote.state == asked.state)
    query = query.order_by(*_ordering(asked.sort))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [_row(row) for row in db.session.execute(query)]


def _row(found: Any) -> ReturnRow:
    values = list(found)
    values[2] = ReturnState(values[2])
    values[10:] = [None if value is None else int(value) for value in values[10:]]
    return ReturnRow(*values)


def _ordering(sort: str) -> list[Any]:
    keys: dict[str, Any] = {"outlet": Outlet.name, "seller": Seller.name, "made_on": ReturnNote.made_on}
    key = keys.get(sort.lstrip("-"))
    if key is not None:
        return [key.desc() if sort.startswith("-") else key.asc(), ReturnNote.id.desc()]
    waits = ReturnNote.state == ReturnState.WAITING.value
    return [case((waits, 0), else_=1), case((waits, ReturnNote.fetch_by)), ReturnNote.id.desc()]


def count_by_state(actor: Actor, q: str = "") -> dict[str, int]:
    """How many of the actor's returns are in which state."""
    query = _joined((ReturnNote.state, func.count()), actor, ReturnFilter(q=q)).group_by(ReturnNote.state)
    return dict(db.session.execute(query).all())


def return_page(actor: Actor, return_id: int) -> ReturnPage | None:
    """A return note with its parties and lines; None for a stranger."""
    row = db.session.execute(
        _joined((ReturnNote, Outlet, Seller), actor, ReturnFilter()).where(ReturnNote.id == return_id)
    ).one_or_none()
    if row is None:
        return None
    note, outlet, seller = row
    query = (
        select(ReturnLine, Product.name, Product.sku)
        .join(Product, Product.id == ReturnLine.product_id)
        .where(ReturnLine.return_note_id == note.id)
        .order_by(ReturnLine.position)
    )
    lines = [(line, name, sku) for line, name, sku in db.session.execute(query)]
    side = side_at(db.session(), actor, outlet_id=outlet.id, seller_id=seller.id)
    permissions = ROLE_PERMISSIONS[actor.role] if actor.role else ()
    reasons = [line.reason for line, _name, _sku in lines]
    return ReturnPage(
        note=note,
        outlet=outlet,
        seller=seller,
        operator=db.session.get_one(Operator, note.operator_id),
        lines=lines,
        destruction=db.session.scalars(
            select(Destruction).where(Destruction.return_note_id == note.id)
        ).one_or_none(),
        side=side,
        verbs=return_verbs(ReturnState(note.state), side, permissions, reasons),
    )


def note_by_code(code: str) -> tuple[ReturnNote, str, str, int] | None:
    """A return note by the code under its QR, with its parties' names and its units."""
    units = select(func.sum(ReturnLine.quantity)).where(ReturnLine.return_note_id == ReturnNote.id)
    query = (
        select(ReturnNote, Outlet.name, Seller.name, units.scalar_subquery())
        .join(Outlet, Outlet.id == ReturnNote.outlet_id)
        .join(Seller, Seller.id == ReturnNote.seller_id)
        .where(ReturnNote.code == code.upper()[:24])
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2], int(row[3] or 0))
