"""Payments: the list, a page each, reporting one, and what the seller says of it."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...web import Page, page_within
from .. import documents, queries, services
from ..forms import METHODS, PaymentForm, WhyForm, bill_ids, sent_file, take_refusals
from ..models import PaymentMethod, PaymentState
from ..queries import PaymentPage
from ..queries.payments import SORTS
from ..rules import NewPayment, PaymentVerb
from ..rules.matching import transfer_code
from ..services.payments import no_payment
from .filters import read_filter
from .proofs import proof_response

blueprint = Blueprint("payments", __name__, url_prefix="/payments")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id", "operator_name", "seller_name", "amount_rupiah", "method", "paid_on", "reference", "state",
    "confirmed_on",
)  # fmt: skip
STATE_WORDS = {
    PaymentState.REPORTED: N_("Menunggu konfirmasi penjual"),
    PaymentState.CONFIRMED: N_("Sudah diterima"),
    PaymentState.DENIED: N_("Belum masuk menurut penjual"),
    PaymentState.REVERSED: N_("Dibatalkan"),
}
METHOD_WORDS = {
    **METHODS,
    PaymentMethod.QRIS: N_("QRIS"),
    PaymentMethod.PROVIDER: N_("Penyedia pembayaran"),
}


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def payments() -> str | Response:
    """The actor's payments, what waits for the seller's word first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter(set(PaymentState), SORTS)
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = queries.payments_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"],
            COLUMNS,
            cells,
            "pembayaran",
            {"state": STATE_WORDS, "method": METHOD_WORDS},
        )
    counts = queries.count_by_state(actor, asked.q)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, queries.PAGE_SIZE)
    return render_template(
        "payments/payments.html",
        page=Page(queries.payments_of(actor, asked, number=number), number, total, queries.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=STATE_WORDS,
        methods=METHOD_WORDS,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.PAYMENT_RECORD)
@large_upload
def new() -> str | Response:
    """Report a payment of one bill, or of every open bill of the same seller (?all=1)."""
    form = PaymentForm()
    wanted = bill_ids(form.bills.data if request.method == "POST" else request.args.get("bills"))
    bills = queries.bills_to_pay(current_actor(), wanted, all_of_seller=request.args.get("all") == "1")
    if request.method == "POST" and form.validate():
        try:
            row = services.record_payment(
                actor=current_actor(), payment=_read(form, wanted), proof=sent_file(form.file)
            )
        except InvalidInput as error:
            take_refusals(form, error.fields, "amount_rupiah")
        except RuleBroken as error:
            form.amount_rupiah.errors = [*form.amount_rupiah.errors, error.message]
        else:
            flash(_("Pembayaran dicatat. Penjual kami minta mengonfirmasi uangnya masuk."), "ok")
            return redirect(url_for(".payment", payment_id=row.id))
    if not bills:
        raise NotFound(_("Tidak ada tagihan terbuka di sini. Pilih dari daftar yang harus dibayar."))
    if len({bill.seller_id for bill in bills}) > 1:
        return render_template("payments/choose.html", bills=bills, endpoint=".new")
    if request.method == "GET":
        form.process(
            data={
                "key": secrets.token_hex(12),
                "bills": ",".join(str(bill.id) for bill in bills),
                "amount_rupiah": sum(bill.open_rupiah for bill in bills),
                "method": PaymentMethod.BANK_TRANSFER.value,
                "paid_on": clock.today(),
            }
        )
    return render_template(
        "payments/new.html",
        form=form,
        bills=bills,
        link=documents.path_of,
        to=queries.pay_to(bills[0].seller_id),
        code=transfer_code(bills[0].id),
    )


def _read(form: PaymentForm, wanted: tuple[int, ...]) -> NewPayment:
    assert form.amount_rupiah.data is not None
    assert form.paid_on.data is not None
    return NewPayment(
        payable_ids=wanted,
        amount_rupiah=form.amount_rupiah.data,
        method=PaymentMethod(form.method.data),
        paid_on=form.paid_on.data,
        idempotency_key=form.idempotency_key,
        reference=form.reference.data or "",
    )


@blueprint.get(f"/<{ID}:payment_id>")
@protected(Permission.SETTLEMENT_VIEW)
def payment(payment_id: int) -> str:
    """One payment: what it pays, its proof, and what can be done with it now."""
    return _render(_page(payment_id), WhyForm())


def _page(payment_id: int) -> PaymentPage:
    page = queries.payment_page(current_actor(), payment_id)
    if page is None:
        raise no_payment()
    return page


def _render(page: PaymentPage, form: WhyForm, asked: str = "") -> str:
    return render_template(
        "payments/payment.html",
        page=page,
        form=form,
        asked=asked,
        words=STATE_WORDS,
        methods=METHOD_WORDS,
        link=documents.path_of,
    )


@blueprint.post(f"/<{ID}:payment_id>/confirm")
@protected(Permission.PAYMENT_CONFIRM)
def confirm(payment_id: int) -> Response:
    """The seller says that the money came."""
    services.answer_payment(actor=current_actor(), payment_id=payment_id, verb=PaymentVerb.CONFIRM)
    flash(_("Terima kasih. Uang ini tercatat sudah Anda terima."), "ok")
    return redirect(url_for(".payment", payment_id=payment_id))


@blueprint.route(f"/<{ID}:payment_id>/deny", methods=["GET", "POST"])
@protected(Permission.PAYMENT_CONFIRM)
def deny(payment_id: int) -> str | Response:
    """The seller says that it did not come."""
    return _answer(payment_id, PaymentVerb.DENY, _("Toko kami beri tahu bahwa uangnya belum masuk."))


@blueprint.route(f"/<{ID}:payment_id>/take-back", methods=["GET", "POST"])
@protected(Permission.PAYMENT_RECORD)
def take_back(payment_id: int) -> str | Response:
    """The store takes its report back."""
    return _answer(payment_id, PaymentVerb.TAKE_BACK, _("Catatan pembayaran dibatalkan."))


@blueprint.route(f"/<{ID}:payment_id>/reverse", methods=["GET", "POST"])
@protected(Permission.PAYMENT_CONFIRM)
def reverse(payment_id: int) -> str | Response:
    """The seller takes its confirmation back: the money went again, or never came."""
    return _answer(payment_id, PaymentVerb.REVERSE, _("Konfirmasi dicabut. Tagihannya terbuka lagi."))


def _answer(payment_id: int, verb: PaymentVerb, sentence: str) -> str | Response:
    """The page that says what will happen and asks why; then the act itself."""
    page, form = _page(payment_id), WhyForm()
    if form.validate_on_submit():
        services.answer_payment(
            actor=current_actor(), payment_id=payment_id, verb=verb, reason=form.reason.data or ""
        )
        flash(sentence, "ok")
        return redirect(url_for(".payment", payment_id=payment_id))
    if request.method == "GET" and verb not in page.verbs:
        return redirect(url_for(".payment", payment_id=payment_id))
    return _render(page, form, verb.value)


@blueprint.get(f"/<{ID}:payment_id>/proof")
@protected(Permission.SETTLEMENT_VIEW)
def proof(payment_id: int) -> Response:
    """The proof, for the two parties and the office alone; a PDF only as a download."""
    row = _page(payment_id).payment
    if row.proof_key is None:
        raise NotFound(_("Pembayaran ini tanpa bukti."))
    return proof_response(row.proof_key, row.proof_kind, f"bukti-{payment_id}")
