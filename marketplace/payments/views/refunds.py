"""Money that goes back: the list for both sides, a page each, the seller's sending and the buyer's word."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...web import Page, page_within
from .. import documents, queries, services
from ..forms import RefundForm, WhyForm, sent_file, take_refusals
from ..models import PaymentMethod, RefundState
from ..queries import RefundPage
from ..queries.refunds import REFUND_SORTS
from ..rules.returning import RefundVerb
from ..services.refunds import no_refund
from .filters import read_filter
from .payments import METHOD_WORDS
from .proofs import proof_response

blueprint = Blueprint("refunds", __name__, url_prefix="/payments/refunds")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id", "operator_name", "seller_name", "number", "amount_rupiah", "reason", "created_at", "state",
    "is_by_provider",
)  # fmt: skip
REFUND_WORDS = {
    RefundState.DUE: N_("Belum dikembalikan"),
    RefundState.SENT: N_("Menunggu jawaban pembeli"),
    RefundState.WAITING: N_("Menunggu pembayaran dikonfirmasi"),
    RefundState.DONE: N_("Sudah kembali"),
    RefundState.FAILED: N_("Gagal lewat penyedia"),
}


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def refunds() -> str | Response:
    """Money that goes back, what waits for somebody first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter(REFUND_WORDS, REFUND_SORTS)
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = queries.refunds_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "uang-kembali", {"state": REFUND_WORDS})
    counts = queries.count_refunds(actor, asked.q)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, queries.PAGE_SIZE)
    return render_template(
        "payments/refunds.html",
        page=Page(queries.refunds_of(actor, asked, number=number), number, total, queries.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=REFUND_WORDS,
    )


@blueprint.get(f"/<{ID}:refund_id>")
@protected(Permission.SETTLEMENT_VIEW)
def refund(refund_id: int) -> str:
    """One refund: what for, how it was sent, and what can be done with it now."""
    return _render(_page(refund_id))


def _page(refund_id: int) -> RefundPage:
    page = queries.refund_page(current_actor(), refund_id)
    if page is None:
        raise no_refund()
    return page


def _render(page: RefundPage, *, sending: RefundForm | None = None, denying: WhyForm | None = None) -> str:
    return render_template(
        "payments/refund.html",
        page=page,
        form=denying or sending or RefundForm(method=PaymentMethod.BANK_TRANSFER.value),
        is_denying=denying is not None,
        words=REFUND_WORDS,
        methods=METHOD_WORDS,
        link=documents.path_of,
    )


@blueprint.post(f"/<{ID}:refund_id>/send")
@protected(Permission.PAYMENT_CONFIRM)
@large_upload
def send(refund_id: int) -> str | Response:
    """The seller says that it sent the money, with the proof of a transfer."""
    page, form = _page(refund_id), RefundForm()
    if form.validate():
        try:
            services.send_refund(
                actor=current_actor(),
                refund_id=refund_id,
                method=PaymentMethod(form.method.data),
                proof=sent_file(form.file),
            )
        except InvalidInput as error:
            take_refusals(form, error.fields, "file")
        else:
            flash(_("Terima kasih. Pembeli kami minta menyatakan uangnya sudah kembali."), "ok")
            return redirect(url_for(".refund", refund_id=refund_id))
    return _render(page, sending=form)


@blueprint.post(f"/<{ID}:refund_id>/confirm")
@protected(Permission.PAYMENT_RECORD)
def confirm(refund_id: int) -> Response:
    """The buyer says that the money came back."""
    services.answer_refund(actor=current_actor(), refund_id=refund_id, verb=RefundVerb.CONFIRM)
    flash(_("Terima kasih. Uang ini tercatat sudah kembali."), "ok")
    return redirect(url_for(".refund", refund_id=refund_id))


@blueprint.route(f"/<{ID}:refund_id>/deny", methods=["GET", "POST"])
@protected(Permission.PAYMENT_RECORD)
def deny(refund_id: int) -> str | Response:
    """The buyer says that it did not, and why it thinks so."""
    page, form = _page(refund_id), WhyForm()
    if form.validate_on_submit():
        services.answer_refund(
            actor=current_actor(), refund_id=refund_id, verb=RefundVerb.DENY, reason=form.reason.data or ""
        )
        flash(_("Penjual kami beri tahu bahwa uangnya belum kembali."), "ok")
        return redirect(url_for(".refund", refund_id=refund_id))
    if request.method == "GET" and RefundVerb.DENY not in page.verbs:
        return redirect(url_for(".refund", refund_id=refund_id))
    return _render(page, denying=form)


@blueprint.get(f"/<{ID}:refund_id>/proof")
@protected(Permission.SETTLEMENT_VIEW)
def proof(refund_id: int) -> Response:
    """The proof, for the two parties alone; a PDF only as a download."""
    row = _page(refund_id).refund
    if row.proof_key is None:
        raise NotFound(_("Pengembalian ini tanpa bukti."))
    return proof_response(row.proof_key, row.proof_kind, f"bukti-kembali-{refund_id}")
