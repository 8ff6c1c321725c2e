"""The verbs of the ledger: record movements, take one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ... import clock
from ...db import db
from ...permissions import Actor
from ..rules import Movement, Posted, Posting, Refusal, Reversal, derived_ref, error_of
from .group import queue_of_database
from .ledger import Outcome, write


def post_movements(
    *, actor: Actor, movements: Sequence[Movement | Reversal], sells_expired: bool = True
) -> tuple[Posted, ...]:
    """Record movements together, all or none, and answer what the ledger holds for each.

    Inside a unit of work it joins it; alone it is committed, together with what other threads post at the
    same moment, before it returns. Safe to repeat: a movement_ref recorded with the same content is answered
    from the ledger. Screens pass sells_expired=False. Raises the first refusal as an error.
    """
    posting = Posting(
        tuple(movements),
        today=clock.today(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        sells_expired=sells_expired,
    )
    outcome = post(posting)
    if isinstance(outcome, Refusal):
        raise error_of(outcome)
    return outcome


def reverse_movement(
    movement_ref: str,
    *,
    actor: Actor,
    occurred_on: date,
    reversal_ref: str | None = None,
    note: str | None = None,
) -> Posted:
    """Take a recorded movement back, whole, once, on a day not before its own."""
    reversal = Reversal(
        movement_ref=reversal_ref or derived_ref("reversal", movement_ref),
        reverses_ref=movement_ref,
        occurred_on=occurred_on,
        note=note,
    )
    return post_movements(actor=actor, movements=[reversal])[0]


def post(posting: Posting) -> Outcome:
    """Record a posting in the caller's unit of work, or durably by itself where there is none."""
    session = db.session()
    if session.info.get("in_unit"):
        return write(session, [posting])[0]
    return queue_of_database().post(posting)
