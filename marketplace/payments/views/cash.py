"""Cash at the door: said by whoever takes the goods in, or by the seller that was given it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...web import home_url
from .. import documents, queries
from ..forms import PaidForm, bill_ids
from ..models import Payment, PaymentMethod
from ..queries import BillRow
from ..rules import NewPayment
from ..services import pay_at_door, take_payment
from ..services.payments import ORDER_KINDS

blueprint = Blueprint("cash", __name__, url_prefix="/payments/cash")


@blueprint.route("", methods=["GET", "POST"])
@protected(Permission.ORDER_RECEIVE)
def pay() -> str | Response:
    """The buyer's person at the door says how much cash it gave; the seller is asked to confirm it."""
    return _page(_to_pay, pay_at_door, _("Uang tunai tercatat. Penjual kami minta mengonfirmasinya."))


def _to_pay(payable_ids: Sequence[int]) -> list[BillRow]:
    bills = queries.bills_to_pay(current_actor(), payable_ids)
    return [bill for bill in bills if bill.kind in ORDER_KINDS]


@blueprint.route("/take", methods=["GET", "POST"])
@protected(Permission.PAYMENT_CONFIRM)
def take() -> str | Response:
    """The seller was given cash: recorded and confirmed in one, on the phone of whoever holds the money."""
    return _page(_to_take, take_payment, _("Uang tunai tercatat sudah Anda terima."))


def _to_take(payable_ids: Sequence[int]) -> list[BillRow]:
    return queries.bills_to_take(current_actor(), payable_ids)


def _page(
    find: Callable[[Sequence[int]], list[BillRow]], record: Callable[..., Payment], sentence: str
) -> str | Response:
    form = PaidForm()
    wanted = bill_ids(form.bills.data if request.method == "POST" else request.args.get("bills"))
    bills = find(wanted)
    if not bills or len({bill.operator_id for bill in bills}) > 1:
        raise NotFound(_("Tidak ada tagihan terbuka di sini. Buka pesanannya, lalu pilih lagi."))
    if len({bill.seller_id for bill in bills}) > 1:
        return render_template("payments/choose.html", bills=bills, endpoint=".pay")
    if request.method == "POST" and form.validate():
        said = NewPayment(
            payable_ids=tuple(bill.id for bill in bills),
            amount_rupiah=form.amount_rupiah.data or 0,
            method=PaymentMethod.CASH,
            paid_on=clock.today(),
            idempotency_key=form.idempotency_key,
        )
        try:
            payment = record(actor=current_actor(), payment=said)
        except (InvalidInput, RuleBroken) as error:
            form.amount_rupiah.errors = [*form.amount_rupiah.errors, error.message]
        else:
            flash(sentence, "ok")
            return redirect(_after(payment, bills[0]))
    if request.method == "GET":
        form.process(
            data={
                "key": secrets.token_hex(12),
                "bills": ",".join(str(bill.id) for bill in bills),
                "amount_rupiah": sum(bill.open_rupiah for bill in bills),
            }
        )
    return render_template("payments/cash.html", form=form, bills=bills, link=documents.path_of)


def _after(payment: Payment, bill: BillRow) -> str:
    """The payment, for whoever may see payments; else the document that it pays."""
    if current_actor().can(Permission.SETTLEMENT_VIEW):
        return url_for("payments.payment", payment_id=payment.id)
    return documents.path_of(bill.kind, bill.document_id) or home_url(current_actor())
