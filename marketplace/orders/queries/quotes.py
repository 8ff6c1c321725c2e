"""Quotations as lists and pages show them: each party its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...organizations.queries import of_seller
from ...permissions import ROLE_PERMISSIONS, Actor
from ...texts import one_line
from ..models import Order, Quote, QuoteLine, QuoteState, QuoteVersion
from ..rules.quotes import OPEN, TURN, QuoteVerb, quote_verbs
from ..rules.states import OrderSide
from ..services.checkout import MAX_KEY
from ..services.quotes import side_of_quote

PAGE_SIZE = 25


@dataclass(frozen=True)
class QuoteFilter:
    """What is asked of a list of quotations."""

    q: str = ""
    state: str = ""


class QuoteRow(NamedTuple):
    """A quotation in a list; `total_rupiah` is that of the version on the table, None while only asked."""

    id: int
    number: str
    state: str
    due_at: datetime | None
    seller_name: str
    operator_name: str
    asked_at: datetime
    total_rupiah: int | None
    goods: int
    first_name: str


@dataclass(frozen=True)
class Version:
    """A version with its lines; `before` are the prices of the one before it, by product."""

    row: QuoteVersion
    lines: Sequence[QuoteLine]
    before: dict[int, int | None]


@dataclass(frozen=True)
class QuotePage:
    """All that one quotation's page shows, newest version first."""

    quote: Quote
    seller: Seller
    operator: Operator
    outlet: Outlet | None
    versions: Sequence[Version]
    side: OrderSide
    verbs: Sequence[QuoteVerb]
    order: Order | None

    @property
    def latest(self) -> Version:
        """The version on the table."""
        return self.versions[0]

    @property
    def asked(self) -> Version:
        """What the buyer asked first."""
        return self.versions[-1]

    @property
    def is_open(self) -> bool:
        """Whether somebody is waited for."""
        return QuoteState(self.quote.state) in OPEN and not self.is_late

    @property
    def is_late(self) -> bool:
        """Whether its time is over, though the worker has not come yet."""
        return self.quote.due_at is not None and self.quote.due_at < clock.now()

    @property
    def is_my_turn(self) -> bool:
        """Whether the reader is waited for."""
        return self.is_open and TURN.get(QuoteState(self.quote.state)) is self.side


def quotes_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A seller's and a buyer's own; nobody else's."""
    if actor.seller_id is not None:
        return of_seller(Quote.seller_id, actor.seller_id)
    return Quote.operator_id == actor.buyer_id if actor.buyer_id is not None else false()


def quotes_of(
    actor: Actor, asked: QuoteFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[QuoteRow]:
    """One page of the actor's quotations (size None: all), what waits for the actor first, by deadline."""
    lines = select(QuoteLine.name).where(QuoteLine.version_id == QuoteVersion.id)
    count = select(func.count()).where(QuoteLine.version_id == QuoteVersion.id).scalar_subquery()
    first = lines.where(QuoteLine.position == 1).scalar_subquery()
    columns = (
        Quote.id, Quote.number, Quote.state, Quote.due_at, Seller.name, Operator.name, Quote.asked_at,
        QuoteVersion.total_rupiah, count, func.coalesce(first, ""),
    )  # fmt: skip
    open_states = [state.value for state in OPEN]
    rank = case((Quote.state.in_(turns_of(actor)), 0), (Quote.state.in_(open_states), 1), else_=2)
    query = _joined(columns, actor, asked.q).join(
        QuoteVersion, and_(QuoteVersion.quote_id == Quote.id, QuoteVersion.number == Quote.latest)
    )
    if asked.state:
        query = query.where(Quote.state == asked.state)
    query = query.order_by(rank, case((rank < 2, Quote.due_at)), Quote.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [QuoteRow(*row) for row in db.session.execute(query)]


def count_quotes(actor: Actor, q: str = "") -> dict[str, int]:
    """How many there are in each state."""
    query = _joined((Quote.state, func.count()), actor, q).group_by(Quote.state)
    return dict(db.session.execute(query).all())


def turns_of(actor: Actor) -> list[str]:
    """The states in which a quotation waits for the actor's side."""
    mine = OrderSide.SELLER if actor.seller_id is not None else OrderSide.BUYER
    return [state.value for state, side in TURN.items() if side is mine]


def quote_of_form(operator_id: int, client_key: str) -> Quote | None:
    """The quotation that a buyer's form became already."""
    asked = Quote.operator_id == operator_id, Quote.client_key == one_line(client_key)[:MAX_KEY]
    return db.session.scalars(select(Quote).where(*asked)).one_or_none()


def _joined(columns: Sequence[Any], actor: Actor, q: str) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Quote)
        .join(Seller, Seller.id == Quote.seller_id)
        .join(Operator, Operator.id == Quote.operator_id)
        .where(quotes_visible_to(actor))
    )
    for word in one_line(q).split()[:8]:
        places = (Quote.number, Seller.name, Operator.name)
        version = aliased(QuoteVersion)
        in_lines = (
            select(QuoteLine.version_id)
            .join(version, version.id == QuoteLine.version_id)
            .where(version.quote_id == Quote.id, QuoteLine.name.icontains(word, autoescape=True))
            .exists()
        )
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places), in_lines))
    return query


def quote_page(actor: Actor, quote_id: int) -> QuotePage | None:
    """A quotation of the actor's own side; None for a stranger."""
    quote = db.session.get(Quote, quote_id, populate_existing=True)
    side = side_of_quote(db.session(), actor, quote) if quote else None
    if quote is None or side is None:
        return None
    held = ROLE_PERMISSIONS[actor.role] if actor.role else frozenset()
    verbs = quote_verbs(QuoteState(quote.state), side, held)
    is_late = quote.due_at is not None and quote.due_at < clock.now()
    return QuotePage(
        quote=quote,
        seller=db.session.get_one(Seller, quote.seller_id),
        operator=db.session.get_one(Operator, quote.operator_id),
        outlet=db.session.get(Outlet, quote.outlet_id) if quote.outlet_id else None,
        versions=_versions(quote),
        side=side,
        verbs=[] if is_late else verbs,
        order=db.session.get(Order, quote.order_id) if quote.order_id else None,
    )


def _versions(quote: Quote) -> list[Version]:
    query = select(QuoteVersion).where(QuoteVersion.quote_id == quote.id).order_by(QuoteVersion.number)
    rows = list(db.session.scalars(query))
    lines: dict[int, list[QuoteLine]] = {row.id: [] for row in rows}
    asked = select(QuoteLine).where(QuoteLine.version_id.in_(lines))
    for line in db.session.scalars(asked.order_by(QuoteLine.version_id, QuoteLine.position)):
        lines[line.version_id].append(line)
    found, before = [], dict[int, int | None]()
    for row in rows:
        found.append(Version(row, lines[row.id], before))
        before = {line.product_id: line.unit_price_rupiah for line in lines[row.id]}
    return found[::-1]
