"""Many products at once: a seller's files in and out, photos in a ZIP, undoing, the table."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from ... import web
from ...errors import InvalidInput, MarketplaceError, NotFound
from ...exchange import pages
from ...exchange.forms_of_kinds import guide_rows, write_form_csv, write_form_xlsx
from ...exchange.refused import refused_table
from ...exchange.responses import file_response, table_response
from ...i18n import _, ngettext
from ...importing import ImportRun, Kind, files
from ...importing import queries as runs
from ...importing import services as imports
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...tabular import BadTable
from .. import own_imports
from ..forms.bulk import GRID, FileForm, GridRow, grid_row, read_row, take_refusals, wrong_rows
from ..queries import bulk as reads
from ..rules.bulk import FAMILIES
from ..services import bulk_photos, bulk_undo, grid

blueprint = Blueprint("seller_bulk", __name__, url_prefix="/seller/products")
KIND = own_imports.KIND.name
ROWS = 25


@blueprint.get("/import", endpoint="imports")
@protected(Permission.PRODUCT_EDIT)
def history() -> str:
    """What a seller's files did so far, the empty forms, and the way to send one."""
    number = web.page_number()
    actor = current_actor()
    found = runs.runs_for(actor, kind=KIND, offset=(number - 1) * web.PAGE_SIZE)
    page = web.Page(found, number, runs.count_runs(actor, kind=KIND))
    return render_template("seller/imports.html", page=page, words=pages.STATUS_WORDS, families=FAMILIES)


@blueprint.route("/import/new", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
@large_upload
def new_import() -> tuple[str, int] | BaseResponse:
    """Send a table, with or without a ZIP of photos."""
    form = FileForm()
    if form.validate_on_submit():
        try:
            return redirect(url_for(".import_run", run_id=_take(form).id))
        except BadTable as error:
            form.file.errors = [error.message]
        except InvalidInput as error:
            form.photos.errors = [error.message]
    status = 422 if form.errors else 200
    return render_template("seller/import_new.html", form=form, families=FAMILIES), status


def _take(form: FileForm) -> ImportRun:
    """Keep both files; the ZIP is looked at first, so that a bad one leaves nothing."""
    photos: FileStorage | None = form.photos.data if form.photos.data and form.photos.data.filename else None
    aside = bulk_photos.keep_zip(photos.stream) if photos else None
    try:
        run = imports.take_upload(
            kind=KIND,
            file_name=form.file.data.filename or "",
            content=form.file.data.stream,
            prefix="",
            actor=current_actor(),
        )
    except BaseException:
        if aside:
            aside.unlink(missing_ok=True)
        raise
    if aside:
        bulk_photos.give_zip(aside, run)
    return run


@blueprint.get("/import/<int:run_id>")
@protected(Permission.PRODUCT_EDIT)
def import_run(run_id: int) -> str:
    """One import, at whatever step it is."""
    run = _run(run_id)
    if run.status == "uploaded" or (run.status == "checked" and "columns" in request.args):
        return _columns_page(run, None)
    if run.status in imports.ACTIVE:
        imports.revive(run_id=run.id, actor=current_actor())
    return render_template(
        "seller/import_run.html",
        desk="seller_bulk",
        sheet=reads.import_of(run.id),
        changed=reads.imported_rows(run.id),
        zip_photos=bulk_photos.count_photos(run),
        **pages.run_context(run),
    )


def _run(run_id: int) -> ImportRun:
    return runs.run_for(current_actor(), run_id)


def _columns_page(run: ImportRun, sent: Any, problem: str = "") -> str:
    context = pages.columns_context(run, current_actor(), sent, problem)
    return render_template("exchange/columns.html", desk="seller_bulk", **context)


@blueprint.post("/import/<int:run_id>/columns")
@protected(Permission.PRODUCT_EDIT)
def choose_columns(run_id: int) -> tuple[str, int] | BaseResponse:
    """Take the columns as chosen and have the file checked."""
    run = _run(run_id)
    choices = pages.choices_sent(own_imports.KIND, request.form)
    problem = pages.header_problems(own_imports.KIND, files.header_of(run), choices)
    if problem:
        return _columns_page(run, choices, problem), 422
    imports.choose_columns(
        run_id=run_id,
        mapping=choices.mapping,
        constants=choices.constants,
        prefix="",
        actor=current_actor(),
    )
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.post("/import/<int:run_id>/confirm")
@protected(Permission.PRODUCT_EDIT)
def confirm_import(run_id: int) -> BaseResponse:
    """Put a checked file in."""
    imports.confirm(run_id=run_id, actor=current_actor())
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.post("/import/<int:run_id>/cancel")
@protected(Permission.PRODUCT_EDIT)
def cancel_import(run_id: int) -> BaseResponse:
    """Stop an import; what went in stays."""
    run = imports.cancel(run_id=run_id, actor=current_actor())
    if run.status == "cancelled":
        flash(_("Impor dibatalkan. Tidak ada yang ditulis."), "info")
        return redirect(url_for(".imports"))
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.post("/import/<int:run_id>/undo")
@protected(Permission.PRODUCT_EDIT)
def undo_import(run_id: int) -> BaseResponse:
    """Take a whole import back, as far as nothing was changed since."""
    bulk_undo.undo_import(actor=current_actor(), run_id=run_id)
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.get("/import/<int:run_id>/progress")
@protected(Permission.PRODUCT_EDIT)
def import_progress(run_id: int) -> Response:
    """How far an import is, for the page that asks every second; tells it when to load anew."""
    run = _run(run_id)
    if run.status not in imports.ACTIVE:
        return Response(headers={"HX-Redirect": url_for(".import_run", run_id=run_id)})
    return Response(render_template("exchange/_progress.html", run=run, desk="seller_bulk"))


@blueprint.get("/import/<int:run_id>/refused.csv")
@protected(Permission.PRODUCT_EDIT)
def refused_rows(run_id: int) -> Response:
    """The refused rows, with what to mend in each."""
    columns, rows = refused_table(_run(run_id))
    return table_response("csv", columns, rows, f"ditolak-{run_id}")


@blueprint.get("/import/forms/<family>.<any(csv, xlsx):file_format>")
@protected(Permission.PRODUCT_EDIT)
def empty_form(family: str, file_format: str) -> Response:
    """The empty form for a kind of goods."""
    kind = _form(family)
    name = f"formulir-produk-{family}.{file_format}"
    if file_format == "xlsx":
        return file_response(name, lambda path: write_form_xlsx(kind, path))
    stream = io.StringIO()
    write_form_csv(kind, stream)
    return Response(
        "\ufeff" + stream.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/import/guide/<family>")
@protected(Permission.PRODUCT_EDIT)
def guide(family: str) -> str:
    """What each column means."""
    kind = _form(family)
    return render_template("seller/import_guide.html", kind=kind, family=family, rows=list(guide_rows(kind)))


def _form(family: str) -> Kind:
    kind = own_imports.FORMS.get(family)
    if kind is None:
        raise NotFound(_("Formulir ini tidak ada."))
    return kind


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@protected(Permission.PRODUCT_EDIT)
def export(file_format: str) -> Response:
    """All own products as a file that the import takes back."""
    rows = own_imports.rows_of(current_actor())
    return table_response(file_format, own_imports.KIND.column_names, rows, "produk-saya")


# --- the table ----------------------------------------------------------------------------------------------


@blueprint.route("/table", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def table() -> tuple[str, int] | BaseResponse:
    """Change prices and other numbers of many products on one page."""
    actor, q, state = current_actor(), request.args.get("q", ""), request.args.get("state", "")
    number = web.page_number()
    products, total = reads.table_rows(actor, q=q, state=state, offset=(number - 1) * ROWS, limit=ROWS)
    waiting = reads.waiting_numbers([product.id for product in products])
    rows = [grid_row(product, waiting.get(product.id, {})) for product in products]
    if request.method == "POST":
        changed = _store(rows)
        wrong = wrong_rows(rows)
        if changed:
            flash(ngettext("%(num)d produk disimpan.", "%(num)d produk disimpan.", changed), "ok")
        if not wrong:
            if not changed:
                flash(_("Tidak ada angka yang berubah."), "info")
            return redirect(request.full_path.rstrip("?"))
    page = web.Page(rows, number, total, ROWS)
    status = 422 if wrong_rows(rows) else 200
    context = {"page": page, "wrong": wrong_rows(rows), "q": q, "state": state, "columns": GRID}
    return render_template("seller/product_table.html", **context), status


def _store(rows: list[GridRow]) -> int:
    """Store each row that is right on its own; answers how many were changed."""
    changed = 0
    for row in rows:
        read_row(row, request.form)
        if row.changes and not row.is_wrong:
            try:
                grid.change_numbers(actor=current_actor(), product_id=row.product.id, changes=row.changes)
                changed += 1
            except InvalidInput as error:
                take_refusals(row, error.fields, error.message)
            except MarketplaceError as error:
                take_refusals(row, {}, error.message)
    return changed
