"""How far outlets have reported their sales, and who is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...regions.queries import within
from ...stock.models import MovementKind, StockMovement
from ..models import Agreement, AgreementState, AgreementVersion, Basis, ReportSilence, SalesReport
from ..rules.reporting import silent_days
from .versions import version_id_on

RECENT = timedelta(days=92)
DEFAULT_CYCLE = 7
"""For an outlet that has no agreement any more and still sells what stands there."""


@dataclass(frozen=True, slots=True)
class WorkedOutlet:
    """An outlet that an actor works for."""

    id: int
    name: str
    region_code: str
    operator_id: int


@dataclass(frozen=True, slots=True)
class SilentOutlet:
    """A store that has told nothing of its sales for longer than agreed, after it was reminded."""

    outlet_id: int
    outlet_name: str
    operator_id: int
    operator_name: str
    region_code: str
    since: date
    cycle_days: int
    silent_days: int
    reminded_at: datetime
    sellers: int


def outlet_of(actor: Actor, outlet_id: int) -> WorkedOutlet | None:
    """An outlet that the actor works for: its retailer's people, and the platform's admin."""
    return next(iter(outlets_worked_by(actor, outlet_id=outlet_id)), None)


def outlets_worked_by(actor: Actor, *, outlet_id: int | None = None) -> list[WorkedOutlet]:
    """The outlets for which an actor may report and count, by name."""
    if actor.operator_id is not None:
        mine: ColumnElement[bool] = OutletFacts.operator_id == actor.operator_id
    elif actor.is_office and actor.region == "" and outlet_id is not None:
        mine = true()
    else:
        return []
    query = (
        select(Outlet.id, Outlet.name, OutletFacts.region_code, OutletFacts.operator_id)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, clock.today())))
        .where(mine)
        .order_by(Outlet.name, Outlet.id)
    )
    if outlet_id is not None:
        query = query.where(Outlet.id == outlet_id)
    return [WorkedOutlet(*row) for row in db.session.execute(query)]


def covered_by_outlet(session: Session, outlet_ids: Sequence[int]) -> dict[int, date]:
    """The last day that a report of each outlet speaks of, or of which the office imported a sale.

    Those that never told anything are left out.
    """
    reports = (
        select(SalesReport.outlet_id, func.max(SalesReport.last_on))
        .where(SalesReport.reversed_at.is_(None), SalesReport.last_on.is_not(None))
        .group_by(SalesReport.outlet_id)
    )
    imported = (
        select(StockMovement.outlet_id, func.max(StockMovement.occurred_on))
        .where(
            StockMovement.kind == MovementKind.SALE.value,
            StockMovement.reverses_id.is_(None),
            StockMovement.cause_kind == "import",
        )
        .group_by(StockMovement.outlet_id)
    )
    recent = imported.where(StockMovement.occurred_on >= clock.today() - RECENT)
    found: dict[int, date] = {}
    _widen(session, found, reports, SalesReport.outlet_id, outlet_ids)
    _widen(session, found, recent, StockMovement.outlet_id, outlet_ids)
    # A look at the whole past only for those of whom nothing else is known.
    unknown = [outlet_id for outlet_id in outlet_ids if outlet_id not in found]
    _widen(session, found, imported, StockMovement.outlet_id, unknown)
    return found


def _widen(
    session: Session, found: dict[int, date], query: Any, column: Any, outlet_ids: Sequence[int]
) -> None:
    for some in slices(outlet_ids):
        for outlet_id, day in session.execute(query.where(column.in_(some))):
            found[outlet_id] = max(found.get(outlet_id, day), day)


def cycle_of(session: Session, outlet_id: int) -> int:
    """How often an outlet agreed to report: the shortest cycle of its agreements in force today."""
    cycles = [row.cycle for row in running(session, [outlet_id])]
    return min(cycles, default=DEFAULT_CYCLE)


@dataclass(frozen=True, slots=True)
class Running:
    """A consignment agreement in force today, and how often its outlet reports."""

    outlet_id: int
    seller_id: int
    agreement_id: int
    starts_on: date
    cycle: int


def running(session: Session, outlet_ids: Sequence[int]) -> list[Running]:
    """Consignment agreements of outlets that are in force today."""
    today, version = clock.today(), aliased(AgreementVersion)
    query = (
        select(
            Agreement.outlet_id, Agreement.seller_id, Agreement.id, Agreement.starts_on,
            version.report_cycle_days,
        )
        .join(version, version.id == version_id_on(Agreement.id, today))
        .where(in_force_today())
    )  # fmt: skip
    return [
        Running(*row)
        for some in slices(outlet_ids)
        for row in session.execute(query.where(Agreement.outlet_id.in_(some)))
    ]


def in_force_today() -> ColumnElement[bool]:
    """SQL: an accepted consignment agreement whose days include today; a pause does not end reporting."""
    today = clock.today()
    return and_(
        Agreement.state == AgreementState.ACCEPTED.value,
        Agreement.basis == Basis.CONSIGNMENT.value,
        Agreement.starts_on <= today,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today),
        or_(Agreement.terminated_on.is_(None), Agreement.terminated_on > today),
    )


def outlets_reporting(session: Session, *, after: int, limit: int) -> list[int]:
    """Outlets with a consignment agreement in force today, in order of id, after one."""
    query = (
        select(Agreement.outlet_id)
        .where(in_force_today(), Agreement.outlet_id > after)
        .distinct()
        .order_by(Agreement.outlet_id)
        .limit(limit)
    )
    return list(session.scalars(query))


def slices(wanted: Sequence[int], size: int = 400) -> Iterator[Sequence[int]]:
    """Some at a time."""
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def silent_outlets(actor: Actor, *, outlet_id: int | None = None) -> list[SilentOutlet]:
    """Stores that were reminded and still tell nothing, the longest first.

    A seller sees those of its own agreements, once its own cycle is over; a retailer its own; an office its
    region's. The reminder's own day is left to the store.
    """
    today = clock.today()
    silences = db.session.execute(_silences(actor, outlet_id)).all()
    agreements: dict[int, list[Running]] = {}
    for one in running(db.session(), sorted({row.outlet_id for row in silences})):
        if actor.is_office or actor.operator_id is not None or one.seller_id == actor.seller_id:
            agreements.setdefault(one.outlet_id, []).append(one)
    rows = []
    for row in silences:
        mine = agreements.get(row.outlet_id, [])
        days = [silent_days(max(row.since, one.starts_on), today, one.cycle) for one in mine]
        if max(days, default=0) == 0:
            continue
        rows.append(
            SilentOutlet(
                row.outlet_id, row.outlet_name, row.operator_id, row.operator_name, row.region_code,
                row.since, min(one.cycle for one in mine), max(days), row.reminded_at, len(mine),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda one: (-one.silent_days, one.outlet_name))


def _silences(actor: Actor, outlet_id: int | None) -> Any:
    query = (
        select(
            ReportSilence.outlet_id,
            Outlet.name.label("outlet_name"),
            OutletFacts.operator_id,
            Operator.name.label("operator_name"),
            OutletFacts.region_code,
            ReportSilence.since,
            ReportSilence.reminded_at,
        )
        .join(Outlet, Outlet.id == ReportSilence.outlet_id)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, clock.today())))
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(
            ReportSilence.ended_on.is_(None),
            ReportSilence.reminded_at < _start_of(clock.today()),
            _sees(actor),
        )
    )
    return query if outlet_id is None else query.where(ReportSilence.outlet_id == outlet_id)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), clock.WIB)


def _sees(actor: Actor) -> ColumnElement[bool]:
    if actor.is_office:
        return true() if actor.region == "" else within(OutletFacts.region_code, actor.region)
    if actor.operator_id is not None:
        return OutletFacts.operator_id == actor.operator_id
    mine = select(Agreement.outlet_id).where(
        Agreement.seller_id == (actor.seller_id or -1), Agreement.state == AgreementState.ACCEPTED.value
    )
    return ReportSilence.outlet_id.in_(mine)
