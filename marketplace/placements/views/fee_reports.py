"""Fees that a store asked for outside the agreement: the seller tells, the office answers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock, throttle
from ...errors import InvalidInput
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from ..forms import AnswerForm, FeeReportForm, take_refusals
from ..models import FeeReportState
from ..queries import AgreementPage
from ..queries import fee_reports as reads
from ..queries.fee_reports import FeeReportPage, FeeReportRow
from ..rules import Side
from ..services import fee_reports as services
from ..services.fee_reports import AskedFee
from ..services.parties import no_paper
from .agreements import ID, load
from .agreements import blueprint as agreements

blueprint = Blueprint("fee_reports", __name__, url_prefix="/fee-reports")
COLUMNS = (
    "agreement_ref", "outlet_name", "seller_name", "amount_rupiah", "asked_on", "state", "body", "made_at",
    "answer", "closed_at",
)  # fmt: skip
REPORTS = "20 per hour"
STATE_WORDS = {
    FeeReportState.NEW: N_("Baru"),
    FeeReportState.LOOKING: N_("Sedang ditelusuri"),
    FeeReportState.CLOSED: N_("Selesai"),
}


def agreement_panel(page: AgreementPage) -> Markup:
    """On an agreement: the seller's way to tell of a fee, and what was told; nothing for the store."""
    actor = current_actor()
    if page.side is Side.OUTLET:
        return Markup("")
    rows = reads.reports_on(actor, page.agreement.id)
    may_tell = page.side is Side.SELLER and actor.can(Permission.AGREEMENT_ANSWER)
    html = render_template(
        "placements/fee_panel.html", page=page, rows=rows, may_tell=may_tell, words=STATE_WORDS
    )
    return Markup(html)  # noqa: S704 - a template's own output


@agreements.route(f"/<{ID}:agreement_id>/fee", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_ANSWER)
def tell_of_fee(agreement_id: int) -> str | Response:
    """Tell the office of a fee that the store asked for."""
    page = load(agreement_id)
    if page.side is not Side.SELLER:
        raise no_paper()
    form = FeeReportForm(asked_on=clock.today())
    if form.validate_on_submit():
        throttle.check_and_count("fee_report", str(current_actor().user_id), REPORTS)
        asked = AskedFee(
            agreement_id,
            form.amount_rupiah.data or 0,
            form.asked_on.data or clock.today(),
            form.body.data or "",
            request.form.get("key", ""),
        )
        try:
            row = services.report_fee(actor=current_actor(), asked=asked)
        except InvalidInput as error:
            take_refusals(form, error.fields)
        else:
            flash(_("Laporan terkirim ke Dinas. Toko tidak diberi tahu."), "ok")
            return redirect(url_for("fee_reports.report", report_id=row.id))
    return render_template("placements/fee_report_new.html", page=page, form=form)


@blueprint.get("")
@protected(Permission.AGREEMENT_VIEW)
def reports() -> str | Response:
    """The actor's reports, the new ones first; as a file with ?format=csv or xlsx."""
    actor, q = current_actor(), one_line(request.args.get("q"))[:200]
    if actor.operator_id is not None:
        raise no_paper()
    state = request.args.get("state", "")
    state = state if state in reads.STATES else ""
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.reports_of(actor, q=q, state=state, size=None)
        return table_response(
            request.args["format"], COLUMNS, map(_cells, rows), "laporan-biaya", {"state": STATE_WORDS}
        )
    counts = reads.count_by_state(actor, q)
    total = counts.get(state, 0) if state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "placements/fee_reports.html",
        page=Page(reads.reports_of(actor, q=q, state=state, number=number), number, total, reads.PAGE_SIZE),
        counts=counts,
        q=q,
        state=state,
        words=STATE_WORDS,
    )


def _cells(row: FeeReportRow) -> list[object]:
    return [getattr(row, name) if hasattr(row, name) else getattr(row.report, name) for name in COLUMNS]


@blueprint.get(f"/<{ID}:report_id>")
@protected(Permission.AGREEMENT_VIEW)
def report(report_id: int) -> str:
    """One report, with the office's answer."""
    return _show(_load(report_id), AnswerForm())


def _load(report_id: int) -> FeeReportPage:
    page = reads.report_page(current_actor(), report_id)
    if page is None:
        raise no_paper()
    return page


def _show(page: FeeReportPage, form: AnswerForm) -> str:
    return render_template("placements/fee_report.html", page=page, form=form, words=STATE_WORDS)


@blueprint.post(f"/<{ID}:report_id>/take-up")
@protected(Permission.DIFFERENCE_DECIDE)
def take_up(report_id: int) -> Response:
    """The office looks into it."""
    services.take_up(actor=current_actor(), report_id=report_id)
    flash(_("Tercatat: laporan ini sedang ditelusuri."), "ok")
    return redirect(url_for(".report", report_id=report_id))


@blueprint.post(f"/<{ID}:report_id>/close")
@protected(Permission.DIFFERENCE_DECIDE)
def close(report_id: int) -> tuple[str, int] | Response:
    """The office answers."""
    form = AnswerForm()
    try:
        services.close(actor=current_actor(), report_id=report_id, answer=form.answer.data or "")
    except InvalidInput as error:
        take_refusals(form, error.fields)
        return _show(_load(report_id), form), 422
    flash(_("Jawaban terkirim. Penjual kami beri tahu."), "ok")
    return redirect(url_for(".report", report_id=report_id))
