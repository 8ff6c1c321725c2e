"""Fees that sellers told the office of: the seller's own, an office's region; nothing for stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select

from ... import clock, legal
from ...db import db
from ...organizations.models import Outlet, Seller
from ...organizations.rules import SizeClass
from ...permissions import Actor
from ...texts import one_line
from ..models import Agreement, FeeReport, FeeReportState
from ..rules.fees import Law, exemption
from .sides import papers_visible_to
from .talks import size_on

PAGE_SIZE = 25
STATES = tuple(state.value for state in FeeReportState)


class FeeReportRow(NamedTuple):
    """A report with its parties."""

    report: FeeReport
    agreement_ref: str
    outlet_name: str
    seller_name: str


@dataclass(frozen=True)
class FeeReportPage:
    """A report, and what the law is reported to say of it on the day that it was told."""

    row: FeeReportRow
    size: SizeClass
    law: Law | None
    """What forbids a listing fee of this seller; None where nothing does."""


def fee_reports_visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL: what an actor may read. The store that asked is no reader."""
    if actor.operator_id is not None:
        return false()
    return papers_visible_to(actor, FeeReport.outlet_id, FeeReport.seller_id)


def _joined(columns: tuple[Any, ...], actor: Actor, q: str = "", state: str = "") -> Select[Any]:
    query = (
        select(*columns)
        .select_from(FeeReport)
        .join(Agreement, Agreement.id == FeeReport.agreement_id)
        .join(Outlet, Outlet.id == FeeReport.outlet_id)
        .join(Seller, Seller.id == FeeReport.seller_id)
        .where(fee_reports_visible_to(actor))
    )
    for word in one_line(q).split()[:8]:
        places = (Outlet.name, Seller.name, Agreement.agreement_ref)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query.where(FeeReport.state == state) if state else query


_ROW = (FeeReport, Agreement.agreement_ref, Outlet.name, Seller.name)


def reports_of(
    actor: Actor, *, q: str = "", state: str = "", number: int = 1, size: int | None = PAGE_SIZE
) -> list[FeeReportRow]:
    """One page of the actor's reports (size None: all), what nobody looked into yet on top."""
    urgency = case({state: place for place, state in enumerate(STATES)}, value=FeeReport.state)
    query = _joined(_ROW, actor, q, state).order_by(urgency, FeeReport.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [FeeReportRow(*row) for row in db.session.execute(query)]


def count_by_state(actor: Actor, q: str = "") -> dict[str, int]:
    """How many of the actor's reports are in which state."""
    query = _joined((FeeReport.state, func.count()), actor, q).group_by(FeeReport.state)
    return dict(db.session.execute(query).all())


def reports_on(actor: Actor, agreement_id: int) -> list[FeeReport]:
    """The reports about an agreement that the actor may read, the latest first."""
    query = _joined((FeeReport,), actor).where(FeeReport.agreement_id == agreement_id)
    return list(db.session.scalars(query.order_by(FeeReport.id.desc())))


def report_page(actor: Actor, report_id: int) -> FeeReportPage | None:
    """A report as a page; None for a stranger, and for the store."""
    found = db.session.execute(_joined(_ROW, actor).where(FeeReport.id == report_id)).one_or_none()
    if found is None:
        return None
    session, row = db.session(), FeeReportRow(*found)
    day = clock.wib_day(row.report.made_at)
    size = size_on(session, row.report.seller_id, day)
    rows = legal.rows_on(session, "trade.listing_fee.", day)
    laws = {key: Law(one.value, one.citation, one.is_verified) for key, one in rows.items()}
    return FeeReportPage(row, size, exemption(size, laws))
