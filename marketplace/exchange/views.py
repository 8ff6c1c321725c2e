"""The office's pages for files: upload, the steps of an import, empty forms; and the exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from .. import web
from ..errors import NotFound
from ..i18n import _
from ..importing import Kind, exports, kind_named, kinds, queries, services
from ..permissions import Permission, current_actor, protected
from ..security import large_upload
from ..tabular import BadTable
from . import pages, steps
from .forms import UploadForm
from .forms_of_kinds import form_response, guide_rows
from .responses import exact_response

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


@blueprint.get(f"/office/imports/<{steps.ID}:run_id>")
@protected(Permission.DATA_IMPORT)
def import_run(run_id: int) -> str:
    """One import, at whatever step it is."""
    return steps.run_page(run_id)


steps.add_steps(blueprint, "/office/imports", Permission.DATA_IMPORT)


@blueprint.get("/office/imports/forms/<form>.<any(csv, xlsx):file_format>")
@protected(Permission.DATA_IMPORT)
def empty_form(form: str, file_format: str) -> Response:
    """The empty form of a kind."""
    kind = _kind(form)
    return form_response(kind, f"formulir-{kind.name}", file_format)


@blueprint.get("/office/imports/guide/<form>")
@protected(Permission.DATA_IMPORT)
def guide(form: str) -> str:
    """What each column of a kind means."""
    kind = _kind(form)
    return render_template("exchange/guide.html", kind=kind, form=form, rows=list(guide_rows(kind)))


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
    return exact_response(
        request.args.get("format", "csv"), kind.column_names, rows, exports.file_name(kind, region)
    )


def _kind(name: str) -> Kind:
    kind = kind_named(name)
    if kind is None:
        raise NotFound(_("Jenis data ini tidak ada."))
    return kind
