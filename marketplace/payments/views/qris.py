"""QRIS: a seller's own code, and a buyer's page that shows it with the amount put in."""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock
from ...documents import qr_svg
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from .. import documents, queries
from ..forms import PaidForm, QrisForm, ReleaseForm, bill_ids, sent_file, take_refusals
from ..models import PaymentMethod, SellerQris
from ..queries import BillRow
from ..queries.qris import QrisLimit, qris_limit, qris_of
from ..rules import NewPayment
from ..rules.qris import Qris, read_static, with_amount
from ..scanning import text_in_photo
from ..services import record_payment
from ..services.qris import release_number, remove_qris, set_qris

blueprint = Blueprint("qris", __name__, url_prefix="/payments/qris")


@blueprint.route("", methods=["GET", "POST"])
@protected(Permission.PAYMENT_CONFIRM)
@large_upload
def own() -> str | Response:
    """The seller's own code: shown, entered from a photo or its text, entered anew."""
    seller_id = current_actor().seller_id
    if seller_id is None:
        raise NotFound(_("QRIS dimasukkan oleh usaha yang memilikinya."))
    row, form = qris_of(seller_id), QrisForm()
    if request.method == "POST" and form.validate():
        try:
            _take(form)
        except InvalidInput as error:
            take_refusals(form, error.fields, "payload")
        else:
            flash(_("QRIS Anda tersimpan. Pembeli melihatnya bersama jumlah yang harus dibayar."), "ok")
            return redirect(url_for(".own"))
    elif request.method == "GET":
        form.process(data={"version": row.version if row and row.seller_id == seller_id else 0})
    return render_template("payments/qris_own.html", form=form, row=row, drawn=row and _draw(row.payload))


def _take(form: QrisForm) -> None:
    photo = sent_file(form.file)
    payload = text_in_photo(photo) if photo else (form.payload.data or "")
    if photo:
        form.payload.data = payload
    set_qris(
        actor=current_actor(),
        payload=payload,
        is_own=form.is_own.data,
        version=form.version.data or 0,
    )


def _draw(payload: str) -> Markup:
    return Markup(qr_svg(payload))  # noqa: S704 - drawn by segno


@blueprint.post("/remove")
@protected(Permission.PAYMENT_CONFIRM)
def remove() -> Response:
    """The seller takes its code away."""
    remove_qris(actor=current_actor(), version=QrisForm().version.data or 0)
    flash(_("QRIS Anda dihapus. Pembeli tidak lagi melihatnya."), "ok")
    return redirect(url_for(".own"))


@blueprint.route("/numbers", methods=["GET", "POST"])
@protected(Permission.PLATFORM_MANAGE)
def numbers() -> str | Response:
    """The platform's people free a number that somebody entered who does not own it."""
    form = ReleaseForm()
    if form.validate_on_submit():
        try:
            seller = release_number(
                actor=current_actor(), nmid=form.nmid.data or "", reason=form.reason.data or ""
            )
        except InvalidInput as error:
            take_refusals(form, error.fields, "nmid")
        else:
            flash(_("QRIS dihapus dari %(who)s. Pemiliknya bisa memasukkannya.", who=seller.name), "ok")
            return redirect(url_for(".numbers"))
    return render_template("payments/qris_numbers.html", form=form)


@blueprint.route("/pay", methods=["GET", "POST"])
@protected(Permission.PAYMENT_RECORD)
def pay() -> str | Response:
    """The seller's code with the amount of these bills; then the buyer's word that it paid."""
    form = PaidForm()
    bills = _bills(form.bills.data if request.method == "POST" else request.args.get("bills"))
    row, limit = _code_for(bills), qris_limit()
    if request.method == "POST" and form.validate():
        try:
            paid = record_payment(actor=current_actor(), payment=_payment(form, bills))
        except (InvalidInput, RuleBroken) as error:
            form.amount_rupiah.errors = [*form.amount_rupiah.errors, error.message]
        else:
            flash(_("Terima kasih. Penjual kami minta memastikan uangnya masuk."), "ok")
            return redirect(url_for("payments.payment", payment_id=paid.id))
    open_rupiah = sum(bill.open_rupiah for bill in bills)
    if request.method == "GET":
        wanted = _amount_asked(open_rupiah, limit)
        ids = ",".join(str(bill.id) for bill in bills)
        form.process(data={"key": secrets.token_hex(12), "bills": ids, "amount_rupiah": wanted})
    amount = form.amount_rupiah.data or 0
    code = _code(row, amount, limit) if 0 < amount <= open_rupiah else None
    return render_template(
        "payments/qris_pay.html",
        form=form,
        bills=bills,
        row=row,
        limit=limit,
        amount=amount,
        open_rupiah=open_rupiah,
        drawn=code and _draw(code),
        link=documents.path_of,
    )


def _bills(text: str | None) -> list[BillRow]:
    bills = queries.bills_to_pay(current_actor(), bill_ids(text))
    if not bills or len({bill.seller_id for bill in bills}) > 1:
        raise NotFound(_("Tidak ada tagihan terbuka di sini. Pilih tagihan dari daftar yang harus dibayar."))
    return bills


def _code_for(bills: Sequence[BillRow]) -> SellerQris:
    row = qris_of(bills[0].seller_id)
    if row is None:
        raise NotFound(_("Usaha ini belum memasukkan QRIS. Pilih cara bayar lain."))
    return row


def _amount_asked(open_rupiah: int, limit: QrisLimit) -> int:
    """The amount in the address; without one all that is open, as far as one transaction carries it."""
    text = request.args.get("amount", "").replace(".", "").strip()
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    return asked or min(open_rupiah, limit.rupiah)


def _code(row: SellerQris, amount: int, limit: QrisLimit) -> str | None:
    """The code to scan; None where one transaction cannot carry the amount."""
    code: Qris = read_static(row.payload)
    try:
        return with_amount(code, amount, limit.rupiah)
    except RuleBroken:
        return None


def _payment(form: PaidForm, bills: Sequence[BillRow]) -> NewPayment:
    return NewPayment(
        payable_ids=tuple(bill.id for bill in bills),
        amount_rupiah=form.amount_rupiah.data or 0,
        method=PaymentMethod.QRIS,
        paid_on=clock.today(),
        idempotency_key=form.idempotency_key,
    )


@blueprint.get("/pay.png")
@protected(Permission.PAYMENT_RECORD)
def picture() -> Response:
    """The code as a picture, for whoever pays on the phone that shows it."""
    bills = _bills(request.args.get("bills"))
    row, limit = _code_for(bills), qris_limit()
    open_rupiah = sum(bill.open_rupiah for bill in bills)
    amount = _amount_asked(open_rupiah, limit)
    if amount > open_rupiah:
        raise Conflict(_("Jumlah ini lebih dari yang masih harus dibayar."))
    out = io.BytesIO()
    segno.make(with_amount(read_static(row.payload), amount, limit.rupiah), error="m").save(
        out, kind="png", scale=12, border=4
    )
    answer = Response(out.getvalue(), mimetype="image/png")
    answer.headers["Content-Disposition"] = f'attachment; filename="qris-{amount}.png"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
