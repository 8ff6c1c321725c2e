"""Mistakes in sales reports: a line taken back and told anew, a whole report taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_number
from ...permissions import Actor, Permission
from ...stock.models import SaleLine, StockMovement
from ...stock.rules import MAX_QUANTITY, derived_ref
from ...stock.rules.sales import Line
from ...stock.services import Sales, reverse_movement, take_sales
from ...texts import lines as clean_lines
from ..models import Difference, DifferenceKind, DifferenceState, Outcome, ReportSource, SalesReport
from .excess import excess_refs
from .reports import DOCUMENT, check_key, lock_outlet, open_report, refs_of, refuse_all

MOST_LINES = 20_000
"""More lines than this are not taken back at once on a screen: nobody should wait that long."""


@dataclass(frozen=True)
class Correction:
    """What a line should have said; a quantity of zero only takes it back."""

    report_id: int
    line_ref: str
    quantity: int
    unit_price_rupiah: int | None
    reason: str
    client_key: str


def no_report() -> NotFound:
    """What a stranger hears, and whoever asks for one that is not there."""
    return NotFound(_("Laporan ini tidak ada, atau bukan untuk akun Anda."))


@retry_on_conflict
def correct_line(*, actor: Actor, correction: Correction) -> SalesReport:
    """Take a line of a report back on its own day and tell it anew; answers the report that does so.

    Raises NotFound for another's report, RuleBroken once the line was taken back, InvalidInput for numbers.
    Sent twice with one key it is done once.
    """
    actor.require(Permission.SALES_REPORT)
    with unit_of_work() as session:
        report = _hold(session, actor, correction.report_id)
        check_key(correction.client_key)
        _check(correction)
        line = session.get(SaleLine, (report.outlet_id, correction.line_ref))
        if line is None or line.report_id != report.id or line.product_id is None:
            raise no_report()
        made = _made_before(session, actor, correction.client_key)
        is_again = made is not None
        if not is_again:
            _refuse_second(session, report, line)
        made = made or open_report(
            session, report.outlet_id, ReportSource.SCREEN, user_id=actor.user_id,
            client_key=correction.client_key, corrects_id=report.id,
        )  # fmt: skip
        lines = _lines(session, line, correction)
        answer = take_sales(
            actor=actor,
            idempotency_key=derived_ref("correct", correction.client_key),
            sales=Sales(report.outlet_id, lines, report_id=made.id),
        )
        refuse_all(answer, lines, ["line" if one.reverses else "quantity" for one in lines])
        if is_again:
            return made
        _settle_differences(session, actor, report, [line.line_ref], correction.reason)
        after = {"line_ref": line.line_ref, "quantity": correction.quantity, "report_id": made.id}
        audit.record(session, actor, "sales_report.corrected", report, after=after, reason=correction.reason)
        return made


@retry_on_conflict
def reverse_report(*, actor: Actor, report_id: int, reason: str) -> SalesReport:
    """Take a whole report back: every line of it that still stands, each on its own day. Once.

    Raises NotFound for another's report, RuleBroken when it was taken back before or is too long.
    """
    actor.require(Permission.SALES_REPORT)
    with unit_of_work() as session:
        report = _hold(session, actor, report_id)
        if not clean_lines(reason):
            sentence = _("Tulis alasannya. UMKM yang barangnya terkena akan membacanya.")
            raise InvalidInput(sentence, {"reason": sentence})
        if report.corrects_id is not None:
            raise RuleBroken(
                _("Laporan ini sendiri sebuah perbaikan. Buat laporan baru."), code="is_correction"
            )
        standing = _standing(session, report)
        if len(standing) > MOST_LINES:
            raise RuleBroken(
                _(
                    "Laporan ini berisi lebih dari %(count)s baris. Batalkan baris yang keliru satu per "
                    "satu, atau lewat berkas.",
                    count=format_number(MOST_LINES),
                ),
                code="too_long",
            )
        lines = [
            Line(derived_ref("undo", report.id, ref), day.isoformat(), reverses=ref)
            for ref, day, accepted in standing
            if accepted > 0
        ]
        if lines:
            made = open_report(
                session, report.outlet_id, ReportSource.SCREEN, user_id=actor.user_id,
                client_key=f"undo-{report.id:08d}", corrects_id=report.id,
            )  # fmt: skip
            answer = take_sales(
                actor=actor,
                idempotency_key=f"undo:{report.id}",
                sales=Sales(report.outlet_id, lines, report_id=made.id),
            )
            refuse_all(answer, lines, ["line"] * len(lines))
        _settle_differences(session, actor, report, [ref for ref, _day, _n in standing], reason)
        report.reversed_at, report.reversed_by = clock.now(), actor.user_id
        report.reverse_reason = clean_lines(reason)
        audit.record(session, actor, "sales_report.reversed", report, reason=reason)
        return report


def _hold(session: Session, actor: Actor, report_id: int) -> SalesReport:
    """The report under the lock of its outlet, read anew. RuleBroken when it was taken back."""
    outlet_id = session.scalar(select(SalesReport.outlet_id).where(SalesReport.id == report_id))
    if outlet_id is None:
        raise no_report()
    lock_outlet(session, actor, outlet_id)
    report = session.get_one(SalesReport, report_id, populate_existing=True, with_for_update=True)
    if report.reversed_at is not None:
        raise RuleBroken(_("Laporan ini sudah dibatalkan."), code="report_reversed")
    return report


def _check(correction: Correction) -> None:
    wrong = {}
    if not 0 <= correction.quantity <= MAX_QUANTITY:
        wrong["quantity"] = _("Isi jumlah yang benar sebagai angka bulat; 0 bila tidak ada yang terjual.")
    if not clean_lines(correction.reason):
        wrong["reason"] = _("Tulis alasannya. UMKM yang barangnya terkena akan membacanya.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), wrong)


def _lines(session: Session, line: SaleLine, correction: Correction) -> list[Line]:
    day, lines = line.occurred_on.isoformat(), []
    if line.accepted > 0:
        ref = derived_ref("fix", correction.client_key, "back")
        lines.append(Line(ref, day, reverses=line.line_ref))
    if correction.quantity > 0:
        assert line.product_id is not None
        seller_ref, sku = refs_of(session, [line.product_id])[line.product_id]
        ref, price = derived_ref("fix", correction.client_key, "anew"), correction.unit_price_rupiah
        lines.append(Line(ref, day, seller_ref, sku, correction.quantity, price))
    return lines


def _made_before(session: Session, actor: Actor, key: str) -> SalesReport | None:
    """What this form made when it was sent before."""
    return session.scalar(
        select(SalesReport).where(SalesReport.recorded_by == actor.user_id, SalesReport.client_key == key)
    )


def _refuse_second(session: Session, report: SalesReport, line: SaleLine) -> None:
    """A line is corrected once. What was taken of it can be taken back once; where nothing was, we look."""
    if line.accepted > 0:
        return
    query = select(Difference.outcome).where(
        Difference.kind == DifferenceKind.SALE_EXCESS.value,
        Difference.document_kind == DOCUMENT,
        Difference.document_id == report.id,
        Difference.line_ref == line.line_ref,
    )
    if session.scalar(query) == Outcome.STORE_CORRECTS:
        raise RuleBroken(
            _("Baris ini sudah diperbaiki. Catat penjualan yang lain dalam laporan baru."),
            code="line_corrected",
        )


def _standing(session: Session, report: SalesReport) -> list[tuple[str, date, int]]:
    """The sales of a report that nobody has taken back: line_ref, day, units accepted."""
    query = select(SaleLine.line_ref, SaleLine.occurred_on, SaleLine.accepted, SaleLine.movement_ref).where(
        SaleLine.report_id == report.id, SaleLine.reverses.is_(None)
    )
    rows = session.execute(query.order_by(SaleLine.line_ref)).all()
    reversed_refs = _reversed(session, [row.movement_ref for row in rows if row.accepted > 0])
    return [
        (row.line_ref, row.occurred_on, row.accepted) for row in rows if row.movement_ref not in reversed_refs
    ]


def _reversed(session: Session, refs: list[str]) -> set[str]:
    """Which of these movements were taken back."""
    found: set[str] = set()
    back = aliased(StockMovement)
    for start in range(0, len(refs), 900):
        query = select(StockMovement.movement_ref).where(
            StockMovement.movement_ref.in_(refs[start : start + 900]),
            select(back.id).where(back.reverses_id == StockMovement.id).exists(),
        )
        found.update(session.scalars(query))
    return found


def _settle_differences(
    session: Session, actor: Actor, report: SalesReport, line_refs: list[str], reason: str
) -> None:
    """The store has corrected these lines: what was open about them is settled, what was booked goes back."""
    wanted = set(line_refs)
    rows = session.scalars(
        select(Difference)
        .where(
            Difference.kind == DifferenceKind.SALE_EXCESS.value,
            Difference.document_kind == DOCUMENT,
            Difference.document_id == report.id,
        )
        .order_by(Difference.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for row in rows:
        if row.line_ref not in wanted:
            continue
        if row.state == DifferenceState.OPEN:
            row.state = DifferenceState.SETTLED.value
            row.settled_at, row.settled_by = clock.now(), actor.user_id
        row.outcome, row.favours, row.note = Outcome.STORE_CORRECTS.value, None, reason
        for ref, day in excess_refs(session, row.id):
            reverse_movement(ref, actor=actor, occurred_on=day)
