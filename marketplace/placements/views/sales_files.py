"""Sales of a chain as a file: sent, its columns named once, looked at, taken in, with its result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from ... import web
from ...errors import NotFound
from ...exchange import pages, steps
from ...exchange.forms_of_kinds import form_response, guide_rows
from ...i18n import N_, _
from ...importing import ImportRun
from ...importing import queries as runs
from ...importing import services as imports
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...tabular import BadTable
from ..imports.sales import SALES
from ..queries.sales import reports_of_run

blueprint = Blueprint("sales_files", __name__, url_prefix="/sales/files")


class SalesFileForm(FlaskForm):
    """One table of sales."""

    file = FileField(N_("Berkas penjualan"), validators=[FileRequired(N_("Pilih berkasnya."))])


@blueprint.get("", endpoint="imports")
@protected(Permission.SALES_REPORT)
def history() -> str:
    """The files that were sent, and the empty form."""
    number, actor = web.page_number(), current_actor()
    found = runs.runs_for(actor, kind=SALES.name, offset=(number - 1) * web.PAGE_SIZE)
    page = web.Page(found, number, runs.count_runs(actor, kind=SALES.name))
    return render_template("placements/sales_files.html", page=page, words=pages.STATUS_WORDS, kind=SALES)


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.SALES_REPORT)
@large_upload
def new_import() -> str | Response | tuple[str, int]:
    """Send a file; nothing is written yet."""
    form = SalesFileForm()
    if form.validate_on_submit():
        try:
            run = imports.take_upload(
                kind=SALES.name,
                file_name=form.file.data.filename or "",
                content=form.file.data.stream,
                prefix="",
                actor=current_actor(),
            )
        except BadTable as error:
            form.file.errors = [error.message]
        else:
            return redirect(url_for(".import_run", run_id=run.id))
    return render_template("placements/sales_file_new.html", form=form), 422 if form.errors else 200


@blueprint.get("/<int:run_id>")
@protected(Permission.SALES_REPORT)
def import_run(run_id: int) -> str:
    """One file, at whatever step it is, with the reports it made."""
    return steps.run_page(run_id, "placements/sales_file.html", _beside)


def _beside(run: ImportRun) -> dict[str, Any]:
    return {"reports": reports_of_run(run.id)}


steps.add_steps(blueprint, "", Permission.SALES_REPORT)


@blueprint.get("/forms/<form>.<any(csv, xlsx):file_format>")
@protected(Permission.SALES_REPORT)
def empty_form(form: str, file_format: str) -> Response:
    """The empty form."""
    _require(form)
    return form_response(SALES, "formulir-penjualan", file_format)


@blueprint.get("/guide/<form>")
@protected(Permission.SALES_REPORT)
def guide(form: str) -> str:
    """What each column means."""
    _require(form)
    return render_template("exchange/guide.html", kind=SALES, form=form, rows=list(guide_rows(SALES)))


def _require(form: str) -> None:
    if form != SALES.name:
        raise NotFound(_("Formulir ini tidak ada."))
