"""The office's inbox: new products, changes and certificates that wait, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, literal, or_, select, union_all

from .... import clock
from ....db import db
from ....organizations.models import Seller, SellerFacts
from ....organizations.versions import facts_on
from ....permissions import Actor
from ....regions import queries as regions
from ....texts import one_line
from ...models import Certificate, CertificateState, Product, Review, ReviewState
from ...rules import papers
from ..card import is_open

KINDS = ("new", "change", "certificate")
INBOX_SIZE = 20


@dataclass(frozen=True)
class InboxFilter:
    """What the office wants to see of the inbox. Empty: everything."""

    kind: str = ""
    q: str = ""
    district: str = ""


@dataclass(frozen=True)
class InboxItem:
    """One thing that waits: a new product, a change, or a certificate."""

    kind: str
    id: int
    title: str
    seller_id: int
    seller_name: str
    place: str
    submitted_at: datetime
    days: int

    @property
    def submitted_on(self) -> date:
        """The day it was handed in."""
        return clock.wib_day(self.submitted_at)


@dataclass(frozen=True)
class InboxCounts:
    """How much waits, and since how many days the oldest."""

    new: int = 0
    change: int = 0
    certificate: int = 0
    oldest_days: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.new + self.change + self.certificate


def inbox_counts(actor: Actor) -> InboxCounts:
    """How much waits in the actor's region."""
    waiting = _inbox(actor, InboxFilter()).subquery()
    rows = db.session.execute(
        select(waiting.c.kind, func.count(), func.min(waiting.c.submitted_at)).group_by(waiting.c.kind)
    ).all()
    counts = {kind: count for kind, count, _oldest in rows}
    oldest = min((moment for *_rest, moment in rows), default=None)
    return InboxCounts(
        counts.get("new", 0), counts.get("change", 0), counts.get("certificate", 0), days_since(oldest)
    )


def inbox_page(actor: Actor, wanted: InboxFilter, number: int) -> tuple[list[InboxItem], int, int, int]:
    """One page of what waits in the actor's region, oldest first: items, page, how many in all, page size."""
    waiting = _inbox(actor, wanted).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(waiting)) or 0)
    number = min(number, max(-(-total // INBOX_SIZE), 1))
    query = select(waiting).order_by(waiting.c.submitted_at, waiting.c.kind, waiting.c.id)
    rows = db.session.execute(query.limit(INBOX_SIZE).offset((number - 1) * INBOX_SIZE)).all()
    return _items(rows), number, total, INBOX_SIZE


def whole_inbox(actor: Actor, wanted: InboxFilter) -> list[InboxItem]:
    """Everything that waits in the actor's region, oldest first, for a file."""
    waiting = _inbox(actor, wanted).subquery()
    query = select(waiting).order_by(waiting.c.submitted_at, waiting.c.kind, waiting.c.id)
    return _items(db.session.execute(query).all())


def next_item(actor: Actor, wanted: InboxFilter, *, after: datetime | None = None) -> InboxItem | None:
    """The oldest that waits; with `after` the next one handed in at that moment or later, else the first."""
    waiting = _inbox(actor, wanted).subquery()
    query = select(waiting).order_by(waiting.c.submitted_at, waiting.c.kind, waiting.c.id).limit(1)
    rows = db.session.execute(query.where(waiting.c.submitted_at >= after)).all() if after else []
    found = _items(rows or db.session.execute(query).all())
    return found[0] if found else None


def _inbox(actor: Actor, wanted: InboxFilter) -> Any:
    parts = []
    if wanted.kind != "certificate":
        parts.append(_waiting_reviews(actor, wanted))
    if wanted.kind in ("", "certificate"):
        parts.append(_waiting_certificates(actor, wanted))
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _waiting_reviews(actor: Actor, wanted: InboxFilter) -> Any:
    query: Any = (
        select(
            Review.kind.label("kind"),
            Review.id.label("id"),
            Product.name.label("title"),
            literal("").label("detail"),
            literal("").label("number"),
            Seller.id.label("seller_id"),
            Seller.name.label("seller_name"),
            SellerFacts.region_code.label("region_code"),
            Review.submitted_at.label("submitted_at"),
        )
        .join(Product, Product.id == Review.product_id)
        .join(Seller, Seller.id == Product.seller_id)
        .where(Review.state == ReviewState.WAITING)
    )
    if wanted.kind:
        query = query.where(Review.kind == wanted.kind)
    return _in_reach(query, actor, wanted, Product.name)


def _waiting_certificates(actor: Actor, wanted: InboxFilter) -> Any:
    query: Any = (
        select(
            literal("certificate").label("kind"),
            Certificate.id.label("id"),
            func.coalesce(Product.name, "").label("title"),
            (Certificate.kind + "|" + Certificate.name).label("detail"),
            Certificate.number.label("number"),
            Seller.id.label("seller_id"),
            Seller.name.label("seller_name"),
            SellerFacts.region_code.label("region_code"),
            Certificate.submitted_at.label("submitted_at"),
        )
        .join(Seller, Seller.id == Certificate.seller_id)
        .outerjoin(Product, Product.id == Certificate.product_id)
        .where(Certificate.state == CertificateState.WAITING)
    )
    return _in_reach(query, actor, wanted, Product.name, Certificate.number)


def _in_reach(query: Any, actor: Actor, wanted: InboxFilter, *names: Any) -> Any:
    """Of open sellers in the office's region, and what the filter asks for."""
    day = clock.today()
    query = query.join(
        SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day))
    ).where(is_open(day), regions.within(SellerFacts.region_code, actor.region))
    if wanted.district:
        query = query.where(regions.within(SellerFacts.region_code, wanted.district))
    for word in one_line(wanted.q).split()[:8]:
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in (*names, Seller.name))))
    return query


def _items(rows: Sequence[Any]) -> list[InboxItem]:
    codes = {row.region_code for row in rows}
    names = regions.names(codes | {code[:8] for code in codes})
    found = []
    for row in rows:
        parts = [names.get(row.region_code, ""), names.get(row.region_code[:8], "")]
        title = row.title
        if row.kind == "certificate":
            kind, _bar, name = row.detail.partition("|")
            title = papers.spoken(kind, name, row.number)
            title = f"{title} · {row.title}" if row.title else title
        found.append(
            InboxItem(
                kind=row.kind,
                id=row.id,
                title=title,
                seller_id=row.seller_id,
                seller_name=row.seller_name,
                place=", ".join(dict.fromkeys(part for part in parts if part)),
                submitted_at=row.submitted_at,
                days=days_since(row.submitted_at),
            )
        )
    return found


def days_since(moment: datetime | None) -> int:
    """Days that have gone by; 0 for None."""
    return (clock.today() - clock.wib_day(moment)).days if moment else 0
