"""What the worker writes each night: answers that are due, proposals that lapsed, agreements that end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import db, retry_on_conflict, unit_of_work
from ..models import Agreement, AgreementState, AgreementVersion, VersionState
from ..rules import Side
from ..rules.reminders import END_DAYS, LAPSED_DAYS, REPLY_DAYS, is_end_due, is_lapse_due, is_reply_due
from .common import Held, lock_parties, outlet_facts, tell, waiting_version


def remind() -> None:
    """Everything that is due today. Run twice a day it writes once."""
    today = clock.today()
    for agreement_id in _waiting(today):
        remind_of_reply(agreement_id)
    for agreement_id in _ending(today):
        tell_of_end(agreement_id)


def _waiting(today: date) -> list[int]:
    """Agreements with a version whose last day to answer is near, or passed lately."""
    query = select(AgreementVersion.agreement_id).where(
        AgreementVersion.state == VersionState.PROPOSED.value,
        AgreementVersion.reply_by >= today - timedelta(days=LAPSED_DAYS),
        AgreementVersion.reply_by <= today + timedelta(days=max(REPLY_DAYS)),
        or_(AgreementVersion.reminded_on.is_(None), AgreementVersion.reminded_on < today),
    )
    return list(db.session.scalars(query.order_by(AgreementVersion.agreement_id)))


def _ending(today: date) -> list[int]:
    """Agreements that end soon and of which nobody was told so."""
    query = select(Agreement.id).where(
        Agreement.state == AgreementState.ACCEPTED.value,
        Agreement.terminated_on.is_(None),
        Agreement.ends_on >= today,
        Agreement.ends_on <= today + timedelta(days=END_DAYS),
        or_(
            Agreement.end_told_on.is_(None),
            Agreement.end_told_on < today - timedelta(days=END_DAYS),
        ),
    )
    return list(db.session.scalars(query.order_by(Agreement.id)))


@retry_on_conflict
def remind_of_reply(agreement_id: int) -> None:
    """Write to the side that has to answer; once the day has passed, to the side that asked."""
    with unit_of_work() as session:
        held = _held(session, agreement_id)
        version, today = held.waiting, clock.today()
        if version is None or version.reply_by is None or not version.proposed_by_side:
            return
        proposer = Side(version.proposed_by_side)
        told_on = version.reminded_on or (clock.wib_day(version.proposed_at) if version.proposed_at else None)
        checks: list[tuple[Callable[[date, date | None, date], bool], Side, str]] = [
            (is_reply_due, proposer.other, "reply_reminder"),
            (is_lapse_due, proposer, "reply_lapsed"),
        ]
        for is_due, side, template in checks:
            if is_due(version.reply_by, told_on, today):
                tell(session, held, side, template, by=held.party(proposer), who=held.party(proposer.other))
                version.reminded_on = today


@retry_on_conflict
def tell_of_end(agreement_id: int) -> None:
    """Write to both sides that their agreement ends, and how to renew it."""
    with unit_of_work() as session:
        held = _held(session, agreement_id)
        row, today = held.agreement, clock.today()
        if row.terminated_on is None and row.ends_on and is_end_due(row.ends_on, row.end_told_on, today):
            row.end_told_on = today
            for side in Side:
                tell(session, held, side, "agreement_ending", ends_on=row.ends_on.isoformat())


def _held(session: Session, agreement_id: int) -> Held:
    known = session.get_one(Agreement, agreement_id)
    outlet, seller = lock_parties(session, known.outlet_id, known.seller_id)
    row = session.get_one(Agreement, agreement_id, with_for_update=True, populate_existing=True)
    facts = outlet_facts(session, outlet.id)
    waiting = waiting_version(session, agreement_id)
    return Held(
        row, outlet, seller, facts.region_code, facts.operator_id, facts.kind, Side.OUTLET, [], waiting
    )
