"""Agreements as lists and pages show them, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select

from ... import clock
from ...audit import AuditEvent
from ...catalog import queries as catalog
from ...catalog.queries import ProductCard
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts, Seller, SellerFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...permissions import ROLE_PERMISSIONS, Actor
from ...regions.queries import full_names, within
from ...texts import one_line
from ..hooks import counts_here
from ..models import Agreement, AgreementState, ReplacementRequest, Suspension
from ..rules import Condition, Course, Days, Side, Verb, allowed_verbs, in_force, state_on, talk_on
from ..rules.fees import Law
from .parties import side_of
from .replacements import requests_of
from .talks import (
    Repeatable,
    Sibling,
    VersionRow,
    payment_law,
    row_in_force,
    siblings_of,
    version_rows,
    waiting_row,
)

PAGE_SIZE = 25
RUNNING = frozenset({Condition.UPCOMING, Condition.IN_FORCE, Condition.SUSPENDED})
SORTS = ("outlet", "-outlet", "seller", "-seller", "starts_on", "-starts_on")


@dataclass(frozen=True)
class Filter:
    """What is asked of a list of agreements."""

    q: str = ""
    condition: str = ""
    sort: str = ""
    seller_id: int | None = None


@dataclass(frozen=True)
class AgreementRow:
    """An agreement in a list."""

    id: int
    ref: str
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    basis: str
    starts_on: date
    ends_on: date | None
    terminated_on: date | None
    commission_percent: Decimal | None
    reply_by: date | None
    proposed_by_side: str
    condition: Condition


@dataclass(frozen=True)
class AgreementPage:
    """All that an agreement's page shows."""

    agreement: Agreement
    outlet: Outlet
    outlet_region: str
    operator: Operator
    seller: Seller
    places: dict[str, str]
    seller_region: str
    is_verified: bool
    is_affiliated: bool
    products: list[ProductCard]
    suspensions: list[Suspension]
    events: list[AuditEvent]
    condition: Condition
    is_in_force: bool
    side: Side | None
    proposed_by: Side | None
    verbs: list[Verb]
    pause: Suspension | None
    versions: list[VersionRow]
    current: VersionRow | None
    waiting: VersionRow | None
    talk: Condition | None
    siblings: list[Sibling]
    payment_law: Law | None
    replacements: list[ReplacementRequest]
    counts_here: bool
    """Whether the seller counts for this outlet's duty today; asked only where the outlet's side reads."""

    @property
    def shown(self) -> VersionRow:
        """The version whose terms the page shows: in force, else on the table, else the latest."""
        return self.current or self.waiting or self.versions[0]

    @property
    def is_change(self) -> bool:
        """Whether what is on the table would change a running agreement."""
        return self.waiting is not None and self.agreement.state == AgreementState.ACCEPTED


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL criterion: the actor's own agreements, and those under an office's region. Nothing for others.

    The query must join OutletFacts and SellerFacts as `_joined` does.
    """
    if actor.seller_id is not None:
        return of_seller(Agreement.seller_id, actor.seller_id)
    if actor.operator_id is not None:
        return OutletFacts.operator_id == actor.operator_id
    if actor.is_office:
        return or_(
            within(OutletFacts.region_code, actor.region), within(SellerFacts.region_code, actor.region)
        )
    return false()


def condition_on(day: date) -> ColumnElement[str]:
    """SQL: the condition of an agreement on a day, as rules.state_on says."""
    paused = exists().where(
        Suspension.agreement_id == Agreement.id, Suspension.first_day <= day, Suspension.end_day > day
    )
    is_over = or_(
        Agreement.terminated_on <= day,
        Agreement.ends_on < day,
        Agreement.terminated_on <= Agreement.starts_on,
    )
    return case(
        (
            Agreement.state == AgreementState.PROPOSED.value,
            case((Agreement.reply_by < day, Condition.LAPSED.value), else_=Condition.PROPOSED.value),
        ),
        (Agreement.state != AgreementState.ACCEPTED.value, Agreement.state),
        (is_over, Condition.ENDED.value),
        (Agreement.starts_on > day, Condition.UPCOMING.value),
        (paused, Condition.SUSPENDED.value),
        else_=Condition.IN_FORCE.value,
    )


def _joined(columns: Sequence[Any], actor: Actor, asked: Filter, day: date) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Agreement)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, day)))
        .join(Seller, Seller.id == Agreement.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .where(visible_to(actor))
    )
    if asked.seller_id is not None:
        query = query.where(Agreement.seller_id == asked.seller_id)
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Seller.name, Agreement.agreement_ref)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def agreements_of(
    actor: Actor, asked: Filter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[AgreementRow]:
    """One page of the actor's agreements (size None: all): what waits for an answer comes first."""
    day = clock.today()
    condition = condition_on(day)
    columns = (
        Agreement.id, Agreement.agreement_ref, Agreement.outlet_id, Outlet.name, Agreement.seller_id,
        Seller.name, Agreement.basis, Agreement.starts_on, Agreement.ends_on, Agreement.terminated_on,
        Agreement.commission_percent, Agreement.reply_by, Agreement.proposed_by_side, condition,
    )  # fmt: skip
    query = _joined(columns, actor, asked, day)
    if asked.condition:
        query = query.where(condition == asked.condition)
    query = query.order_by(*_ordering(asked.sort, condition))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    rows: list[Any] = list(db.session.execute(query))
    return [_row(*row) for row in rows]


def _row(*values: Any) -> AgreementRow:
    return AgreementRow(*(*values[:-1], Condition(values[-1])))


def _ordering(sort: str, condition: ColumnElement[str]) -> list[Any]:
    keys: dict[str, Any] = {"outlet": Outlet.name, "seller": Seller.name, "starts_on": Agreement.starts_on}
    key = keys.get(sort.lstrip("-"))
    if key is not None:
        return [key.desc() if sort.startswith("-") else key.asc(), Agreement.id.desc()]
    urgency = case(
        (condition == Condition.PROPOSED.value, 0),
        (condition == Condition.SUSPENDED.value, 1),
        (condition.in_([Condition.IN_FORCE.value, Condition.UPCOMING.value]), 2),
        else_=3,
    )
    return [urgency, Agreement.id.desc()]


def count_by_condition(actor: Actor, q: str = "") -> dict[str, int]:
    """How many of the actor's agreements are what today."""
    day = clock.today()
    condition = condition_on(day).label("condition")
    inner = _joined((condition,), actor, Filter(q=q), day).subquery()
    query = select(inner.c.condition, func.count()).group_by(inner.c.condition)
    return dict(db.session.execute(query).all())


def agreement_page(actor: Actor, agreement_id: int) -> AgreementPage | None:
    """An agreement with its parties, goods and history; None for a stranger."""
    day = clock.today()
    row = db.session.execute(
        _joined((Agreement, Outlet, OutletFacts, Seller, SellerFacts, Operator), actor, Filter(), day)
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(Agreement.id == agreement_id)
    ).one_or_none()
    if row is None:
        return None
    agreement, outlet, outlet_facts, seller, seller_facts, operator = row
    suspensions = list(
        db.session.scalars(
            select(Suspension).where(Suspension.agreement_id == agreement_id).order_by(Suspension.first_day)
        )
    )
    course = Course(
        agreement.state,
        agreement.starts_on,
        agreement.ends_on,
        agreement.terminated_on,
        agreement.reply_by,
        [Days(pause.first_day, pause.end_day) for pause in suspensions],
    )
    side = side_of(db.session(), actor, seller_id=seller.id, operator_id=operator.id)
    versions = version_rows(agreement_id)
    waiting = waiting_row(versions)
    by = waiting.version.proposed_by_side if waiting else agreement.proposed_by_side
    proposed_by = Side(by) if by else None
    pause = next((pause for pause in suspensions if pause.end_day > day), None)
    condition = state_on(course, day)
    talk = _talk(waiting, condition, day)
    is_asked = side is not None and side is not proposed_by and talk is Condition.PROPOSED
    return AgreementPage(
        agreement=agreement,
        outlet=outlet,
        outlet_region=outlet_facts.region_code,
        operator=operator,
        seller=seller,
        places=full_names([outlet_facts.region_code, seller_facts.region_code]),
        seller_region=seller_facts.region_code,
        is_verified=_is_verified(seller_facts, day),
        is_affiliated=seller_facts.affiliated_operator_ref == operator.operator_ref,
        products=catalog.cards(_product_ids(row_in_force(versions, day) or waiting or versions[0])),
        suspensions=suspensions,
        events=_events(agreement_id),
        condition=condition,
        is_in_force=in_force(course, day),
        side=side,
        proposed_by=proposed_by,
        verbs=allowed_verbs(
            condition=condition,
            side=side,
            proposed_by=proposed_by,
            permissions=ROLE_PERMISSIONS[actor.role] if actor.role else (),
            has_pause=pause is not None,
            talk=talk,
        ),
        pause=pause,
        versions=versions,
        current=row_in_force(versions, day),
        waiting=waiting,
        talk=talk,
        siblings=siblings_of(waiting.version, side, seller_id=seller.id, day=day)
        if waiting and side and is_asked and agreement.state == AgreementState.PROPOSED
        else [],
        payment_law=payment_law(seller.id, day),
        replacements=requests_of(agreement_id),
        counts_here=side is Side.OUTLET and condition in RUNNING and counts_here(outlet.id, seller.id, day),
    )


def _is_verified(facts: SellerFacts, day: date) -> bool:
    return (
        facts.verified_on is not None
        and facts.verified_on <= day
        and (facts.revoked_on is None or day < facts.revoked_on)
        and (facts.closed_on is None or day < facts.closed_on)
    )


def _talk(waiting: VersionRow | None, condition: Condition, day: date) -> Condition | None:
    """What the version on the table is on a day: lapsed too once the agreement it would change has ended."""
    if waiting is None:
        return None
    return Condition.LAPSED if condition is Condition.ENDED else talk_on(waiting.version.reply_by, day)


def _product_ids(row: VersionRow) -> list[int]:
    return [good.product_id for good in row.goods]


def terms_to_repeat(actor: Actor, agreement_id: int) -> Repeatable | None:
    """The last terms of one of the actor's agreements, to be proposed again; None for a stranger's."""
    found = db.session.scalar(
        _joined((Agreement.id,), actor, Filter(), clock.today()).where(Agreement.id == agreement_id)
    )
    if found is None:
        return None
    rows = version_rows(agreement_id)
    last = next((one for one in rows if one.is_accepted), rows[0])
    return Repeatable(last.terms, {good.product_id: good.price for good in last.goods})


def _events(agreement_id: int) -> list[AuditEvent]:
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_kind == Agreement.__tablename__, AuditEvent.subject_id == agreement_id)
        .order_by(AuditEvent.id.desc())
        .limit(100)
    )
    return list(db.session.scalars(query))
