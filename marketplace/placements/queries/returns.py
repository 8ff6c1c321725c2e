"""Return notes and destruction minutes as lists and pages show them, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import ROLE_PERMISSIONS, Actor
from ...stock.models import ShelfBalance
from ...texts import one_line
from ..models import Destruction, DestructionLine, ReturnLine, ReturnNote, ReturnState
from ..rules import Side
from ..rules.returns import NEAR_DAYS, ReturnVerb, Suggestion, return_verbs
from .lots import Holding, advise, holdings, holdings_of_pair, set_aside
from .parties import side_of
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
    def is_late(self) -> bool:
        """Whether it should have been fetched by now."""
        note = self.note
        late = note.fetch_by is not None and note.fetch_by < clock.today()
        return note.state == ReturnState.WAITING and late


@dataclass(frozen=True)
class DestructionPage:
    """All that the page of destruction minutes shows."""

    row: Destruction
    outlet: Outlet
    seller: Seller
    operator: Operator
    note: ReturnNote | None
    lines: list[tuple[DestructionLine, str, str]]
    side: Side | None

    @property
    def units(self) -> int:
        """Units destroyed."""
        return sum(line.quantity for line, _name, _sku in self.lines)


@dataclass(frozen=True)
class DestructionRow:
    """Destruction minutes in a list."""

    id: int
    number: str
    outlet_name: str
    seller_name: str
    destroyed_on: date
    units: int
    borne_by_outlet: int
    borne_by_seller: int


@dataclass(frozen=True)
class OnShelf:
    """A lot that may be returned: how many stand there, how many wait in other notes, what is advised."""

    holding: Holding
    product_name: str
    sku: str
    aside: int
    advice: Suggestion

    @property
    def free(self) -> int:
        """Units that no return note holds yet."""
        return max(self.holding.on_hand - self.aside, 0)


@dataclass(frozen=True)
class PairChoice:
    """A seller with goods on one of the store's shelves."""

    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    on_hand: int
    expired: int
    near: int


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
    side = _side(actor, outlet, seller)
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


def _side(actor: Actor, outlet: Outlet, seller: Seller) -> Side | None:
    session = db.session()
    operator_id = session.scalars(
        select(OutletFacts.operator_id).where(
            OutletFacts.outlet_id == outlet.id, facts_on(OutletFacts, clock.today())
        )
    ).one()
    return side_of(session, actor, seller_id=seller.id, operator_id=operator_id)


# --- destruction minutes -----------------------------------------------------------------------------------


def destructions_of(actor: Actor, *, number: int = 1, size: int | None = PAGE_SIZE) -> list[DestructionRow]:
    """One page of the actor's minutes (size None: all), the latest first."""
    borne_by_outlet = func.sum(
        case((DestructionLine.borne_by == "outlet", DestructionLine.quantity), else_=0)
    )
    units = func.sum(DestructionLine.quantity)
    query = (
        select(
            Destruction.id, Destruction.number, Outlet.name, Seller.name, Destruction.destroyed_on,
            units, borne_by_outlet, units - borne_by_outlet,
        )
        .join(Outlet, Outlet.id == Destruction.outlet_id)
        .join(Seller, Seller.id == Destruction.seller_id)
        .join(DestructionLine, DestructionLine.destruction_id == Destruction.id)
        .where(papers_visible_to(actor, Destruction.outlet_id, Destruction.seller_id))
        .group_by(
            Destruction.id, Destruction.number, Outlet.name, Seller.name, Destruction.destroyed_on
        )
        .order_by(Destruction.id.desc())
    )  # fmt: skip
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [DestructionRow(*row[:5], *(int(value) for value in row[5:])) for row in db.session.execute(query)]


def count_destructions(actor: Actor) -> int:
    """How many minutes there are."""
    query = select(func.count()).where(papers_visible_to(actor, Destruction.outlet_id, Destruction.seller_id))
    return int(db.session.scalar(query) or 0)


def destruction_page(actor: Actor, destruction_id: int) -> DestructionPage | None:
    """Minutes with their parties and lines; None for a stranger."""
    row = db.session.execute(
        select(Destruction, Outlet, Seller)
        .join(Outlet, Outlet.id == Destruction.outlet_id)
        .join(Seller, Seller.id == Destruction.seller_id)
        .where(
            Destruction.id == destruction_id,
            papers_visible_to(actor, Destruction.outlet_id, Destruction.seller_id),
        )
    ).one_or_none()
    if row is None:
        return None
    minutes, outlet, seller = row
    query = (
        select(DestructionLine, Product.name, Product.sku)
        .join(Product, Product.id == DestructionLine.product_id)
        .where(DestructionLine.destruction_id == minutes.id)
        .order_by(DestructionLine.position)
    )
    note = db.session.get(ReturnNote, minutes.return_note_id) if minutes.return_note_id else None
    return DestructionPage(
        row=minutes,
        outlet=outlet,
        seller=seller,
        operator=db.session.get_one(Operator, minutes.operator_id),
        note=note,
        lines=[(line, name, sku) for line, name, sku in db.session.execute(query)],
        side=_side(actor, outlet, seller),
    )


# --- for the public verify page ----------------------------------------------------------------------------


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


def minutes_by_code(code: str) -> tuple[Destruction, str, str, int] | None:
    """Destruction minutes by the code under their QR."""
    units = select(func.sum(DestructionLine.quantity)).where(DestructionLine.destruction_id == Destruction.id)
    query = (
        select(Destruction, Outlet.name, Seller.name, units.scalar_subquery())
        .join(Outlet, Outlet.id == Destruction.outlet_id)
        .join(Seller, Seller.id == Destruction.seller_id)
        .where(Destruction.code == code.upper()[:24])
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2], int(row[3] or 0))


# --- writing one -------------------------------------------------------------------------------------------


def pairs_with_goods(actor: Actor, q: str = "") -> list[PairChoice]:
    """The sellers with goods on the actor's shelves: what has expired or soon will on top."""
    today = clock.today()
    held = holdings(_own_shelves(actor))
    expired = func.sum(case((held.c.expires_on < today, held.c.on_hand), else_=0))
    is_near = and_(held.c.expires_on >= today, held.c.expires_on <= today + timedelta(days=NEAR_DAYS))
    near = func.sum(case((is_near, held.c.on_hand), else_=0))
    query = (
        select(
            held.c.outlet_id, Outlet.name, held.c.seller_id, Seller.name,
            func.sum(held.c.on_hand), expired, near,
        )
        .join(Outlet, Outlet.id == held.c.outlet_id)
        .join(Seller, Seller.id == held.c.seller_id)
        .group_by(held.c.outlet_id, Outlet.name, held.c.seller_id, Seller.name)
        .order_by(expired.desc(), near.desc(), Seller.name, Outlet.name)
        .limit(200)
    )  # fmt: skip
    for word in one_line(q).split()[:8]:
        query = query.where(or_(Outlet.name.icontains(word, autoescape=True),
                                Seller.name.icontains(word, autoescape=True)))  # fmt: skip
    return [
        PairChoice(*row[:4], *(int(value or 0) for value in row[4:])) for row in db.session.execute(query)
    ]


def _own_shelves(actor: Actor) -> Any:
    visible = papers_visible_to(actor, ShelfBalance.outlet_id, ShelfBalance.seller_id)
    return and_(visible, ShelfBalance.on_hand > 0)


def pair_names(actor: Actor, outlet_id: int, seller_id: int) -> tuple[str, str] | None:
    """The names of an outlet of the actor's and of a seller; None when it is not the actor's."""
    if actor.operator_id is None:
        return None
    query = (
        select(Outlet.name, Seller.name)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, clock.today())))
        .join(Seller, Seller.id == seller_id)
        .where(Outlet.id == outlet_id, OutletFacts.operator_id == actor.operator_id)
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def lots_on_shelf(outlet_id: int, seller_id: int) -> list[OnShelf]:
    """What of a seller stands at an outlet, what expires first on top, each with what is advised."""
    held = holdings_of_pair(outlet_id, seller_id)
    aside = set_aside({one.shelf for one in held})
    wanted = {one.product_id for one in held}
    query = select(Product.id, Product.name, Product.sku).where(Product.id.in_(wanted))
    names = {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
    return [
        OnShelf(
            one,
            *names[one.product_id],
            aside.get((one.outlet_id, one.product_id, one.lot_code, one.expires_on), 0),
            advice,
        )
        for one, advice in zip(held, advise(held), strict=True)
    ]
