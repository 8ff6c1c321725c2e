"""Differences: opened with the document that shows them, settled once, by one of three ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ..models import Difference, DifferenceKind, DifferenceState, Outcome
from ..rules import Side
from ..rules.differences import DIFFERENCE_WORDS, favoured, require_outcome
from .parties import Parties, lock_as, no_paper, record, tell

MAX_NOTE = 2000
Effect = Callable[[Session, Actor, Difference, Side], None]
"""What a settlement does: called inside its unit with the party whose view now holds."""
_effects: dict[DifferenceKind, Effect] = {}


def on_settled(kind: DifferenceKind, effect: Effect) -> None:
    """Register what a settlement of this kind does besides being written down."""
    _effects[kind] = effect


@dataclass(frozen=True)
class DifferentLine:
    """A line that the two parties see differently: by how many units or how much money, and in words."""

    seller_id: int
    line_ref: str = ""
    product_id: int | None = None
    quantity: int | None = None
    rupiah: int | None = None
    description: str = ""


def open_differences(
    session: Session,
    lines: Sequence[DifferentLine],
    *,
    kind: DifferenceKind,
    outlet_id: int,
    document_kind: str,
    document_id: int,
    actor: Actor | None = None,
) -> None:
    """Note that the two parties see lines of a document differently, inside the unit that finds them.

    Opened again for the same line it is the same difference, whatever became of it. Sends no mail: the
    service that opens it tells the other side in its own letter.
    """
    if not lines:
        return
    session.flush()
    rest = {
        "kind": kind.value,
        "document_kind": document_kind,
        "document_id": document_id,
        "outlet_id": outlet_id,
        "state": DifferenceState.OPEN.value,
        "note": "",
        "opened_at": clock.now(),
        "opened_by": actor.user_id if actor else None,
    }
    statement = insert_into(session, Difference.__table__).on_conflict_do_nothing(
        index_elements=["kind", "document_kind", "document_id", "line_ref"]
    )
    session.connection().execute(statement, [{**asdict(line), **rest} for line in lines])


@retry_on_conflict
def settle(
    actor: Actor, difference_id: int, outcome: Outcome, note: str = "", *, favours: Side | None = None
) -> Difference:
    """Settle a difference: the seller agrees, the store corrects, or an officer decides for one of them.

    Raises NotFound for a stranger, Forbidden for the other side's way, RuleBroken once it is settled.
    """
    with unit_of_work() as session:
        parties, row = _hold(session, actor, difference_id)
        settling = require_outcome(outcome, row.state, parties.side, is_office=parties.side is None)
        actor.require(settling.permission)
        note = clean_lines(note)[:MAX_NOTE]
        if outcome is Outcome.OFFICER_DECIDES and not note:
            sentence = _("Tulis alasan keputusan. Kedua pihak akan membacanya.")
            raise InvalidInput(sentence, {"note": sentence})
        holds = favoured(outcome, favours)
        row.state, row.outcome, row.note = DifferenceState.SETTLED.value, outcome.value, note
        row.favours = holds.value if outcome is Outcome.OFFICER_DECIDES else None
        row.settled_at, row.settled_by = clock.now(), actor.user_id
        effect = _effects.get(DifferenceKind(row.kind))
        if effect is not None:
            effect(session, actor, row, holds)
        after = {"outcome": outcome.value, "favours": holds.value}
        record(session, actor, parties, "difference.settled", row, after=after, reason=note)
        for side in Side:
            if side is not parties.side:
                _tell(session, parties, side, row, "difference_settled")
        return row


@retry_on_conflict
def refer(*, actor: Actor, difference_id: int) -> Difference:
    """A party asks the office to decide. Asked again nothing changes."""
    actor.require(Permission.DIFFERENCE_SETTLE)
    with unit_of_work() as session:
        parties, row = _hold(session, actor, difference_id)
        if parties.side is None:
            raise no_paper()
        if row.state != DifferenceState.OPEN:
            raise RuleBroken(_("Selisih ini sudah diselesaikan."), code="difference_settled")
        if row.referred_at is None:
            row.referred_at, row.referred_by = clock.now(), actor.user_id
            record(session, actor, parties, "difference.referred", row)
            _tell(session, parties, parties.side.other, row, "difference_referred")
        return row


def _hold(session: Session, actor: Actor, difference_id: int) -> tuple[Parties, Difference]:
    columns = select(Difference.outlet_id, Difference.seller_id).where(Difference.id == difference_id)
    found = session.execute(columns).one_or_none()
    if found is None:
        raise no_paper()
    parties = lock_as(session, actor, found.outlet_id, found.seller_id)
    row = session.get_one(Difference, difference_id, with_for_update=True, populate_existing=True)
    return parties, row


def _tell(session: Session, parties: Parties, side: Side, row: Difference, template: str) -> None:
    tell(
        session,
        parties,
        side,
        template,
        f"/differences/{row.id}",
        by=LazyString(parties.name_of, parties.side),
        what=DIFFERENCE_WORDS[DifferenceKind(row.kind)],
        description=row.description,
        outcome=row.outcome,
        favours=row.favours,
        note=row.note,
    )
