"""A store asks the office before it parts with a seller that counts for its duty."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Actor, Permission
from .. import hooks, queries
from ..models import Agreement, ReplacementRequest, ReplacementState
from ..rules import Side, Verb
from .common import Held, hold, lock_parties, outlet_facts, tell
from .drafts import require_reason


@retry_on_conflict
def ask_replacement(
    *, actor: Actor, agreement_id: int, reason: str, instead: str = "", wanted_on: date | None = None
) -> ReplacementRequest:
    """The store asks to end the agreement of a seller that counts here today, and says why.

    Raises RuleBroken for a seller that does not count (it needs no leave) and Conflict while a request
    waits.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.TERMINATE)
        if held.side is not Side.OUTLET:
            raise RuleBroken(
                _("Hanya toko yang perlu izin Dinas. Anda boleh mengakhiri perjanjian ini sendiri."),
                code="replacement_not_needed",
            )
        require_reason(reason, _("Tulis mengapa usaha ini perlu diganti; Dinas membacanya."))
        if not hooks.counts_here(held.outlet.id, held.seller.id, clock.today()):
            raise RuleBroken(
                _("Usaha ini hari ini tidak dihitung untuk toko Anda. Akhiri saja perjanjiannya."),
                code="replacement_not_needed",
            )
        known = open_or_approved(session, agreement_id)
        if known is not None:
            raise Conflict(
                _("Permintaan penggantian usaha ini sudah ada. Lihat jawabannya di halaman perjanjian."),
                code="replacement_asked",
            )
        row = ReplacementRequest(
            agreement_id=agreement_id,
            state=ReplacementState.OPEN.value,
            reason=reason,
            instead=instead,
            wanted_on=wanted_on,
            asked_by=actor.user_id,
            asked_at=clock.now(),
        )
        session.add(row)
        session.flush()
        _record(session, actor, held.agreement, held.outlet_region, "replacement_asked", reason)
        _tell_office(session, held, row)
        tell(session, held, Side.SELLER, "replacement_asked_seller", by=held.outlet.name, reason=reason)
        return row


def open_or_approved(session: Session, agreement_id: int) -> ReplacementRequest | None:
    """The request that waits or was granted."""
    return session.scalar(
        select(ReplacementRequest)
        .where(
            ReplacementRequest.agreement_id == agreement_id,
            ReplacementRequest.state.in_([ReplacementState.OPEN.value, ReplacementState.APPROVED.value]),
        )
        .order_by(ReplacementRequest.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def require_leave(session: Session, held: Held) -> None:
    """Refuse a store that would part with a counted seller without the office's leave."""
    if held.side is not Side.OUTLET:
        return
    if not hooks.counts_here(held.outlet.id, held.seller.id, clock.today()):
        return
    known = open_or_approved(session, held.agreement.id)
    if known is None or known.state != ReplacementState.APPROVED:
        raise RuleBroken(
            _(
                "%(seller)s hari ini dihitung untuk kuota toko ini. Minta izin penggantian ke Dinas dulu, "
                "lalu akhiri perjanjiannya.",
                seller=held.seller.name,
            ),
            code="seller_counts_here",
        )


def approve_replacement(*, actor: Actor, request_id: int, reason: str = "") -> ReplacementRequest:
    """The office lets the store end the agreement, with the notice that was agreed."""
    return _answer(actor, request_id, ReplacementState.APPROVED, reason)


def decline_replacement(*, actor: Actor, request_id: int, reason: str) -> ReplacementRequest:
    """The office says no, and why."""
    require_reason(reason, _("Tulis alasannya, supaya toko tahu apa yang perlu diperbaiki."))
    return _answer(actor, request_id, ReplacementState.DECLINED, reason)


@retry_on_conflict
def _answer(actor: Actor, request_id: int, state: ReplacementState, reason: str) -> ReplacementRequest:
    actor.require(Permission.REPLACEMENT_DECIDE)
    with unit_of_work() as session:
        row, held = _hold_request(session, request_id)
        if not actor.sees_region(held.outlet_region):
            raise _no_request()
        _close(row, state, actor, reason)
        _record(session, actor, held.agreement, held.outlet_region, f"replacement_{state.value}", reason)
        tell(session, held, Side.OUTLET, f"replacement_{state.value}", reason=reason, by=actor.name)
        return row


@retry_on_conflict
def withdraw_replacement(*, actor: Actor, request_id: int) -> ReplacementRequest:
    """The store takes its request back."""
    actor.require(Permission.AGREEMENT_ANSWER)
    with unit_of_work() as session:
        row, held = _hold_request(session, request_id)
        if actor.operator_id != held.operator_id or actor.operator_id is None:
            raise _no_request()
        _close(row, ReplacementState.WITHDRAWN, actor, "")
        _record(session, actor, held.agreement, held.outlet_region, "replacement_withdrawn", "")
        return row


def _hold_request(session: Session, request_id: int) -> tuple[ReplacementRequest, Held]:
    """A request under its locks, in the order of every act: outlet, seller, agreement, request."""
    agreement_id = session.scalar(
        select(ReplacementRequest.agreement_id).where(ReplacementRequest.id == request_id)
    )
    if agreement_id is None:
        raise _no_request()
    known = session.get_one(Agreement, agreement_id)
    outlet, seller = lock_parties(session, known.outlet_id, known.seller_id)
    agreement = session.get_one(Agreement, agreement_id, with_for_update=True, populate_existing=True)
    row = session.get_one(ReplacementRequest, request_id, with_for_update=True, populate_existing=True)
    facts = outlet_facts(session, outlet.id)
    return row, Held(
        agreement, outlet, seller, facts.region_code, facts.operator_id, facts.kind, Side.OUTLET, []
    )


def _close(row: ReplacementRequest, state: ReplacementState, actor: Actor, reason: str) -> None:
    if row.state != ReplacementState.OPEN:
        raise RuleBroken(_("Permintaan ini sudah dijawab atau ditarik."), code="replacement_answered")
    row.answered_by, row.answered_at, row.answer_reason = actor.user_id, clock.now(), reason
    row.state = state.value


def _no_request() -> NotFound:
    return NotFound(_("Permintaan ini tidak ada, atau bukan untuk akun Anda."))


def _record(
    session: Session, actor: Actor, agreement: Agreement, region: str, action: str, reason: str
) -> None:
    audit.record(session, actor, f"agreement.{action}", agreement, region=region, reason=reason)


def _tell_office(session: Session, held: Held, row: ReplacementRequest) -> None:
    words: dict[str, Any] = {
        "seller": held.seller.name,
        "outlet": held.outlet.name,
        "reason": row.reason,
        "url": mailing.address(f"/office/replacements/{row.id}"),
    }
    for person in queries.parties.officers_of(session, held.outlet_region):
        mailing.send(
            session,
            to=person.email,
            template="replacement_asked",
            locale=person.locale,
            name=person.name,
            **words,
        )
