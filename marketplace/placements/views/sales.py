"""Sales reports on screen: the list, a report by hand, one report with its lines, corrections."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Actor, Permission, current_actor, protected
from ...stock.models import MovementKind
from ...stock.queries import MovementFilter, movements
from ...texts import lines, one_line
from ...web import Page, page_number, page_within
from ..models import ReportSource
from ..queries import sales as reads
from ..queries.reporting import SilentOutlet, WorkedOutlet, outlet_of, outlets_worked_by, silent_outlets
from ..services.corrections import correct_line, no_report, reverse_report
from ..services.reports import report_by_hand
from .sales_form import CorrectionForm, ReportForm, new_key

blueprint = Blueprint("sales", __name__, url_prefix="/sales")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id", "outlet_name", "source", "first_on", "last_on", "is_zero", "late_days", "line_count", "units",
    "missing_units", "refused_count", "recorded_at", "reversed_at", "corrects_id",
)  # fmt: skip
LINE_COLUMNS = (
    "line_ref", "occurred_on", "seller_name", "product_name", "sku", "accepted", "difference",
    "unit_price_rupiah", "reverses", "is_reversed", "flagged_rupiah",
)  # fmt: skip
SOLD_COLUMNS = (
    "occurred_on", "outlet_name", "product_name", "sku", "change", "unit_price_rupiah", "lot",
    "movement_ref", "reverses_ref",
)  # fmt: skip
SOURCES = set(ReportSource)
ONLY = ("late", "zero", "differing", "reversed")
LOOK_BACK = timedelta(days=30)
MOST_FILE_ROWS = 100_000


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def reports() -> str | Response:
    """Reports of one's outlets, or of a region; a maker sees what sold of its own goods."""
    actor = current_actor()
    if actor.seller_id is not None and not actor.is_office:
        return _sold(actor)
    asked = read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows, _total = reads.reports_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "laporan-penjualan")
    _rows, total = reads.reports_of(actor, asked, size=0)
    number = page_within(total, reads.PAGE_SIZE)
    rows, _total = reads.reports_of(actor, asked, number=number)
    silent = silent_outlets(actor)
    return render_template(
        "placements/sales.html",
        page=Page(rows, number, total, reads.PAGE_SIZE),
        asked=asked,
        silent=silent,
        may_report=actor.can(Permission.SALES_REPORT) and actor.operator_id is not None,
    )


def read_filter() -> reads.ReportFilter:
    """The filters in the address; what is unknown is left out."""
    source, only = request.args.get("source", ""), request.args.get("only", "")
    return reads.ReportFilter(
        q=one_line(request.args.get("q"))[:200],
        outlet_id=request.args.get("outlet_id", type=int),
        source=source if source in SOURCES else "",
        only=only if only in ONLY else "",
    )


def _sold(actor: Actor) -> str | Response:
    """What sold of a maker's goods, row by row of the ledger, and which stores are silent."""
    wanted = MovementFilter(
        outlet_id=request.args.get("outlet_id", type=int),
        kind=MovementKind.SALE,
        seller_id=actor.seller_id,
    )
    if request.args.get("format") in {"csv", "xlsx"}:
        rows, _total = movements(actor, wanted, size=MOST_FILE_ROWS)
        cells = ([getattr(row, name) for name in SOLD_COLUMNS] for row in rows)
        return table_response(request.args["format"], SOLD_COLUMNS, cells, "penjualan")
    _rows, total = movements(actor, wanted, size=0)
    number = page_within(total, reads.PAGE_SIZE)
    rows, _total = movements(actor, wanted, page=number, size=reads.PAGE_SIZE)
    return render_template(
        "placements/sold.html",
        page=Page(rows, number, total, reads.PAGE_SIZE),
        silent=silent_outlets(actor),
    )


@blueprint.get("/silent")
@protected(Permission.STOCK_VIEW)
def silent() -> str | Response:
    """Stores that tell nothing of their sales, the longest first."""
    found = silent_outlets(current_actor())
    if request.args.get("format") in {"csv", "xlsx"}:
        columns = SilentOutlet.__slots__
        cells = ([getattr(row, name) for name in columns] for row in found)
        return table_response(request.args["format"], columns, cells, "toko-belum-melapor")
    number = page_number()
    shown = found[(number - 1) * reads.PAGE_SIZE : number * reads.PAGE_SIZE]
    return render_template("placements/silent.html", page=Page(shown, number, len(found), reads.PAGE_SIZE))


# --- by hand ------------------------------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.SALES_REPORT)
def new() -> str | Response | tuple[str, int]:
    """Report an outlet's sales by hand: one page with what stands on its shelf."""
    actor = current_actor()
    outlet_id = request.values.get("outlet_id", type=int)
    if outlet_id is None:
        return _choose(actor)
    outlet = outlet_of(actor, outlet_id)
    if outlet is None:
        raise NotFound(_("Toko ini tidak ada, atau bukan toko Anda."))
    items = reads.shelf_of(outlet.id, with_empty_since=clock.today() - LOOK_BACK)
    if request.method == "GET":
        last = reads.last_reports([outlet.id]).get(outlet.id)
        first = last + timedelta(days=1) if last else clock.today()
        return _new_page(outlet, ReportForm.fresh(items, first))
    form = ReportForm.sent(items, request.form)
    report = form.report(outlet.id)
    if report is not None:
        try:
            row = report_by_hand(actor=actor, report=report)
        except InvalidInput as error:
            form.take(error.fields)
            if not error.fields:
                form.errors["key"] = error.message
        else:
            flash(_("Laporan tersimpan. Terima kasih; UMKM langsung melihatnya."), "ok")
            return redirect(url_for(".report", report_id=row.id))
    return _new_page(outlet, form), 422


def _choose(actor: Actor) -> str | Response:
    """Which outlet; with one there is nothing to choose."""
    outlets = outlets_worked_by(actor)
    if len(outlets) == 1:
        return redirect(url_for(".new", outlet_id=outlets[0].id))
    return render_template(
        "placements/sales_choose.html",
        outlets=outlets,
        last=reads.last_reports([outlet.id for outlet in outlets]),
        silent={row.outlet_id: row for row in silent_outlets(actor)},
    )


def _new_page(outlet: WorkedOutlet, form: ReportForm) -> str:
    last = reads.last_reports([outlet.id]).get(outlet.id)
    return render_template("placements/sales_new.html", outlet=outlet, form=form, last=last)


# --- one report ---------------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}:report_id>")
@protected(Permission.STOCK_VIEW)
def report(report_id: int) -> str | Response:
    """One report with its lines, what differs and what was flagged."""
    row = _report(report_id)
    if request.args.get("format") in {"csv", "xlsx"}:
        found = reads.lines_of(report_id, size=MOST_FILE_ROWS)
        cells = ([getattr(line, name) for name in LINE_COLUMNS] for line in found)
        return table_response(request.args["format"], LINE_COLUMNS, cells, f"laporan-{report_id}")
    number = page_within(row.line_count, reads.LINES_SIZE)
    return render_template(
        "placements/sales_report.html",
        row=row,
        page=Page(reads.lines_of(report_id, number=number), number, row.line_count, reads.LINES_SIZE),
        corrections=reads.corrections_of(report_id),
        may_correct=_may_correct(row),
    )


def _report(report_id: int) -> reads.ReportRow:
    row = reads.report_for(current_actor(), report_id)
    if row is None:
        raise no_report()
    return row


def _may_correct(row: reads.ReportRow) -> bool:
    actor = current_actor()
    return (
        row.reversed_at is None
        and actor.can(Permission.SALES_REPORT)
        and outlet_of(actor, row.outlet_id) is not None
    )


@blueprint.route(f"/<{ID}:report_id>/correct", methods=["GET", "POST"])
@protected(Permission.SALES_REPORT)
def correct(report_id: int) -> str | Response | tuple[str, int]:
    """Take one line back and tell it anew."""
    row, line_ref = _report(report_id), request.values.get("line_ref", "")
    line = next(iter(reads.lines_of(report_id, line_ref=line_ref, size=1)), None)
    if line is None or line.reverses is not None:
        raise no_report()
    if request.method == "GET":
        quantity, price = line.accepted + line.difference, line.unit_price_rupiah
        fresh = CorrectionForm(str(quantity), "" if price is None else str(price), "", new_key())
        return render_template("placements/sales_correct.html", row=row, line=line, form=fresh)
    form = CorrectionForm.sent(request.form)
    correction = form.correction(report_id, line_ref)
    if correction is not None:
        try:
            made = correct_line(actor=current_actor(), correction=correction)
        except InvalidInput as error:
            form.errors |= error.fields or {"key": error.message}
        else:
            flash(_("Baris diperbaiki. Kedua catatan, yang lama dan yang baru, tetap terbaca."), "ok")
            return redirect(url_for(".report", report_id=made.id))
    return render_template("placements/sales_correct.html", row=row, line=line, form=form), 422


@blueprint.route(f"/<{ID}:report_id>/reverse", methods=["GET", "POST"])
@protected(Permission.SALES_REPORT)
def reverse(report_id: int) -> str | Response | tuple[str, int]:
    """Take a whole report back."""
    row = _report(report_id)
    if request.method == "GET" and not _may_correct(row):
        return redirect(url_for(".report", report_id=report_id))
    errors: dict[str, str] = {}
    reason = lines(request.form.get("reason"))[:1000]
    if request.method == "POST":
        try:
            reverse_report(actor=current_actor(), report_id=report_id, reason=reason)
        except InvalidInput as error:
            errors = dict(error.fields) or {"reason": error.message}
        else:
            flash(_("Laporan dibatalkan. Barangnya kembali tercatat di rak."), "ok")
            return redirect(url_for(".report", report_id=report_id))
    page = render_template("placements/sales_reverse.html", row=row, errors=errors, reason=reason)
    return (page, 422) if errors else page
