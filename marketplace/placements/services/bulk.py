"""Whole batches of agreements at once, for imports: called inside a unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ... import clock, signals
from ...organizations.models import Outlet
from ...permissions import Actor
from ..models import Agreement, AgreementState

SLICE = 900
BLANKS: dict[str, Any] = {
    "ends_on": None,
    "terminated_on": None,
    "commission_percent": None,
    "settlement_days": None,
}


def lock_outlets(session: Session, outlet_ids: Iterable[int]) -> None:
    """Lock outlets in the order of their ids, as every act on an agreement does first."""
    wanted = sorted(set(outlet_ids))
    for start in range(0, len(wanted), SLICE):
        query = select(Outlet.id).where(Outlet.id.in_(wanted[start : start + SLICE])).order_by(Outlet.id)
        session.execute(query.with_for_update(key_share=True)).all()


def write_agreements(
    session: Session,
    *,
    made: Sequence[Mapping[str, Any]],
    changed: Sequence[Mapping[str, Any]],
    evidence: Mapping[int, date],
    actor: Actor,
) -> None:
    """Write agreements that both parties are taken to have accepted; `changed` rows hold the id.

    `evidence` says for each outlet from which day on it may count differently.
    """
    now = clock.now()
    common = {
        "state": AgreementState.ACCEPTED.value,
        "terms": "",
        "proposed_by_side": "",
        "answered_by": actor.user_id,
        "answered_at": now,
        "answer_reason": "",
        "termination_reason": "",
        "created_at": now,
    }
    if made:
        session.execute(insert(Agreement), [{**BLANKS, **common, **row} for row in made])
    for _names, group in groupby(sorted(changed, key=sorted), key=sorted):
        session.execute(update(Agreement), [dict(row) for row in group])
    if evidence:
        signals.evidence_changed.send(session, outlets=sorted(evidence.items()))
