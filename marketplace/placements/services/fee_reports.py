"""A seller tells the office of a fee that a store asked for; the office looks into it and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, mailing
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines, one_line
from .. import queries
from ..models import Agreement, FeeReport, FeeReportState
from ..rules import Side
from ..rules.drafts import MAX_RUPIAH
from .parties import Parties, lock_as, lock_as_side, no_paper, record, tell

MAX_BODY = 4000


@dataclass(frozen=True)
class AskedFee:
    """What was asked of the seller, when, and how it came about."""

    agreement_id: int
    amount_rupiah: int
    asked_on: date
    body: str
    client_key: str = ""


@retry_on_conflict
def report_fee(*, actor: Actor, asked: AskedFee) -> FeeReport:
    """Tell the office of a fee. The store is told nothing. Sent twice with one key it is one report.

    Raises NotFound for anybody but the seller of the agreement, InvalidInput for what cannot be.
    """
    actor.require(Permission.AGREEMENT_ANSWER)
    with unit_of_work() as session:
        agreement = session.get(Agreement, asked.agreement_id)
        if agreement is None:
            raise no_paper()
        parties = lock_as_side(session, actor, agreement.outlet_id, agreement.seller_id, Side.SELLER)
        key = one_line(asked.client_key)[:64] or None
        known = _sent_before(session, agreement.seller_id, key)
        if known is not None:
            return known
        body = lines(asked.body)
        _check(asked, body)
        row = FeeReport(
            agreement_id=agreement.id,
            outlet_id=agreement.outlet_id,
            seller_id=agreement.seller_id,
            amount_rupiah=asked.amount_rupiah,
            asked_on=asked.asked_on,
            body=body,
            state=FeeReportState.NEW.value,
            answer="",
            client_key=key,
            made_at=clock.now(),
            made_by=actor.user_id,
            maker_name=actor.name,
        )
        session.add(row)
        session.flush()
        after = {"amount_rupiah": row.amount_rupiah, "asked_on": row.asked_on}
        record(session, actor, parties, "fee_report.made", row, after=after, reason=body)
        _tell_office(session, parties, row)
        return row


def _sent_before(session: Session, seller_id: int, key: str | None) -> FeeReport | None:
    if key is None:
        return None
    query = select(FeeReport).where(FeeReport.seller_id == seller_id, FeeReport.client_key == key)
    return session.scalars(query).one_or_none()


def _check(asked: AskedFee, body: str) -> None:
    wrong = {}
    if not 0 < asked.amount_rupiah <= MAX_RUPIAH:
        wrong["amount_rupiah"] = _("Tulis jumlah yang diminta, dalam rupiah.")
    if asked.asked_on > clock.today():
        wrong["asked_on"] = _("Hari ini belum lewat. Tulis hari ketika biaya itu diminta.")
    if not body:
        wrong["body"] = _("Tulis siapa yang meminta, untuk apa, dan lewat apa.")
    elif len(body) > MAX_BODY:
        wrong["body"] = _("Paling panjang 4.000 huruf.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), wrong)


@retry_on_conflict
def take_up(*, actor: Actor, report_id: int) -> FeeReport:
    """The office looks into it. Said again nothing changes; RuleBroken once it was answered."""
    with unit_of_work() as session:
        parties, row = _hold(session, actor, report_id)
        if row.state == FeeReportState.NEW:
            row.state = FeeReportState.LOOKING.value
            row.taken_at, row.taken_by = clock.now(), actor.user_id
            record(session, actor, parties, "fee_report.taken_up", row)
        return row


@retry_on_conflict
def close(*, actor: Actor, report_id: int, answer: str) -> FeeReport:
    """The office answers, and the seller reads it. RuleBroken once it was answered."""
    with unit_of_work() as session:
        parties, row = _hold(session, actor, report_id)
        text = lines(answer)
        if not text or len(text) > MAX_BODY:
            sentence = _("Tulis apa yang ditemukan dan apa yang dilakukan. Penjual membacanya.")
            raise InvalidInput(sentence, {"answer": sentence})
        row.state, row.answer = FeeReportState.CLOSED.value, text
        row.closed_at, row.closed_by = clock.now(), actor.user_id
        record(session, actor, parties, "fee_report.closed", row, reason=text)
        tell(session, parties, Side.SELLER, "fee_report_closed", f"/fee-reports/{row.id}", answer=text)
        return row


def _hold(session: Session, actor: Actor, report_id: int) -> tuple[Parties, FeeReport]:
    """A report that waits, for an officer of the outlet's region: outlet, seller, report are locked."""
    actor.require(Permission.DIFFERENCE_DECIDE)
    known = session.get(FeeReport, report_id)
    if known is None:
        raise no_paper()
    parties = lock_as(session, actor, known.outlet_id, known.seller_id)
    if parties.side is not None:
        raise no_paper()
    row = session.get_one(FeeReport, report_id, with_for_update=True, populate_existing=True)
    if row.state == FeeReportState.CLOSED:
        raise RuleBroken(_("Laporan ini sudah dijawab."), code="fee_report_closed")
    return parties, row


def _tell_office(session: Session, parties: Parties, row: FeeReport) -> None:
    for person in queries.parties.officers_of(session, parties.region):
        mailing.send(
            session,
            to=person.email,
            template="fee_report_made",
            locale=person.locale,
            name=person.name,
            seller=parties.seller.name,
            outlet=parties.outlet.name,
            amount_rupiah=row.amount_rupiah,
            body=row.body,
            url=mailing.address(f"/fee-reports/{row.id}"),
        )
