"""Stores that tell nothing of their sales: reminded by mail once for each silence."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ... import clock, mailing
from ...accounts.models import User
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...organizations.models import Membership, Outlet, OutletFacts
from ...organizations.versions import facts_on
from ..models import ReportSilence
from ..queries.parties import ANSWERING
from ..queries.reporting import Running, covered_by_outlet, outlets_reporting, running
from ..rules import Side
from ..rules.reporting import missing_since, silent_days

BATCH = 200


def remind_silent_outlets() -> int:
    """Write to every store that has been silent past its cycle, once for each silence. Safe to run twice.

    Answers how many were reminded. Silences that are over (an import told more) are closed.
    """
    reminded, after = 0, 0
    while True:
        count, last = _some(after)
        reminded += count
        if last is None:
            return reminded
        after = last


@retry_on_conflict
def _some(after: int) -> tuple[int, int | None]:
    """One transaction for the next outlets: how many were reminded, and the last outlet looked at."""
    with unit_of_work() as session:
        outlet_ids = outlets_reporting(session, after=after, limit=BATCH)
        if not outlet_ids:
            return 0, None
        covered = covered_by_outlet(session, outlet_ids)
        agreements: dict[int, list[Running]] = {}
        for one in running(session, outlet_ids):
            agreements.setdefault(one.outlet_id, []).append(one)
        count = 0
        for outlet_id, mine in agreements.items():
            since = min(missing_since(covered.get(outlet_id), one.starts_on) for one in mine)
            _close(session, outlet_id, since)
            cycle = min(one.cycle for one in mine)
            days = max(
                silent_days(missing_since(covered.get(outlet_id), one.starts_on), clock.today(), one.cycle)
                for one in mine
            )
            if days > 0 and _note(session, outlet_id, since, cycle):
                _write(session, outlet_id, since, cycle)
                count += 1
        return count, outlet_ids[-1]


def _close(session: Session, outlet_id: int, since: object) -> None:
    session.execute(
        update(ReportSilence)
        .where(
            ReportSilence.outlet_id == outlet_id,
            ReportSilence.ended_on.is_(None),
            ReportSilence.since != since,
        )
        .values(ended_on=clock.today())
    )


def _note(session: Session, outlet_id: int, since: object, cycle: int) -> bool:
    """Keep that this silence was reminded; False when it was before (it is then open again)."""
    made = session.execute(
        insert_into(session, ReportSilence)
        .values(outlet_id=outlet_id, since=since, cycle_days=cycle, reminded_at=clock.now())
        .on_conflict_do_nothing(index_elements=["outlet_id", "since"])
        .returning(ReportSilence.id)
    ).first()
    if made is None:
        session.execute(
            update(ReportSilence)
            .where(ReportSilence.outlet_id == outlet_id, ReportSilence.since == since)
            .values(ended_on=None)
        )
    return made is not None


def _write(session: Session, outlet_id: int, since: object, cycle: int) -> None:
    outlet = session.get_one(Outlet, outlet_id)
    for name, email, locale in _people(session, outlet_id):
        mailing.send(
            session,
            to=email,
            template="sales_silent",
            locale=locale,
            name=name,
            outlet=outlet.name,
            since=str(since),
            cycle_days=cycle,
            url=mailing.address(f"/sales/new?outlet_id={outlet_id}"),
        )


def _people(session: Session, outlet_id: int) -> Sequence[tuple[str, str, str]]:
    """Owners and managers of the outlet's retailer who have an address."""
    query = (
        select(User.name, User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .join(OutletFacts, OutletFacts.operator_id == Membership.operator_id)
        .where(
            OutletFacts.outlet_id == outlet_id,
            facts_on(OutletFacts, clock.today()),
            Membership.is_active,
            Membership.role.in_(ANSWERING[Side.OUTLET]),
            User.is_active,
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    return [(name, email or "", locale) for name, email, locale in session.execute(query)]
