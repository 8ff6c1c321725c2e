"""Bank statements: sent as a file, and what came in matched with payments, one by one or all sure ones."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...exchange.own_files import OwnFiles, add_pages
from ...exchange.responses import table_response
from ...i18n import N_, _, ngettext
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_within
from ..forms import bill_ids
from ..imports.bank import STATEMENT, table_in
from ..queries import PAGE_SIZE
from ..queries.bank import (
    LINE_SORTS,
    LINE_STATES,
    BankLineRow,
    bank_lines_of,
    bills_for_line,
    count_bank_lines,
    line_of,
    matching_of,
)
from ..services import bank as services
from .filters import read_filter
from .payments import METHOD_WORDS

blueprint = Blueprint("bank", __name__, url_prefix="/payments/bank")
files = Blueprint("bank_files", __name__, url_prefix="/payments/bank/files")
ID = "int(max=9223372036854775807)"
COLUMNS = ("id", "booked_on", "amount_rupiah", "description", "reference", "payment_id", "state")
LINE_WORDS = {
    "sure": N_("Siap dibenarkan"),
    "open": N_("Belum dicocokkan"),
    "matched": N_("Sudah cocok"),
    "aside": N_("Disisihkan"),
}
REASON_WORDS = {
    "code": N_("kode transfernya disebut"),
    "number": N_("nomor tagihannya disebut"),
    "reference": N_("keterangannya sama"),
    "only_amount": N_("jumlahnya sama, dan hanya ini"),
    "amount": N_("jumlahnya sama"),
}


@blueprint.get("")
@protected(Permission.PAYMENT_CONFIRM)
def lines() -> str | Response:
    """What came in by the bank's word, with what each line may be; ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter(LINE_STATES, LINE_SORTS)
    matching = matching_of(actor)
    sure = [one.line_id for one in matching.sure]
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = bank_lines_of(actor, asked, sure, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "mutasi-bank", {"state": LINE_WORDS})
    counts = count_bank_lines(actor, sure, asked.q)
    all_lines = sum(count for state, count in counts.items() if state != "sure")
    total = counts.get(asked.state, 0) if asked.state else all_lines
    number = page_within(total, PAGE_SIZE)
    return render_template(
        "payments/bank_lines.html",
        page=Page(bank_lines_of(actor, asked, sure, number=number), number, total, PAGE_SIZE),
        asked=asked,
        counts=counts,
        all_lines=all_lines,
        matching=matching,
        words=LINE_WORDS,
        reasons=REASON_WORDS,
    )


@blueprint.post("/sure")
@protected(Permission.PAYMENT_CONFIRM)
def confirm_sure() -> Response:
    """Every line whose payment is sure, at once."""
    done = services.match_sure(actor=current_actor())
    if done:
        flash(ngettext("%(num)d pembayaran dibenarkan.", "%(num)d pembayaran dibenarkan.", done), "ok")
    else:
        flash(_("Tidak ada baris yang pasti. Periksa yang lain satu per satu."), "info")
    return redirect(url_for(".lines"))


@blueprint.get(f"/<{ID}:line_id>")
@protected(Permission.PAYMENT_CONFIRM)
def line(line_id: int) -> str:
    """One line: what it may be, and every bill that it could pay."""
    row = _line(line_id)
    matching = matching_of(current_actor())
    proposals = matching.proposals.get(row.id, [])
    shown = {one.candidate.payable_ids for one in proposals}
    bills = bills_for_line(current_actor(), row) if row.state != "matched" else []
    return render_template(
        "payments/bank_line.html",
        row=row,
        matching=matching,
        proposals=proposals,
        bills=[bill for bill in bills if (bill.id,) not in shown],
        words=LINE_WORDS,
        reasons=REASON_WORDS,
        methods=METHOD_WORDS,
    )


def _line(line_id: int) -> BankLineRow:
    row = line_of(current_actor(), line_id)
    if row is None:
        raise services.no_line()
    return row


@blueprint.post(f"/<{ID}:line_id>/match")
@protected(Permission.PAYMENT_CONFIRM)
def match(line_id: int) -> Response:
    """The line is this reported payment, or pays these bills that nobody reported."""
    payment = request.form.get("payment", "")
    if payment.isascii() and payment.isdecimal() and len(payment) < 19:
        services.match_payment(actor=current_actor(), line_id=line_id, payment_id=int(payment))
    else:
        bills = bill_ids(request.form.get("bills"))
        services.match_bills(actor=current_actor(), line_id=line_id, payable_ids=bills)
    flash(_("Cocok. Pembayarannya tercatat sudah Anda terima."), "ok")
    return redirect(url_for(".lines"))


@blueprint.post(f"/<{ID}:line_id>/aside")
@protected(Permission.PAYMENT_CONFIRM)
def aside(line_id: int) -> Response:
    """The line is no payment of a bill here, or is one after all."""
    is_aside = request.form.get("aside") == "1"
    services.set_aside(actor=current_actor(), line_id=line_id, is_aside=is_aside)
    flash(_("Baris ini disisihkan.") if is_aside else _("Baris ini menunggu dicocokkan lagi."), "ok")
    return redirect(url_for(".lines"))


add_pages(
    files,
    OwnFiles(STATEMENT, "payments/bank_file", "formulir-mutasi", N_("Berkas mutasi"), table_in),
    Permission.PAYMENT_CONFIRM,
)
