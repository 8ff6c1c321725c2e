"""What a provider tells by itself: each event is a row, applied once, whatever its order and number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import insert_into, retry_on_conflict, unit_of_work
from ..models import Charge, ProviderEvent
from ..providers import Told, ToldCharge, ToldDispute, ToldEvent, provider
from .capturing import Outcome, apply_told, lock_charge
from .charge_disputes import apply_dispute_told
from .giving_back import apply_refund_told

REPEATED = "repeated"


def receive_event(body: bytes, headers: Mapping[str, str]) -> str:
    """Take in an event: what came of it, or 'repeated'. Raises Forged, or Unreadable."""
    return _apply(provider().read_event(body, headers, clock.now()))


@retry_on_conflict
def _apply(event: ToldEvent) -> str:
    with unit_of_work() as session:
        row_id = _write(session, event)
        if row_id is None:
            return REPEATED
        charge_id, outcome = _follow(session, event.told)
        row = session.get_one(ProviderEvent, row_id)
        row.charge_id, row.outcome = charge_id, outcome.value
        return row.outcome


def _write(session: Session, event: ToldEvent) -> int | None:
    """The event's row; None where it is there already. Whoever tells it at the same time waits here."""
    values = {
        "provider": provider().name,
        "event_ref": event.event_ref,
        "kind": event.kind,
        "outcome": "",
        "body_hash": event.body_hash,
        "happened_at": event.happened_at,
        "received_at": clock.now(),
    }
    query = insert_into(session, ProviderEvent).values(**values)
    query = query.on_conflict_do_nothing(index_elements=["provider", "event_ref"]).returning(ProviderEvent.id)
    return session.scalar(query)


def _follow(session: Session, told: Told | None) -> tuple[int | None, Outcome]:
    if told is None:
        return None, Outcome.UNKNOWN
    if isinstance(told, ToldCharge):
        charge_id = _charge_of(session, told)
        if charge_id is None:
            return None, Outcome.NOT_OURS
        return charge_id, apply_told(session, lock_charge(session, charge_id), told)
    if isinstance(told, ToldDispute):
        return apply_dispute_told(session, told)
    return apply_refund_told(session, told)


def _charge_of(session: Session, told: ToldCharge) -> int | None:
    """Which charge is meant: by our own name of it, else by the provider's."""
    named = session.scalar(select(Charge.id).where(Charge.reference == told.reference))
    if named is not None:
        return named
    query = select(Charge.id).where(
        Charge.provider == provider().name, Charge.provider_ref == told.provider_ref
    )
    return session.scalar(query)


def forget_events(keep: timedelta) -> None:
    """Forget what was told longer ago. Told once more, it finds its charge as it left it."""
    with unit_of_work() as session:
        session.execute(delete(ProviderEvent).where(ProviderEvent.received_at < clock.now() - keep))
