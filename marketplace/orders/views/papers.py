"""Papers of orders as PDF: one, or many in one file; receipts; the page on which many are chosen."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...placements.views.papers import pdf_response
from ...texts import one_line
from ...web import Page, page_within
from ..documents.papers import (
    PAPER_WORDS,
    PaperKind,
    Sheet,
    papers_pdf,
    receipt_sheet,
    sheets_of,
)
from ..models import Order
from ..queries import books
from ..queries.papers import MOST, links_of, papers_of, receipt_for

blueprint = Blueprint("order_papers", __name__)
ID = "int(max=9223372036854775807)"
REF = "string(minlength=1, maxlength=24)"
CHOSEN = (PaperKind.INVOICE, PaperKind.DELIVERY, PaperKind.ORDER)
PAGE_SIZE = 25


@blueprint.get(f"/orders/<{REF}:order_ref>/papers/<kind>.pdf")
@protected(Permission.ORDER_VIEW)
def paper(order_ref: str, kind: str) -> Response:
    """One kind of paper of one order; all credit notes or receipts of it together."""
    found = papers_of(current_actor(), [order_ref])
    if not found or kind not in set(PaperKind):
        raise _no_paper()
    return _pdf(sheets_of(found[0], PaperKind(kind)))


@blueprint.get("/orders/papers.pdf")
@protected(Permission.ORDER_VIEW)
def many() -> Response:
    """One kind of paper of several chosen orders, in one file."""
    kind, refs = request.args.get("kind", ""), list(dict.fromkeys(request.args.getlist("order")))
    if kind not in set(PaperKind) or not refs:
        raise InvalidInput(_("Pilih paling sedikit satu pesanan untuk dicetak."))
    if len(refs) > MOST:
        raise InvalidInput(_("Paling banyak %(most)d pesanan sekali cetak.", most=MOST))
    found = papers_of(current_actor(), refs)
    return _pdf([sheet for one in found for sheet in sheets_of(one, PaperKind(kind))])


@blueprint.get(f"/receipts/<{ID}:payment_id>.pdf")
@protected(Permission.ORDER_VIEW)
def receipt(payment_id: int) -> Response:
    """The receipt of one payment."""
    found = receipt_for(current_actor(), payment_id)
    if found is None:
        raise _no_paper()
    return _pdf([receipt_sheet(found)])


@blueprint.get("/orders/print")
@protected(Permission.ORDER_VIEW)
def choose() -> str:
    """Choose the orders whose papers are printed together."""
    asked = request.args.get("kind", "")
    kind = PaperKind(asked) if asked in CHOSEN else PaperKind.INVOICE
    q = one_line(request.args.get("q"))[:200]
    actor = current_actor()
    total = books.count_printable(actor, kind.value, q)
    number = page_within(total, PAGE_SIZE)
    rows = books.printable(actor, kind.value, q, number=number, size=PAGE_SIZE)
    return render_template(
        "orders/print.html",
        page=Page(rows, number, total, PAGE_SIZE),
        kind=kind,
        kinds=[(one, PAPER_WORDS[one]) for one in CHOSEN],
        q=q,
    )


def order_panel(order: Order, _side: object) -> Markup:
    """The papers that an order has, for its page."""
    if order.number is None:
        return Markup("")
    html = render_template("orders/papers_panel.html", order=order, links=links_of(order))
    return Markup(html)  # noqa: S704 - a template's own output


def _pdf(sheets: list[Sheet]) -> Response:
    if not sheets:
        raise _no_paper()
    kind = sheets[0].kind.value
    name = sheets[0].number if len(sheets) == 1 else f"{kind}-{len(sheets)}"
    return pdf_response(papers_pdf(sheets, clock.today()), name)


def _no_paper() -> NotFound:
    return NotFound(_("Surat ini tidak ada, belum terbit, atau bukan untuk akun Anda."))
