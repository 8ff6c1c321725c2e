"""The office's pages for files: upload, columns, trial, progress, result; and the exports."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from .. import web
from ..errors import NotFound
from ..i18n import _
from ..importing import ImportRun, Kind, exports, files, kind_named, kinds, queries, services
from ..permissions import Permission, current_actor, protected
from ..security import large_upload
from ..tabular import BadTable
from . import pages
from .forms import UploadForm
from .forms_of_kinds import guide_rows, write_form_csv, write_form_xlsx
from .refused import refused_table
from .responses import file_response, table_response

blueprint = Blueprint("exchange", __name__)


@blueprint.get("/office/imports")
@protected(Permission.DATA_IMPORT)
def imports() -> str:
    """Every import of the region, the newest first."""
    actor = current_actor()
    kind, status = request.args.get("kind", ""), request.args.get("status", "")
    number = web.page_number()
    runs = queries.runs_for(actor, kind=kind, status=status, offset=(number - 1) * web.PAGE_SIZE)
    page = web.Page(runs, number, queries.count_runs(actor, kind=kind, status=status))
    return render_template(
        "exchange/imports.html",
        page=page,
        kinds=kinds(),
        labels={known.name: known.label for known in kinds()},
        words=pages.STATUS_WORDS,
        kind=kind,
        status=status,
    )


@blueprint.route("/office/imports/new", methods=["GET", "POST"])
@protected(Permission.DATA_IMPORT)
@large_upload
def new_import() -> tuple[str, int] | BaseResponse:
    """Choose a file and what is in it."""
    actor = current_actor()
    form = UploadForm(kind=request.args.get("kind", "")) if request.method == "GET" else UploadForm()
    form.offer(pages.kinds_for(actor))
    if form.validate_on_submit():
        try:
            run = services.take_upload(
                kind=form.kind.data,
                file_name=form.file.data.filename or "",
                content=form.file.data.stream,
                prefix=form.prefix.data or "",
                actor=actor,
            )
        except BadTable as error:
            form.file.errors = [error.message]
        else:
            return redirect(url_for(".import_run", run_id=run.id))
    chosen = kind_named(form.kind.data or "")
    status = 422 if form.errors else 200
    return render_template("exchange/new.html", form=form, chosen=chosen, kinds=kinds()), status


@blueprint.get("/office/imports/<int:run_id>")
@protected(Permission.DATA_IMPORT)
def import_run(run_id: int) -> str:
    """One import, at whatever step it is."""
    run = queries.run_for(current_actor(), run_id)
    if run.status == "uploaded" or (run.status == "checked" and "columns" in request.args):
        return _columns_page(run, None)
    if run.status in services.ACTIVE:
        services.revive(run_id=run.id, actor=current_actor())
    return render_template("exchange/run.html", **pages.run_context(run))


def _columns_page(run: ImportRun, sent: Any, problem: str = "") -> str:
    return render_template(
        "exchange/columns.html", **pages.columns_context(run, current_actor(), sent, problem)
    )


@blueprint.post("/office/imports/<int:run_id>/columns")
@protected(Permission.DATA_IMPORT)
def choose_columns(run_id: int) -> tuple[str, int] | BaseResponse:
    """Take the columns as chosen and have the file checked."""
    actor = current_actor()
    run = queries.run_for(actor, run_id)
    kind = services.require_kind(actor, run.kind)
    choices = pages.choices_sent(kind, request.form)
    problem = pages.header_problems(kind, files.header_of(run), choices)
    if problem:
        return _columns_page(run, choices, problem), 422
    services.choose_columns(
        run_id=run_id,
        mapping=choices.mapping,
        constants=choices.constants,
        prefix=choices.prefix,
        actor=actor,
    )
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.post("/office/imports/<int:run_id>/confirm")
@protected(Permission.DATA_IMPORT)
def confirm_import(run_id: int) -> BaseResponse:
    """Put a checked file in."""
    services.confirm(run_id=run_id, actor=current_actor())
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.post("/office/imports/<int:run_id>/cancel")
@protected(Permission.DATA_IMPORT)
def cancel_import(run_id: int) -> BaseResponse:
    """Stop an import; what went in stays."""
    run = services.cancel(run_id=run_id, actor=current_actor())
    if run.status == "cancelled":
        flash(_("Impor dibatalkan. Tidak ada yang ditulis."), "info")
        return redirect(url_for(".imports"))
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.get("/office/imports/<int:run_id>/progress")
@protected(Permission.DATA_IMPORT)
def import_progress(run_id: int) -> Response:
    """How far an import is, for the page that asks every second; tells it when to load anew."""
    run = queries.run_for(current_actor(), run_id)
    if run.status not in services.ACTIVE:
        return Response(headers={"HX-Redirect": url_for(".import_run", run_id=run_id)})
    return Response(render_template("exchange/_progress.html", run=run))


@blueprint.get("/office/imports/<int:run_id>/refused.csv")
@protected(Permission.DATA_IMPORT)
def refused_rows(run_id: int) -> Response:
    """The refused rows, with what to mend in each."""
    run = queries.run_for(current_actor(), run_id)
    columns, rows = refused_table(run)
    return table_response("csv", columns, rows, f"ditolak-{run.kind}-{run.id}")


@blueprint.get("/office/imports/forms/<kind_name>.<any(csv, xlsx):file_format>")
@protected(Permission.DATA_IMPORT)
def empty_form(kind_name: str, file_format: str) -> Response:
    """The empty form of a kind."""
    kind = _kind(kind_name)
    name = f"formulir-{kind.name}.{file_format}"
    if file_format == "xlsx":
        return file_response(name, lambda path: write_form_xlsx(kind, path))
    stream = io.StringIO()
    write_form_csv(kind, stream)
    return Response(
        "\ufeff" + stream.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/office/imports/guide/<kind_name>")
@protected(Permission.DATA_IMPORT)
def guide(kind_name: str) -> str:
    """What each column of a kind means."""
    kind = _kind(kind_name)
    return render_template("exchange/guide.html", kind=kind, rows=list(guide_rows(kind)))


@blueprint.get("/office/exports")
@protected(Permission.DATA_EXPORT)
def export_list() -> str:
    """Every kind, to keep as a file."""
    actor = current_actor()
    found = [kind for kind in kinds() if kind.export is not None]
    return render_template("exchange/exports.html", kinds=found, region=actor.region)


@blueprint.get("/office/exports/<kind_name>")
@protected(Permission.DATA_EXPORT)
def export_kind(kind_name: str) -> Response:
    """One kind as a file that an import takes back."""
    actor, kind = current_actor(), _kind(kind_name)
    region = request.args.get("region", "").strip() or actor.region
    if not actor.sees_region(region) and region != actor.region:
        raise NotFound(_("Wilayah ini di luar wilayah kerja Anda."))
    rows: Iterator[Any] = exports.rows(kind, actor=actor, region=region)
    return table_response(
        request.args.get("format", "csv"), kind.column_names, rows, exports.file_name(kind, region)
    )


def _kind(name: str) -> Kind:
    kind = kind_named(name)
    if kind is None:
        raise NotFound(_("Jenis data ini tidak ada."))
    return kind
