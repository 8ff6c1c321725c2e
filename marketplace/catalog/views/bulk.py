"""Many products at once: a seller's files in and out, photos in a ZIP, undoing, the table."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from ... import web
from ...errors import InvalidInput, MarketplaceError, NotFound
from ...exchange import pages, steps
from ...exchange.forms_of_kinds import form_response, guide_rows
from ...exchange.responses import exact_response
from ...i18n import _, ngettext
from ...importing import ImportRun, Kind
from ...importing import queries as runs
from ...importing import services as imports
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...tabular import BadTable
from ..forms.bulk import GRID, FileForm, GridRow, grid_row, read_row, take_refusals, wrong_rows
from ..imports import own
from ..queries import bulk as reads
from ..rules.bulk import FAMILIES
from ..services import bulk_photos, bulk_undo, grid

blueprint = Blueprint("seller_bulk", __name__, url_prefix="/seller/products")
KIND = own.KIND.name
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


@blueprint.get(f"/import/<{steps.ID}:run_id>")
@protected(Permission.PRODUCT_EDIT)
def import_run(run_id: int) -> str:
    """One import, at whatever step it is, with its photos and the way back."""
    return steps.run_page(run_id, "seller/import_run.html", _beside)


def _beside(run: ImportRun) -> dict[str, Any]:
    return {
        "sheet": reads.import_of(run.id),
        "changed": reads.imported_rows(run.id),
        "zip_photos": bulk_photos.count_photos(run),
    }


steps.add_steps(blueprint, "/import", Permission.PRODUCT_EDIT)


@blueprint.post(f"/import/<{steps.ID}:run_id>/undo")
@protected(Permission.PRODUCT_EDIT)
def undo_import(run_id: int) -> BaseResponse:
    """Take a whole import back, as far as nothing was changed since."""
    bulk_undo.undo_import(actor=current_actor(), run_id=run_id)
    return redirect(url_for(".import_run", run_id=run_id))


@blueprint.get("/import/forms/<form>.<any(csv, xlsx):file_format>")
@protected(Permission.PRODUCT_EDIT)
def empty_form(form: str, file_format: str) -> Response:
    """The empty form for a kind of goods."""
    return form_response(_form(form), f"formulir-produk-{form}", file_format)


@blueprint.get("/import/guide/<form>")
@protected(Permission.PRODUCT_EDIT)
def guide(form: str) -> str:
    """What each column means."""
    kind = _form(form)
    return render_template("exchange/guide.html", kind=kind, form=form, rows=list(guide_rows(kind)))


def _form(family: str) -> Kind:
    kind = own.FORMS.get(family)
    if kind is None:
        raise NotFound(_("Formulir ini tidak ada."))
    return kind


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@protected(Permission.PRODUCT_EDIT)
def export(file_format: str) -> Response:
    """All own products as a file that the import takes back."""
    rows = own.rows_of(current_actor())
    return exact_response(file_format, own.KIND.column_names, rows, "produk-saya")


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
