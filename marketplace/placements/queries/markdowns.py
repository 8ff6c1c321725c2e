"""Every read of markdowns: the price a maker agreed to on a day, and the questions that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller
from ...permissions import Actor
from ...texts import one_line
from ..models import Markdown, MarkdownState
from .sales import ShelfItem
from .sides import papers_visible_to
from .versions import agreements_for

PAGE_SIZE = 25
LAPSED = "lapsed"
"""What a question is called that nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A lower price that the maker agreed to, and its days."""

    price_rupiah: int
    first_day: date
    last_day: date

    def holds(self, day: date) -> bool:
        """Whether it covers a day."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class MarkdownRow:
    """A question for a lower price as the two parties read it."""

    id: int
    agreement_id: int
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    product_id: int
    product_name: str
    sku: str
    agreed_rupiah: int
    price_rupiah: int
    first_day: date
    last_day: date
    reason: str
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answer_reason: str

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == MarkdownState.ASKED.value and self.last_day >= clock.today()

    @property
    def condition(self) -> str:
        """Its state; `lapsed` once its days are over without an answer."""
        if self.state == MarkdownState.ASKED.value and not self.is_open:
            return LAPSED
        return self.state


@dataclass(frozen=True, slots=True)
class Choice:
    """A product on a shelf for which a lower price may be asked."""

    agreement_id: int
    product_id: int
    name: str
    seller_name: str
    price_rupiah: int
    soonest: date | None


@dataclass(frozen=True)
class MarkdownFilter:
    """Which questions; empty fields do not narrow."""

    q: str = ""
    condition: str = ""


def consented_price(agreement_id: int, product_id: int, day: date) -> int | None:
    """The lowest price of a product that the maker agreed to on a day; None without a consent."""
    found = consents_of(db.session(), [agreement_id]).get((agreement_id, product_id), [])
    return min((one.price_rupiah for one in found if one.holds(day)), default=None)


def consents_of(session: Session, agreement_ids: Collection[int]) -> dict[tuple[int, int], list[Consent]]:
    """What makers agreed to, by agreement and product."""
    found: dict[tuple[int, int], list[Consent]] = {}
    ordered = sorted(set(agreement_ids))
    for start in range(0, len(ordered), 900):
        query = select(
            Markdown.agreement_id,
            Markdown.product_id,
            Markdown.price_rupiah,
            Markdown.first_day,
            Markdown.last_day,
        ).where(
            Markdown.agreement_id.in_(ordered[start : start + 900]),
            Markdown.state == MarkdownState.AGREED.value,
        )
        for agreement_id, product_id, price, first, last in session.execute(query):
            found.setdefault((agreement_id, product_id), []).append(Consent(price, first, last))
    return found


def _rows() -> Any:
    query: Any = (
        select(
            Markdown.id,
            Markdown.agreement_id,
            Markdown.outlet_id,
            Outlet.name,
            Markdown.seller_id,
            Seller.name,
            Markdown.product_id,
            Product.name,
            Product.sku,
            Markdown.agreed_rupiah,
            Markdown.price_rupiah,
            Markdown.first_day,
            Markdown.last_day,
            Markdown.reason,
            Markdown.state,
            Markdown.asked_at,
            Markdown.answered_at,
            Markdown.answer_reason,
        )
        .join(Outlet, Outlet.id == Markdown.outlet_id)
        .join(Seller, Seller.id == Markdown.seller_id)
        .join(Product, Product.id == Markdown.product_id)
    )
    return query


def _criteria(actor: Actor, asked: MarkdownFilter) -> list[ColumnElement[bool]]:
    criteria = [papers_visible_to(actor, Markdown.outlet_id, Markdown.seller_id)]
    if asked.q:
        like = f"%{one_line(asked.q).lower().replace('%', '').replace('_', ' ')}%"
        names = (Outlet.name, Seller.name, Product.name, Product.sku)
        criteria.append(or_(*(func.lower(name).like(like) for name in names)))
    waits = Markdown.state == MarkdownState.ASKED.value
    if asked.condition == MarkdownState.ASKED.value:
        criteria += [waits, Markdown.last_day >= clock.today()]
    elif asked.condition == LAPSED:
        criteria += [waits, Markdown.last_day < clock.today()]
    elif asked.condition:
        criteria.append(Markdown.state == asked.condition)
    return criteria


def markdowns_of(
    actor: Actor, asked: MarkdownFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> tuple[list[MarkdownRow], int]:
    """Questions that an actor may read, what waits first, and how many there are in all."""
    criteria = _criteria(actor, asked)
    count = select(func.count()).select_from(_rows().where(*criteria).subquery())
    waits_first = (Markdown.state != MarkdownState.ASKED.value, Markdown.id.desc())
    query = _rows().where(*criteria).order_by(*waits_first)
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    rows = [MarkdownRow(*row) for row in db.session.execute(query)]
    return rows, int(db.session.scalar(count) or 0)


def markdown_for(actor: Actor, markdown_id: int) -> MarkdownRow | None:
    """One question that the actor may read."""
    criteria = papers_visible_to(actor, Markdown.outlet_id, Markdown.seller_id)
    row = db.session.execute(_rows().where(Markdown.id == markdown_id, criteria)).one_or_none()
    return MarkdownRow(*row) if row else None


def markdowns_waiting(actor: Actor) -> list[MarkdownRow]:
    """What waits for an answer today, the one that ends first leading: for to-do lists."""
    criteria = _criteria(actor, MarkdownFilter(condition=MarkdownState.ASKED.value))
    query = _rows().where(*criteria).order_by(Markdown.last_day, Markdown.id)
    return [MarkdownRow(*row) for row in db.session.execute(query)]


def choices_at(outlet_id: int, items: Sequence[ShelfItem]) -> dict[str, Choice]:
    """What stands at an outlet by an agreement, by the value that a form sends; what expires first leads."""
    today = clock.today()
    agreements = agreements_for(db.session(), {(outlet_id, item.seller_id, today) for item in items})
    found = []
    for item in items:
        agreement_id = agreements.get((outlet_id, item.seller_id, today))
        if agreement_id is not None:
            soonest = min((lot.expires_on for lot in item.lots if lot.expires_on), default=None)
            found.append(
                Choice(agreement_id, item.product_id, item.name, item.seller_name, item.price_rupiah, soonest)
            )
    found.sort(key=lambda one: (one.soonest or clock.LAST_DAY, one.name))
    return {str(one.product_id): one for one in found}
