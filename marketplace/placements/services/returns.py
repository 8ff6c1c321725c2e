"""Return notes: the store puts goods aside, their maker fetches them, and only then they leave the shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, documents
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput
from ...i18n import _, format_number
from ...permissions import Actor, Permission
from ...stock.models import MovementKind
from ...stock.rules import Movement, derived_ref
from ...stock.services import post_movements
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import ReturnLine, ReturnNote, ReturnState
from ..rules import Side
from ..rules.returns import ReturnVerb, fetch_by, require_return
from .parties import Parties, lock_as_side, record, tell
from .return_lines import TakenLine, check_lines, lines_of, lock_note, terms_of_pair

KIND = "return"


@dataclass(frozen=True)
class ReturnDraft:
    """A return note as the store writes it."""

    outlet_id: int
    seller_id: int
    lines: Sequence[TakenLine]
    note: str = ""
    client_key: str = ""


@retry_on_conflict
def make_return(*, actor: Actor, draft: ReturnDraft) -> ReturnNote:
    """Put goods aside for their maker. They stay on the shelf's balance, for the store still holds them.

    The same form sent twice (its `client_key`) is one note. Raises NotFound for a stranger, InvalidInput for
    more than the shelf holds or a reason that does not fit the lot.
    """
    actor.require(Permission.RETURN_MAKE)
    with unit_of_work() as session:
        parties = lock_as_side(session, actor, draft.outlet_id, draft.seller_id, Side.OUTLET)
        key = one_line(draft.client_key)[:64] or None
        known = _sent_before(session, draft.outlet_id, key)
        if known is not None:
            return known
        today = clock.today()
        check_lines(session, parties, draft.lines, today)
        agreement_id, terms = terms_of_pair(session, parties, today)
        number = documents.next_number(session, f"return:{parties.operator_id}:{today.year}")
        note = ReturnNote(
            number=f"RT/{today.year}/{number:04d}",
            code=documents.new_code(),
            client_key=key,
            operator_id=parties.operator_id,
            outlet_id=parties.outlet.id,
            seller_id=parties.seller.id,
            agreement_id=agreement_id,
            state=ReturnState.WAITING.value,
            made_on=today,
            fetch_by=fetch_by(today, terms),
            note=clean_lines(draft.note)[:2000],
            made_at=clock.now(),
            made_by=actor.user_id,
            maker_name=actor.name,
        )
        session.add(note)
        session.flush()
        for position, line in enumerate(draft.lines, start=1):
            session.add(
                ReturnLine(
                    return_note_id=note.id,
                    position=position,
                    product_id=line.product_id,
                    lot_code=line.lot_code,
                    expires_on=line.expires_on,
                    quantity=line.quantity,
                    reason=line.reason.value,
                )
            )
        session.flush()
        record(session, actor, parties, "return.made", note)
        units = sum(line.quantity for line in draft.lines)
        _tell(session, parties, Side.SELLER, note, "return_made", units=units)
        return note


@retry_on_conflict
def fetch_return(*, actor: Actor, return_id: int, fetched: Mapping[int, int] | None = None) -> ReturnNote:
    """The maker has fetched it, once: `fetched` by the id of each line, or None for all of it.

    Only what was fetched leaves the shelf; the rest stays there. Raises RuleBroken when it was fetched,
    destroyed or called off already, or the shelf holds less by now.
    """
    actor.require(Permission.RETURN_FETCH)
    with unit_of_work() as session:
        parties, note = lock_note(session, actor, return_id, Side.SELLER)
        act = require_return(ReturnVerb.FETCH, ReturnState(note.state))
        today = clock.today()
        written = lines_of(session, note.id)
        _write_fetched(written, fetched)
        note.state, note.fetched_on = act.target.value, today
        note.fetched_at, note.fetched_by, note.fetcher_name = clock.now(), actor.user_id, actor.name
        session.flush()
        movements = [_movement(note, line) for line in written if line.fetched]
        if movements:
            post_movements(actor=actor, movements=movements)
        units = sum(line.fetched or 0 for line in written)
        record(session, actor, parties, "return.fetched", note, after={"units": units})
        _tell(session, parties, Side.OUTLET, note, "return_fetched", units=units)
        return note


@retry_on_conflict
def cancel_return(*, actor: Actor, return_id: int, reason: str = "") -> ReturnNote:
    """Call it off: the goods go back among the others."""
    actor.require(Permission.RETURN_MAKE)
    with unit_of_work() as session:
        parties, note = lock_note(session, actor, return_id, Side.OUTLET)
        act = require_return(ReturnVerb.CANCEL, ReturnState(note.state))
        reason = clean_lines(reason)[:1000]
        if not reason:
            sentence = _("Tulis alasan singkat, supaya pembuatnya tidak datang sia-sia.")
            raise InvalidInput(sentence, {"reason": sentence})
        note.state, note.cancel_reason = act.target.value, reason
        note.cancelled_at, note.cancelled_by = clock.now(), actor.user_id
        record(session, actor, parties, "return.cancelled", note, reason=reason)
        _tell(session, parties, Side.SELLER, note, "return_cancelled", reason=reason)
        return note


def _sent_before(session: Session, outlet_id: int, key: str | None) -> ReturnNote | None:
    if key is None:
        return None
    query = select(ReturnNote).where(ReturnNote.outlet_id == outlet_id, ReturnNote.client_key == key)
    return session.scalars(query).one_or_none()


def _write_fetched(written: Sequence[ReturnLine], fetched: Mapping[int, int] | None) -> None:
    wrong: dict[str, str] = {}
    for line in written:
        units = line.quantity if fetched is None else fetched.get(line.id, 0)
        if not 0 <= units <= line.quantity:
            most = format_number(line.quantity)
            wrong[f"line-{line.id}"] = _("Tulis angka dari 0 sampai %(most)s.", most=most)
        else:
            line.fetched = units
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    if not any(line.fetched for line in written):
        sentence = _("Isi jumlah yang diambil. Bila tidak jadi diambil, biarkan retur ini menunggu.")
        raise InvalidInput(sentence, {"lines": sentence})


def _movement(note: ReturnNote, line: ReturnLine) -> Movement:
    assert line.fetched
    assert note.fetched_on
    return Movement(
        movement_ref=derived_ref(KIND, note.id, line.position),
        kind=MovementKind.RETURN,
        outlet_id=note.outlet_id,
        seller_id=note.seller_id,
        product_id=line.product_id,
        quantity=line.fetched,
        occurred_on=note.fetched_on,
        lot=line.lot_code,
        expires_on=line.expires_on,
        note=note.number,
        cause_kind=KIND,
        cause_id=note.id,
    )


def _tell(
    session: Session, parties: Parties, side: Side, note: ReturnNote, template: str, **words: object
) -> None:
    tell(
        session,
        parties,
        side,
        template,
        f"/returns/{note.id}",
        number=note.number,
        fetch_by=note.fetch_by.isoformat() if note.fetch_by else None,
        **words,
    )
