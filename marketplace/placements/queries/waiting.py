"""What waits for one party: offers to answer, goods about to expire, reports that are due.

Lists of documents are read by their own topics; here is what spans several of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller
from ...payments.queries import PaymentFilter, PaymentListRow, payments_of
from ...permissions import Actor, Permission
from ...stock.models import ShelfBalance
from ..models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    DeliveryState,
    DifferenceState,
    Message,
    ReturnState,
    VersionState,
)
from ..rules import Terms
from ..rules.reporting import missing_since
from ..rules.returns import NEAR_DAYS
from ..rules.urgency import MESSAGES_KEPT_DAYS
from .debts import Debt, debts_to
from .deliveries import DeliveryFilter, DeliveryRow, Destination, deliveries_of, destinations
from .differences import DifferenceFilter, DifferenceRow, differences_of
from .lots import holdings
from .markdowns import MarkdownRow, markdowns_waiting
from .messages import LastWord, messages_visible_to, unanswered, unanswered_at_no_outlet
from .reporting import SilentOutlet, covered_by_outlet, running, silent_outlets
from .returns import ReturnFilter, ReturnRow, returns_of
from .settlements import SettlementFilter, SettlementRow, Status, settlements_of
from .sides import papers_visible_to
from .versions import as_terms

MOST = 20
"""So many of each kind stand on a first screen; their own lists have the rest."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Terms on the table that the actor's side has to answer: a proposal, a counter-offer or a change."""

    agreement_id: int
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    number: int
    is_change: bool
    terms: Terms
    reply_by: date | None


def offers_to_answer(actor: Actor, *, outlet_id: int | None = None, limit: int = MOST) -> list[Offer]:
    """What the other side put on the table and still can be answered, what lapses first on top."""
    if not actor.can(Permission.AGREEMENT_ANSWER):
        return []
    query = (
        select(AgreementVersion, Agreement.outlet_id, Outlet.name, Agreement.seller_id, Seller.name,
               Agreement.state)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(Seller, Seller.id == Agreement.seller_id)
        .where(*_to_answer(actor))
        .order_by(AgreementVersion.reply_by.is_(None), AgreementVersion.reply_by, AgreementVersion.id)
        .limit(limit)
    )  # fmt: skip
    if outlet_id is not None:
        query = query.where(Agreement.outlet_id == outlet_id)
    return [
        Offer(
            version.agreement_id, outlet, outlet_name, seller, seller_name, version.number,
            state == AgreementState.ACCEPTED, as_terms(version), version.reply_by,
        )
        for version, outlet, outlet_name, seller, seller_name, state in db.session.execute(query)
    ]  # fmt: skip


def _to_answer(actor: Actor) -> list[Any]:
    today, version = clock.today(), AgreementVersion
    theirs = "outlet" if actor.seller_id is not None else "seller"
    return [
        papers_visible_to(actor, Agreement.outlet_id, Agreement.seller_id),
        version.state == VersionState.PROPOSED.value,
        version.proposed_by_side == theirs,
        or_(version.reply_by.is_(None), version.reply_by >= today),
        Agreement.state.in_([AgreementState.PROPOSED.value, AgreementState.ACCEPTED.value]),
        or_(Agreement.state == AgreementState.PROPOSED.value, Agreement.ends_on.is_(None),
            Agreement.ends_on >= today),
        or_(Agreement.terminated_on.is_(None), Agreement.terminated_on > today),
    ]  # fmt: skip


def count_offers(actor: Actor) -> dict[int, int]:
    """How many of them each outlet has."""
    query = (
        select(Agreement.outlet_id, func.count())
        .select_from(AgreementVersion)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(*_to_answer(actor))
        .group_by(Agreement.outlet_id)
    )
    return dict(db.session.execute(query).all())


# --- goods about to expire ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expiring:
    """Goods at one outlet that have expired or will within 30 days: units, lots, the first day."""

    outlet_id: int
    outlet_name: str
    units: int
    lots: int
    expires_on: date
    expired: int
    product_name: str
    """One of the products: with a single lot it is the one."""

    def days_left(self, day: date) -> int:
        """Days until the first of it expires, negative once it has."""
        return (self.expires_on - day).days


def expiring_by_outlet(actor: Actor) -> list[Expiring]:
    """What of the actor's goods runs out of time, by outlet, the first to expire on top."""
    today = clock.today()
    visible = papers_visible_to(actor, ShelfBalance.outlet_id, ShelfBalance.seller_id)
    held = holdings(and_(visible, ShelfBalance.on_hand > 0))
    soonest = func.min(held.c.expires_on)
    query = (
        select(
            held.c.outlet_id, Outlet.name, func.sum(held.c.on_hand), func.count(), soonest,
            func.coalesce(func.sum(case((held.c.expires_on < today, held.c.on_hand))), 0),
            func.min(Product.name),
        )
        .join(Outlet, Outlet.id == held.c.outlet_id)
        .join(Product, Product.id == held.c.product_id)
        .where(held.c.expires_on <= today + timedelta(days=NEAR_DAYS))
        .group_by(held.c.outlet_id, Outlet.name)
        .order_by(soonest, Outlet.name)
        .limit(MOST)
    )  # fmt: skip
    return [
        Expiring(outlet_id, name, int(units), lots, first, int(expired), product)
        for outlet_id, name, units, lots, first, expired, product in db.session.execute(query)
    ]


# --- reports that are due -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportDue:
    """The next sales report of an outlet: the first day it should tell of, and when it is due."""

    since: date
    due_on: date


def reports_due(outlet_ids: Sequence[int]) -> dict[int, ReportDue]:
    """When each outlet with a running consignment agreement has to report next."""
    session = db.session()
    covered = covered_by_outlet(session, outlet_ids)
    found: dict[int, ReportDue] = {}
    for one in running(session, outlet_ids):
        since = missing_since(covered.get(one.outlet_id), one.starts_on)
        due = ReportDue(since, since + timedelta(days=one.cycle))
        known = found.get(one.outlet_id)
        found[one.outlet_id] = due if known is None or due.due_on < known.due_on else known
    return found


# --- messages ----------------------------------------------------------------------------------------------


def messages_waiting(actor: Actor, *, outlet_id: int | None = None) -> list[LastWord]:
    """Documents on which the other side had the last word in the last 30 days, newest first."""
    return _recent(unanswered(actor, MOST, outlet_id=outlet_id))


def messages_at_no_outlet(operator_id: int) -> list[LastWord]:
    """The same on what an operator bought for no outlet."""
    return _recent(unanswered_at_no_outlet(operator_id, MOST))


def _recent(words: Sequence[LastWord]) -> list[LastWord]:
    since = clock.now() - timedelta(days=MESSAGES_KEPT_DAYS)
    return [one for one in words if one.message.sent_at >= since]


def count_messages(actor: Actor, *, until: datetime) -> dict[int, int]:
    """How many such documents each outlet has on which the last word is older than a moment."""
    newer = aliased(Message)
    is_overtaken = (
        select(newer.id)
        .where(
            newer.document_kind == Message.document_kind,
            newer.document_id == Message.document_id,
            newer.id > Message.id,
        )
        .exists()
    )
    query = (
        select(Message.outlet_id, func.count())
        .where(
            messages_visible_to(actor),
            Message.side != ("seller" if actor.seller_id is not None else "outlet"),
            Message.sent_at >= clock.now() - timedelta(days=MESSAGES_KEPT_DAYS),
            Message.sent_at < until,
            ~is_overtaken,
        )
        .group_by(Message.outlet_id)
    )
    return {outlet_id: count for outlet_id, count in db.session.execute(query) if outlet_id is not None}


# --- a seller's --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SellerWaits:
    """All of the loop that waits for a seller, as far as its person may see to it."""

    offers: list[Offer] = field(default_factory=list)
    markdowns: list[MarkdownRow] = field(default_factory=list)
    drafts: list[DeliveryRow] = field(default_factory=list)
    travelling: list[DeliveryRow] = field(default_factory=list)
    destinations: list[Destination] = field(default_factory=list)
    returns: list[ReturnRow] = field(default_factory=list)
    differences: list[DifferenceRow] = field(default_factory=list)
    settlements: list[SettlementRow] = field(default_factory=list)
    payments: list[PaymentListRow] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    expiring: list[Expiring] = field(default_factory=list)
    silent: list[SilentOutlet] = field(default_factory=list)
    messages: list[LastWord] = field(default_factory=list)

    @property
    def sent_to(self) -> set[int]:
        """Outlets that goods are written for or on their way to."""
        return {row.outlet_id for row in (*self.drafts, *self.travelling)}

    def agreement_at(self, outlet_id: int) -> int | None:
        """The agreement under which goods can travel to an outlet."""
        found = (one.agreement_id for one in self.destinations if one.outlet_id == outlet_id)
        return next(found, None)


def seller_waits(actor: Actor) -> SellerWaits:
    """What of the loop waits for the actor's seller; a fixed number of questions, however much it is."""
    assert actor.seller_id is not None
    can = actor.can
    draft, sent = DeliveryState.DRAFT.value, DeliveryState.SENT.value
    return SellerWaits(
        offers=offers_to_answer(actor),
        markdowns=markdowns_waiting(actor)[:MOST] if can(Permission.MARKDOWN_ANSWER) else [],
        drafts=deliveries_of(actor, DeliveryFilter(state=draft, sort="deliver_on"), size=MOST),
        travelling=deliveries_of(actor, DeliveryFilter(state=sent, sort="deliver_on"), size=200),
        destinations=destinations(actor),
        returns=returns_of(actor, ReturnFilter(state=ReturnState.WAITING.value), size=MOST),
        differences=_open_differences(actor) if can(Permission.DIFFERENCE_SETTLE) else [],
        settlements=settlements_of(actor, SettlementFilter(status=Status.ISSUED), size=MOST)
        if can(Permission.SETTLEMENT_ANSWER)
        else [],
        payments=payments_of(actor, PaymentFilter(state="reported"), size=MOST)
        if can(Permission.PAYMENT_CONFIRM)
        else [],
        debts=debts_to(actor.seller_id, clock.today()) if can(Permission.SETTLEMENT_VIEW) else [],
        expiring=expiring_by_outlet(actor),
        silent=silent_outlets(actor)[:MOST],
        messages=messages_waiting(actor),
    )


def _open_differences(actor: Actor) -> list[DifferenceRow]:
    return differences_of(actor, DifferenceFilter(state=DifferenceState.OPEN.value), size=MOST)
