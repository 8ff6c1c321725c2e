"""Issued reports: the list, issuing one, its page and its files."""

from __future__ import annotations

import json
import re

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ... import clock, web
from ... import documents as core_documents
from ...errors import InvalidInput, MarketplaceError, NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from .. import documents, services
from ..forms import IssueForm
from ..models import IssuedReport
from ..queries import issued_report, issued_reports
from ..queries.reports import corrections_of, thaw
from .blueprint import asked_day, blueprint, kind_labels, own_scope

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": XLSX_TYPE,
    "pdf": "application/pdf",
}


@blueprint.get("/office/reports")
@protected(Permission.COMPLIANCE_VIEW)
def reports() -> str:
    """The reports that the office issued, newest first."""
    number = web.page_number()
    rows, total = issued_reports(current_actor(), number, web.PAGE_SIZE)
    return render_template("compliance/reports.html", rows=web.Page(rows, number, total))


@blueprint.route("/office/reports/new", methods=["GET", "POST"])
@protected(Permission.REPORT_ISSUE)
def new_report() -> tuple[str, int] | AnyResponse:
    """Issue a report: choose, look at what it will say, confirm."""
    form, actor = IssueForm(), current_actor()
    if request.method == "GET":
        form.as_of.data, form.region.data = asked_day(), request.args.get("region") or actor.region
        corrects = request.args.get("corrects", "")
        form.corrects.data = int(corrects) if corrects.isdecimal() and len(corrects) < 12 else None
    elif form.validate() and request.form.get("confirmed"):
        try:
            report = services.issue_report(
                actor,
                as_of=form.as_of.data or clock.today(),
                region=(form.region.data or "").strip(),
                note=form.note.data or "",
                corrects=form.corrects.data,
            )
        except MarketplaceError as error:
            _tell(form, error)
        else:
            flash(_("Laporan %(number)s diterbitkan.", number=report.number), "ok")
            return redirect(url_for("compliance.report", report_id=report.id))
    elif not form.errors:
        return render_template("compliance/report_confirm.html", form=form, **_preview(form)), 200
    former = issued_report(form.corrects.data, actor) if form.corrects.data else None
    page = render_template("compliance/report_form.html", form=form, former=former, latest=clock.today())
    return page, 422 if form.errors else 200


def _preview(form: IssueForm) -> dict[str, object]:
    """What the report would say, without issuing it."""
    return services.preview_report(
        current_actor(), as_of=form.as_of.data or clock.today(), region=(form.region.data or "").strip()
    )


def _tell(form: IssueForm, error: MarketplaceError) -> None:
    fields = error.fields if isinstance(error, InvalidInput) else {}
    for name, sentence in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
    if not fields:
        form.form_errors.append(error.message)


@blueprint.get("/office/reports/<int:report_id>")
@protected(Permission.COMPLIANCE_VIEW)
def report(report_id: int) -> str:
    """One issued report: its figures as they were signed."""
    row = _visible(report_id)
    paper = documents.paper_of(row)
    return render_template(
        "compliance/report.html",
        row=row,
        paper=paper,
        corrections=corrections_of(row.id),
        qr=core_documents.qr_svg(paper.verify_url),
        kind_labels=kind_labels(),
    )


@blueprint.get("/office/reports/<int:report_id>.<any(csv, json, xlsx, pdf):form>")
@protected(Permission.COMPLIANCE_VIEW)
def report_file(report_id: int, form: str) -> Response:
    """An issued report as a file, always from its frozen rows."""
    row = _visible(report_id)
    if form == "pdf":
        body = documents.report_pdf(documents.paper_of(row))
    elif form == "xlsx":
        body = documents.report_xlsx(thaw(row))
    elif form == "json":
        body = json.dumps(thaw(row), ensure_ascii=False, indent=1).encode()
    else:
        outlets = thaw(row)["outlets"]
        rows = (tuple(outlet[column] for column in documents.COLUMNS) for outlet in outlets)
        body = "".join(documents.csv_text(rows)).encode()
    return _download(body, form, row.number)


def _visible(report_id: int) -> IssuedReport:
    row = issued_report(report_id, current_actor())
    if row is None:
        raise NotFound(_("Laporan itu tidak ada."))
    return row


@blueprint.get("/office/reports/draft.<any(csv, json, xlsx, pdf):form>")
@protected(Permission.COMPLIANCE_VIEW)
def draft_file(form: str) -> Response:
    """The report of a day that was not issued, as a file."""
    day, scope = asked_day(), own_scope()
    if form == "csv":
        body = "".join(documents.report_csv(day, scope.region)).encode()
    elif form == "json":
        body = "".join(documents.report_json_text(day, scope)).encode()
    else:
        paper = documents.draft_paper(day, scope.region)
        body = documents.report_pdf(paper) if form == "pdf" else documents.report_xlsx(paper.content)
    return _download(body, form, f"laporan-{scope.region}-{day.isoformat()}")


def _download(body: bytes, form: str, name: str) -> Response:
    response = Response(body, mimetype=TYPES[form].split(";")[0])
    response.headers["Content-Type"] = TYPES[form]
    safe = re.sub(r"[^\w.-]+", "-", name)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}.{form}"'
    return response
