"""A seller's turnover of a year, what it sold elsewhere, its statements, and whether it is PKP."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ... import clock
from ...backends.storage import current_storage
from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...typed import FIRST_YEAR, read_id
from ..forms_turnover import OtherSalesForm, PkpForm, StatementForm
from ..queries import turnover_pages as reads
from ..rules.turnover import Channel
from ..services.tax import say_pkp
from ..services.turnover import add_other_sales, keep_statement, remove_other_sales

blueprint = Blueprint("turnover", __name__, url_prefix="/turnover")
ID = "int(max=9223372036854775807)"
COLUMNS = ("month", "consignment_rupiah", "orders_rupiah", "other_rupiah", "total_rupiah")


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def turnover() -> str | Response:
    """The year by month and channel, and how near it is to what the law names; ?format=csv or xlsx."""
    seller_id, year = _seller_id(), _year()
    if request.args.get("format") in {"csv", "xlsx"}:
        found = reads.turnover_page(seller_id, year, clock.today())
        rows = ([getattr(month, name) for name in COLUMNS] for month in found.year.months)
        return table_response(request.args["format"], COLUMNS, rows, f"omzet-{year}")
    return _page(seller_id, year)


def _page(
    seller_id: int, year: int, other: FlaskForm | None = None, statement: FlaskForm | None = None
) -> str:
    return render_template(
        "orders/turnover.html",
        it=reads.turnover_page(seller_id, year, clock.today()),
        channels=Channel,
        other=other or OtherSalesForm(formdata=None, year=year),
        statement=statement or StatementForm(formdata=None, data={"year": year}),
    )


@blueprint.post("/other")
@protected(Permission.SELLER_EDIT)
def add() -> str | Response | tuple[str, int]:
    """Write down what was sold elsewhere in a month."""
    year = _year()
    form = OtherSalesForm(year=year)
    if form.validate_on_submit():
        try:
            add_other_sales(
                actor=current_actor(),
                month=form.first_day,
                channel=form.channel.data or "",
                amount_rupiah=form.amount_rupiah.data or 0,
                note=form.note.data or "",
            )
        except InvalidInput as error:
            _take(form, error)
        else:
            flash(_("Penjualan dicatat ke omzet."), "ok")
            return redirect(url_for(".turnover", year=year))
    return _page(_seller_id(), year, other=form), 422


@blueprint.post(f"/other/<{ID}:entry_id>/remove")
@protected(Permission.SELLER_EDIT)
def remove(entry_id: int) -> Response:
    """Take an entry back."""
    row = remove_other_sales(actor=current_actor(), entry_id=entry_id)
    flash(_("Catatan dihapus dari omzet."), "ok")
    return redirect(url_for(".turnover", year=row.month.year))


@blueprint.post("/statements")
@protected(Permission.SELLER_EDIT)
def state() -> str | Response | tuple[str, int]:
    """Keep a signed statement."""
    form = StatementForm()
    if form.validate_on_submit():
        sent = form.file.data
        try:
            row = keep_statement(
                actor=current_actor(),
                year=form.year.data or 0,
                kind=form.kind.data,
                signed_on=form.signed_on.data or clock.today(),
                content=(sent.read() or None) if sent else None,
                name=(sent.filename or "") if sent else "",
            )
        except InvalidInput as error:
            _take(form, error)
        else:
            flash(_("Surat pernyataan disimpan."), "ok")
            return redirect(url_for(".turnover", year=row.year))
    return _page(_seller_id(), _year(), statement=form), 422


@blueprint.get(f"/statements/<{ID}:statement_id>")
@protected(Permission.SETTLEMENT_VIEW)
def statement(statement_id: int) -> Response:
    """The statement's file, for its seller alone; a PDF only as a download."""
    row = reads.statement_of(_seller_id(), statement_id)
    if row is None:
        raise NotFound(_("Surat ini tidak ada, atau bukan milik Anda."))
    try:
        content = current_storage().get(row.storage_key)
    except LookupError:
        raise NotFound(_("Berkas surat ini tidak ada lagi.")) from None
    is_pdf = row.file_kind == "pdf"
    answer = send_file(
        io.BytesIO(content),
        mimetype="application/pdf" if is_pdf else "image/jpeg",
        as_attachment=is_pdf,
        download_name=f"surat-pernyataan-{row.year}-{row.id}.{'pdf' if is_pdf else 'jpg'}",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/pkp", methods=["GET", "POST"])
@protected(Permission.SELLER_EDIT)
def pkp() -> str | Response | tuple[str, int]:
    """Say whether the business is PKP, and from which day; what was said before stands below."""
    seller_id = _seller_id()
    form = PkpForm(valid_from=clock.today())
    if form.validate_on_submit():
        try:
            say_pkp(
                actor=current_actor(),
                is_pkp=form.is_pkp.data == "yes",
                valid_from=form.valid_from.data or clock.today(),
                reference=form.reference.data or "",
            )
        except InvalidInput as error:
            _take(form, error)
        else:
            flash(_("Disimpan. Pesanan dan nota yang sudah ada tidak berubah."), "ok")
            return redirect(url_for(".pkp"))
    answer = render_template("orders/pkp.html", form=form, it=reads.pkp_page(seller_id, clock.today()))
    return (answer, 422) if form.errors else answer


def _take(form: FlaskForm, error: InvalidInput) -> None:
    """Put a service's sentences beside their fields."""
    for name, sentence in error.fields.items():
        field = form[name]
        field.errors = [*field.errors, sentence]


def _year() -> int:
    year, today = read_id(request.args.get("year") or request.form.get("year")), clock.today().year
    return year if FIRST_YEAR <= year <= today else today


def _seller_id() -> int:
    seller_id = current_actor().seller_id
    if seller_id is None:
        raise NotFound(_("Halaman ini untuk penjual."))
    return seller_id
