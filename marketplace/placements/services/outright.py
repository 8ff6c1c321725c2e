"""What goods bought outright leave behind: an agreement of that basis, so that counting can see them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...permissions import Actor
from ..models import Agreement, AgreementState, Basis, CommissionBasis, VersionState
from ..offers import Draft
from ..rules import ONE_DAY, Days, Side, days_in_force, overlaps
from .common import evidence_from, lock_parties, outlet_facts
from .drafts import answer, copy_terms, new_reference, write_version


def keep_outright(
    session: Session, actor: Actor, *, outlet_id: int, seller_id: int, day: date, due_days: int
) -> Agreement | None:
    """An accepted outright agreement of the pair from a day on, unless one is in force then.

    Both said yes by the order and its receipt. It has no last day, unless a later one of the pair begins.
    """
    outlet, _seller = lock_parties(session, outlet_id, seller_id)
    query = select(Agreement).where(
        Agreement.outlet_id == outlet_id,
        Agreement.seller_id == seller_id,
        Agreement.basis == Basis.OUTRIGHT.value,
        Agreement.state == AgreementState.ACCEPTED.value,
    )
    others = [days_in_force(row.starts_on, row.ends_on, row.terminated_on) for row in session.scalars(query)]
    if any(overlaps(Days(day, day + ONE_DAY), days) for days in others):
        return None
    later = min((days.first for days in others if day < days.first < days.end), default=None)
    draft = Draft(
        basis=Basis.OUTRIGHT,
        starts_on=day,
        ends_on=later - ONE_DAY if later else None,
        reply_by=day,
        commission_basis=CommissionBasis.NONE,
        due_days=due_days,
    )
    now = clock.now()
    row = Agreement(
        agreement_ref=new_reference(session, clock.today()),
        outlet_id=outlet_id,
        seller_id=seller_id,
        state=AgreementState.ACCEPTED.value,
        basis=draft.basis.value,
        starts_on=day,
        created_at=now,
    )
    session.add(row)
    session.flush()
    version = write_version(session, row.id, draft, number=1, side=Side.SELLER, actor=actor, now=now)
    version.proposed_at, version.proposed_by, version.proposed_by_side = None, None, ""
    version.reply_by = None
    answer(version, VersionState.ACCEPTED, actor)
    copy_terms(row, version)
    session.flush()
    region = outlet_facts(session, outlet.id).region_code
    audit.record(session, actor, "agreement.outright", row, after={"starts_on": day}, region=region)
    evidence_from(session, outlet.id, day)
    return row
