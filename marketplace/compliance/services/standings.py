"""Keeping standings: noting what changed, counting anew what did, and forgetting what no longer holds.

A change is noted in the transaction that makes it. Whoever counts anew reads the notes first, counts, and
deletes exactly the notes it read, in one transaction and one at a time: a change that is committed later
has a note that nobody has read yet, so it is never lost. While a note is open, readers count that outlet
themselves (queries.standings), so an answer is never stale either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from ... import clock
from ...db import db, is_postgres, retry_on_conflict, unit_of_work
from ..models import EvidenceChange, Standing, StandingDay
from ..queries.places import Scope, is_one_of
from ..queries.standings import OutletStanding, evaluate, kept_days
from ..rules import month_ends_before

MONTHS_KEPT = 13
LOCK_KEY = 7_233_501
OUTLETS_AT_ONCE = 200
"""Outlets counted anew in one transaction, so that other writers never wait long."""


def note_changes(session: Session, outlets: Iterable[tuple[int, date]], **_more: Any) -> None:
    """Receive signals.evidence_changed: write down which outlets must be counted anew, and from which day."""
    earliest: dict[int, date] = {}
    for outlet_id, from_day in outlets:
        earliest[outlet_id] = min(earliest.get(outlet_id, from_day), from_day)
    if earliest:
        rows = [{"outlet_id": outlet_id, "from_day": earliest[outlet_id]} for outlet_id in sorted(earliest)]
        # By the connection, not by the session: the ledger calls this for every posting.
        session.connection().execute(insert(EvidenceChange), rows)


def alone(session: Session) -> None:
    """Wait until nobody else keeps or forgets standings; until the unit ends (SQLite: one writer anyway)."""
    if is_postgres(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})


def days_to_keep() -> list[date]:
    """Today and the ends of the last thirteen months, oldest first."""
    today = clock.today()
    return [*month_ends_before(today, MONTHS_KEPT), today]


@retry_on_conflict
def keep_standing_days() -> list[date]:
    """Count the days that are to be kept and are missing, drop the others; returns the days counted."""
    wanted = days_to_keep()
    recount()
    if kept_days() == wanted:
        return []
    with unit_of_work() as session:
        alone(session)
        session.execute(delete(Standing).where(Standing.day.not_in(wanted)))
        session.execute(delete(StandingDay).where(StandingDay.day.not_in(wanted)))
        kept = set(session.scalars(select(StandingDay.day)))
    missing = [day for day in wanted if day not in kept]
    for day in reversed(missing):
        keep_day(day)
    return missing


@retry_on_conflict
def keep_day(day: date) -> None:
    """Count every outlet on a day and keep the answer."""
    with unit_of_work() as session:
        alone(session)
        if session.get(StandingDay, day) is not None:
            return
        session.execute(delete(Standing).where(Standing.day == day))
        _write(session, day, evaluate(day, Scope()))
        session.add(StandingDay(day=day, computed_at=clock.now()))


@retry_on_conflict
def recount() -> int:
    """Count anew what changed, on every kept day it concerns; returns how many notes were used up."""
    done = 0
    while db.session.scalar(select(EvidenceChange.id).limit(1)) is not None:
        done += _recount_some()
    return done


def _recount_some() -> int:
    with unit_of_work() as session:
        alone(session)
        notes = _read_notes(session)
        since: dict[int, date] = {}
        for _id, outlet_id, from_day in notes:
            since[outlet_id] = min(since.get(outlet_id, from_day), from_day)
        for day in session.scalars(select(StandingDay.day)).all():
            concerned = [outlet_id for outlet_id, from_day in since.items() if from_day <= day]
            _replace(session, day, concerned)
        _forget(session, notes)
        return len(notes)


def _forget(session: Session, notes: Sequence[Any]) -> None:
    """Delete exactly the notes that were read; one that was committed since stays for the next turn."""
    read = [note_id for note_id, _outlet_id, _from_day in notes]
    session.execute(delete(EvidenceChange).where(is_one_of(session, EvidenceChange.id, read)))


def _read_notes(session: Session) -> Sequence[tuple[int, int, date]]:
    """Every note about the next few outlets."""
    outlets = select(EvidenceChange.outlet_id).distinct().order_by(EvidenceChange.outlet_id)
    few = session.scalars(outlets.limit(OUTLETS_AT_ONCE)).all()
    query = select(EvidenceChange.id, EvidenceChange.outlet_id, EvidenceChange.from_day)
    return session.execute(query.where(is_one_of(session, EvidenceChange.outlet_id, few))).all()


def _replace(session: Session, day: date, outlet_ids: Collection[int]) -> None:
    if not outlet_ids:
        return
    session.execute(
        delete(Standing).where(Standing.day == day, is_one_of(session, Standing.outlet_id, outlet_ids))
    )
    _write(session, day, evaluate(day, Scope(), outlet_ids))


def _write(session: Session, day: date, rows: Iterable[OutletStanding]) -> None:
    values = [
        {
            "day": day,
            "outlet_id": row.outlet_id,
            "operator_id": row.operator_id,
            "region_code": row.region_code,
            "kind": row.kind,
            "opened_on": row.opened_on,
            "regulation_id": row.regulation_id,
            "binding": row.binding,
            "required": row.required,
            "counted": row.counted,
            "status": row.status,
        }
        for row in rows
    ]
    if values:
        session.execute(insert(Standing), values)


def forget_days(session: Session, first_day: date, end_day: date = clock.LAST_DAY) -> None:
    """Drop kept days from first_day until before end_day: the law itself changed. Inside a unit of work."""
    alone(session)
    for table in (Standing, StandingDay):
        session.execute(delete(table).where(table.day >= first_day, table.day < end_day))


def refresh() -> None:
    """Each minute: count anew what changed, and keep the days that should be kept."""
    keep_standing_days()
