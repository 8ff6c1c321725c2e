"""Yes, no, or taken back: what becomes of the version on the table. Nothing is accepted by silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, MarketplaceError, NotFound, RuleBroken
from ...i18n import _, format_day
from ...permissions import Actor
from .. import queries
from ..models import Agreement, AgreementState, AgreementVersion, Basis, VersionState
from ..rules import ONE_DAY, Verb, days_in_force
from .agreement_papers import issue_paper
from .common import Held, Proposed, Refused, evidence_from, hold, record, tell
from .drafts import answer, check_fees, check_free, copy_terms, require_reason, said


@retry_on_conflict
def accept_agreement(*, actor: Actor, agreement_id: int, version_id: int | None = None) -> Agreement:
    """The asked side says yes to the version on the table.

    A first version holds from its first day, or from today when that has passed; a change from the day it
    names, never for the past. `version_id` is the version that was read. Raises RuleBroken once it was
    answered, withdrawn or has lapsed, Conflict when another is on the table; of two who accept at once,
    one does.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.ACCEPT)
        version = on_table(held, version_id)
        check_fees(session, held.seller, held.outlet_kind, queries.versions.fees_of(version), clock.today())
        if held.agreement.state == AgreementState.PROPOSED:
            _begin(session, actor, held, version)
        else:
            _change(session, actor, held, version)
        issue_paper(session, held, version)
        return held.agreement


def accept_agreements(*, actor: Actor, agreement_ids: Sequence[int]) -> Proposed:
    """Say yes to several proposals, each on its own; those that cannot be accepted any more say why."""
    made, refused = [], []
    for agreement_id in dict.fromkeys(agreement_ids):
        try:
            made.append(accept_agreement(actor=actor, agreement_id=agreement_id))
        except (RuleBroken, Conflict, NotFound) as error:
            refused.append(Refused(0, 0, error.message, error.code))
    return Proposed(made, refused)


def _begin(session: Session, actor: Actor, held: Held, version: AgreementVersion) -> None:
    row, today = held.agreement, clock.today()
    before = {"state": row.state, "starts_on": row.starts_on}
    starts_on = max(version.starts_on, today)
    _refuse_if_over(version, starts_on)
    days = days_in_force(starts_on, version.ends_on, None)
    check_free(session, row.outlet_id, row.seller_id, Basis(version.basis), days, without=row.id)
    version.starts_on = version.valid_from = starts_on
    answer(version, VersionState.ACCEPTED, actor)
    copy_terms(row, version)
    row.state = AgreementState.ACCEPTED.value
    session.flush()
    record(session, actor, held, "accepted", before=before, after=said(version))
    tell(session, held, held.side.other, "agreement_accepted", by=held.party(held.side))
    evidence_from(session, row.outlet_id, starts_on)


def _change(session: Session, actor: Actor, held: Held, version: AgreementVersion) -> None:
    row, today = held.agreement, clock.today()
    if held.condition(today).value in {"ended", "declined", "withdrawn"} or row.terminated_on is not None:
        raise RuleBroken(
            _("Perjanjian ini sudah berakhir. Ajukan perjanjian baru bila ingin meneruskan."),
            code="agreement_ended",
        )
    latest = last_accepted(session, row.id)
    valid_from = max(version.valid_from, today, latest.valid_from)
    _refuse_if_over(version, max(today, valid_from))
    days = days_in_force(max(row.starts_on, today), version.ends_on, None)
    check_free(session, row.outlet_id, row.seller_id, Basis(version.basis), days, without=row.id)
    before, ended_on = said(latest), row.ends_on
    version.starts_on, version.valid_from = row.starts_on, valid_from
    answer(version, VersionState.ACCEPTED, actor)
    copy_terms(row, version)
    session.flush()
    record(session, actor, held, "changed", before=before, after=said(version))
    tell(session, held, held.side.other, "agreement_changed", by=held.party(held.side))
    if ended_on != row.ends_on:
        first = min(day for day in (ended_on, row.ends_on) if day is not None)
        evidence_from(session, row.outlet_id, first + ONE_DAY)


def _refuse_if_over(version: AgreementVersion, day: date) -> None:
    if version.ends_on is not None and version.ends_on < day:
        raise RuleBroken(
            _(
                "Hari terakhir yang ditawarkan, %(day)s, sudah lewat. Minta tawaran baru.",
                day=format_day(version.ends_on),
            ),
            code="agreement_over",
        )


@retry_on_conflict
def decline_agreement(
    *, actor: Actor, agreement_id: int, reason: str, version_id: int | None = None
) -> Agreement:
    """The asked side says no and why, so that the next proposal may be better.

    A declined first version ends the talks; a declined change leaves the agreement as it was.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.DECLINE)
        require_reason(reason, _("Tulis alasan singkat, supaya pengusul tahu apa yang perlu diubah."))
        return _close(session, actor, held, on_table(held, version_id), VersionState.DECLINED, reason)


@retry_on_conflict
def withdraw_agreement(
    *, actor: Actor, agreement_id: int, reason: str = "", version_id: int | None = None
) -> Agreement:
    """The proposing side takes its proposal, or its change, back before it was answered."""
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.WITHDRAW)
        return _close(session, actor, held, on_table(held, version_id), VersionState.WITHDRAWN, reason)


def _close(
    session: Session, actor: Actor, held: Held, version: AgreementVersion, state: VersionState, reason: str
) -> Agreement:
    row, words = held.agreement, {"by": held.party(held.side), "reason": reason}
    answer(version, state, actor, reason)
    if row.state == AgreementState.PROPOSED:
        row.state = AgreementState(state.value).value
        record(session, actor, held, state.value, before={"state": "proposed"}, reason=reason)
        tell(session, held, held.side.other, f"agreement_{state.value}", **words)
    else:
        record(session, actor, held, f"change_{state.value}", before=said(version), reason=reason)
        tell(session, held, held.side.other, f"agreement_change_{state.value}", **words)
    session.flush()
    return row


def on_table(held: Held, version_id: int | None) -> AgreementVersion:
    """The version that waits for an answer; Conflict when it is not the one that was read."""
    if held.waiting is None:
        raise RuleBroken(_("Tidak ada usulan yang menunggu jawaban."), code="nothing_waiting")
    if version_id is not None and held.waiting.id != version_id:
        raise Conflict(
            _("Syaratnya sudah berubah sejak Anda membacanya. Baca usulan yang terbaru, lalu jawab."),
            code="another_version",
        )
    return held.waiting


def last_accepted(session: Session, agreement_id: int) -> AgreementVersion:
    """The version that both accepted last."""
    query = (
        select(AgreementVersion)
        .where(
            AgreementVersion.agreement_id == agreement_id,
            AgreementVersion.state == VersionState.ACCEPTED.value,
        )
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    )
    found = session.scalar(query)
    if found is None:
        raise MarketplaceError(_("Perjanjian ini belum punya syarat yang disetujui."), code="no_version")
    return found
