"""How a seller sells outright: its terms, and what it has ready."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, MarketplaceError, NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...typed import read_id, read_whole
from ...web import Page, page_within
from ..forms import TermsForm
from ..queries import stock as reads
from ..queries.offers import terms_of
from ..services import reservations
from ..services.selling_terms import set_terms

blueprint = Blueprint("selling", __name__, url_prefix="/seller")
COLUMNS = ("sku", "name", "unit", "on_hand", "reserved", "free", "capacity", "booked", "making")


@blueprint.route("/selling-terms", methods=["GET", "POST"])
@protected(Permission.SELLER_EDIT)
def terms() -> str | Response | tuple[str, int]:
    """Ways to deliver and to be paid, and the days to answer."""
    seller_id = _seller_id()
    form = TermsForm(obj=terms_of([seller_id])[seller_id])
    if form.validate_on_submit():
        try:
            set_terms(actor=current_actor(), seller_id=seller_id, terms=form.terms())
            flash(_("Cara jual disimpan. Pesanan yang sudah masuk tidak berubah."), "ok")
            return redirect(url_for(".terms"))
        except InvalidInput as error:
            for name, sentence in error.fields.items():
                form[name].errors = [*form[name].errors, sentence]
    answer = render_template("orders/selling_terms.html", form=form)
    return (answer, 422) if form.errors else answer


def _seller_id() -> int:
    seller_id = current_actor().seller_id
    if seller_id is None:
        raise NotFound(_("Halaman ini untuk penjual."))
    return seller_id


@blueprint.get("/stock")
@protected(Permission.PRODUCT_EDIT)
def stock() -> str | Response:
    """What is ready, what of it is promised; as a file with ?format=csv or xlsx."""
    seller_id, (q, kind) = _seller_id(), _asked()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.stock_of(seller_id, q=q, kind=kind, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "stok-siap-kirim")
    return _page(seller_id, q, kind, {})


def _asked() -> tuple[str, str]:
    kind = request.args.get("kind", "")
    return one_line(request.args.get("q"))[:200], kind if kind in reads.KINDS else ""


@blueprint.post("/stock")
@protected(Permission.PRODUCT_EDIT)
def count() -> str | Response | tuple[str, int]:
    """Write the numbers of a page; what was emptied is made to order from now on."""
    errors, changed = {}, 0
    for name, text in request.form.items():
        key = name.removeprefix("on_hand-")
        product_id = 0 if key == name else read_id(key)
        if not product_id or text == request.form.get(f"was-{key}"):
            continue
        try:
            _count_one(product_id, one_line(text))
            changed += 1
        except MarketplaceError as error:
            errors[name] = error.message
    if errors:
        return _page(_seller_id(), *_asked(), errors), 422
    flash(_("Stok disimpan.") if changed else _("Tidak ada yang berubah."), "ok")
    return redirect(url_for(".stock", q=request.args.get("q"), kind=request.args.get("kind")))


def _count_one(product_id: int, text: str) -> None:
    if not text:
        reservations.make_to_order(actor=current_actor(), product_id=product_id)
        return
    number = read_whole(text)
    on_hand = -1 if number is None else number
    reservations.count_ready(actor=current_actor(), product_id=product_id, on_hand=on_hand)


def _page(seller_id: int, q: str, kind: str, errors: dict[str, str]) -> str:
    counts = reads.count_stock(seller_id, q)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    rows = reads.stock_of(seller_id, q=q, kind=kind, number=number)
    return render_template(
        "orders/stock.html",
        page=Page(rows, number, total, reads.PAGE_SIZE),
        q=q,
        kind=kind,
        counts=counts,
        errors=errors,
        typed=request.form,
    )
