"""A seller's facts changed: the outlets that have agreements with it may count differently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import signals
from ..models import Agreement, AgreementState

SLICE = 900


@signals.seller_facts_changed.connect
def tell_outlets(session: Session, *, seller_ids: Sequence[int], from_day: date, **_rest: Any) -> None:
    """Turn sellers into the outlets that carry them, once each."""
    outlets: set[int] = set()
    wanted = sorted(set(seller_ids))
    for start in range(0, len(wanted), SLICE):
        outlets.update(
            session.scalars(
                select(Agreement.outlet_id)
                .where(
                    Agreement.seller_id.in_(wanted[start : start + SLICE]),
                    Agreement.state == AgreementState.ACCEPTED.value,
                )
                .distinct()
            )
        )
    if outlets:
        signals.evidence_changed.send(
            session, outlets=[(outlet_id, from_day) for outlet_id in sorted(outlets)]
        )
