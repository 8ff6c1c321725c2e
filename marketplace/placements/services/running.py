"""What may happen to an accepted agreement: a pause, its end, an early end."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from ... import clock
from ...clock import LAST_DAY
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _, format_day
from ...permissions import Actor
from ..models import Agreement, Suspension
from ..queries.versions import terms_on
from ..rules import Days, Verb, days_in_force, overlaps
from ..rules.days import ONE_DAY
from .common import evidence_from, hold, record, tell
from .replacements import require_leave


@retry_on_conflict
def suspend_agreement(
    *, actor: Actor, agreement_id: int, first_day: date, last_day: date | None, reason: str
) -> Agreement:
    """Stop an agreement for some days (open: until it is resumed); neither side may do it for the past."""
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.SUSPEND)
        today = clock.today()
        wrong = {}
        if first_day < today:
            wrong["first_day"] = _("Penangguhan paling awal mulai hari ini, %(day)s.", day=format_day(today))
        if last_day is not None and last_day < first_day:
            wrong["last_day"] = _("Hari terakhir tidak boleh sebelum hari pertama.")
        _require(reason, wrong, _("Tulis alasan penangguhan."))
        end = LAST_DAY if last_day is None or last_day == LAST_DAY else last_day + ONE_DAY
        days = Days(first_day, end)
        if any(overlaps(days, Days(pause.first_day, pause.end_day)) for pause in held.suspensions):
            raise RuleBroken(
                _("Sudah ada penangguhan pada hari-hari itu. Lanjutkan dulu, lalu tangguhkan lagi."),
                code="already_suspended",
            )
        if not overlaps(days, _days(held.agreement)):
            raise RuleBroken(_("Perjanjian ini tidak berlaku pada hari-hari itu."), code="not_in_force")
        session.add(
            Suspension(
                agreement_id=agreement_id,
                first_day=first_day,
                end_day=end,
                reason=reason,
                recorded_at=clock.now(),
                recorded_by=actor.user_id,
            )
        )
        record(
            session,
            actor,
            held,
            "suspended",
            after={"first_day": first_day, "last_day": last_day},
            reason=reason,
        )
        tell(
            session,
            held,
            held.side.other,
            "agreement_suspended",
            by=held.party(held.side),
            reason=reason,
            first_day=first_day.isoformat(),
            last_day=last_day.isoformat() if last_day else None,
        )
        evidence_from(session, held.outlet.id, first_day)
        return held.agreement


@retry_on_conflict
def resume_agreement(*, actor: Actor, agreement_id: int) -> Agreement:
    """End the running suspension, so that today is in force again, or drop the one that is planned."""
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.RESUME)
        today = clock.today()
        pause = next((pause for pause in held.suspensions if pause.end_day > today), None)
        if pause is None:
            raise RuleBroken(_("Perjanjian ini tidak sedang ditangguhkan."), code="not_suspended")
        before = {"first_day": pause.first_day, "end_day": pause.end_day}
        from_day = max(today, pause.first_day)
        if pause.first_day >= today:
            session.delete(pause)
        else:
            pause.end_day = today
        record(session, actor, held, "resumed", before=before)
        tell(session, held, held.side.other, "agreement_resumed", by=held.party(held.side))
        evidence_from(session, held.outlet.id, from_day)
        return held.agreement


@retry_on_conflict
def terminate_agreement(*, actor: Actor, agreement_id: int, terminated_on: date, reason: str) -> Agreement:
    """End an agreement early. `terminated_on` is the first day without it: today plus the agreed notice.

    A store that would part with a seller that counts for its duty needs the office's leave first.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.TERMINATE)
        row, today = held.agreement, clock.today()
        wrong = {}
        earliest = today + timedelta(days=notice_days(session, agreement_id))
        if terminated_on < today:
            wrong["terminated_on"] = _(
                "Hari pertama tanpa perjanjian paling awal hari ini, %(day)s.", day=format_day(today)
            )
        elif terminated_on < min(earliest, _days(row).end):
            wrong["terminated_on"] = _(
                "Pengakhiran disepakati diberitahukan dulu: paling awal %(day)s. Bila perlu lebih cepat, "
                "usulkan perubahan hari terakhir; pihak lain harus setuju.",
                day=format_day(earliest),
            )
        elif terminated_on >= _days(row).end:
            wrong["terminated_on"] = _(
                "Perjanjian ini sudah berakhir sebelum %(day)s. Pilih hari yang lebih awal.",
                day=format_day(terminated_on),
            )
        _require(reason, wrong, _("Tulis alasan mengakhiri perjanjian."))
        require_leave(session, held)
        before = {"terminated_on": row.terminated_on}
        row.terminated_on, row.termination_reason = terminated_on, reason
        record(
            session,
            actor,
            held,
            "terminated",
            before=before,
            after={"terminated_on": terminated_on},
            reason=reason,
        )
        tell(
            session,
            held,
            held.side.other,
            "agreement_terminated",
            by=held.party(held.side),
            reason=reason,
            terminated_on=terminated_on.isoformat(),
        )
        evidence_from(session, held.outlet.id, terminated_on)
        return row


def notice_days(session: Session, agreement_id: int) -> int:
    """How many days before it ends an agreement must be given notice of, by the terms of today."""
    terms = terms_on(session, agreement_id, clock.today())
    return terms.end_notice_days if terms else 0


def _days(row: Agreement) -> Days:
    return days_in_force(row.starts_on, row.ends_on, row.terminated_on)


def _require(reason: str, wrong: dict[str, str], sentence: str) -> None:
    if not reason:
        wrong["reason"] = sentence
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)
