"""Paying through a provider, as the buyer meets it: what it pays, where it goes, and what became of it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound, RuleBroken, Unavailable
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_within
from .. import documents, queries
from ..forms import WhyForm, bill_ids
from ..models import ChargeState
from ..providers import provider
from ..queries import charges
from ..rules.charging import CHARGE_WORDS, FLAG_WORDS
from ..services.capturing import take_flag_off
from ..services.charges import look_at_own, no_charge, start_charge, stop_charge
from ..services.giving_back import give_back_otherwise, try_again
from .filters import read_filter
from .refunds import REFUND_WORDS

blueprint = Blueprint("online", __name__, url_prefix="/payments/online")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id", "operator_name", "amount_rupiah", "fee_rupiah", "returned_rupiah", "provider", "provider_ref",
    "created_at", "paid_at", "state", "flag",
)  # fmt: skip
STATE_WORDS = {state.value: word for state, word in CHARGE_WORDS.items()} | {
    charges.TO_LOOK_AT: N_("Perlu dilihat")
}
DISPUTE_WORDS = {
    "open": N_("Sedang disengketakan"),
    "won": N_("Dimenangkan"),
    "lost": N_("Kalah, uang ditarik"),
}


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def online() -> str | Response:
    """The actor's payments through a provider; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter(STATE_WORDS, charges.CHARGE_SORTS)
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = charges.charges_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"], COLUMNS, cells, "bayar-online", {"state": STATE_WORDS, "flag": FLAG_WORDS}
        )
    counts = charges.count_charges(actor, asked.q)
    to_look_at = charges.count_to_look_at(actor) if actor.can(Permission.PLATFORM_MANAGE) else 0
    total = sum(counts.values())
    if asked.state:
        total = to_look_at if asked.state == charges.TO_LOOK_AT else counts.get(asked.state, 0)
    number = page_within(total, queries.PAGE_SIZE)
    return render_template(
        "payments/online.html",
        page=Page(charges.charges_of(actor, asked, number=number), number, total, queries.PAGE_SIZE),
        asked=asked,
        counts=counts,
        to_look_at=to_look_at,
        words=STATE_WORDS,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.PAYMENT_RECORD)
def new() -> str | Response:
    """Pay bills of one or several sellers at once: what they are, then on to the provider."""
    if not provider().is_open:
        raise NotFound(_("Bayar online belum diaktifkan di sini. Catat transfer bank atau tunai."))
    actor = current_actor()
    wanted = bill_ids(request.form.get("bills") if request.method == "POST" else request.args.get("bills"))
    problem = ""
    if request.method == "POST":
        try:
            return redirect(url_for(".charge", charge_id=start_charge(actor=actor, payable_ids=wanted).id))
        except (InvalidInput, RuleBroken) as error:
            if error.code == "charge_open" and "charge_id" in error.details:
                flash(error.message, "warning")
                return redirect(url_for(".charge", charge_id=error.details["charge_id"]))
            problem = error.message
        except Unavailable as error:
            known = charges.live_charge_of(actor, wanted)
            if known is None:
                raise
            flash(error.message, "warning")
            return redirect(url_for(".charge", charge_id=known))
    bills = queries.bills_to_pay(actor, wanted)
    if not bills and not problem:
        raise NotFound(_("Tidak ada tagihan terbuka di sini."))
    return render_template(
        "payments/online_new.html",
        bills=bills,
        problem=problem,
        carrier=provider().label,
        link=documents.path_of,
    )


@blueprint.get(f"/<{ID}:charge_id>")
@protected(Permission.SETTLEMENT_VIEW)
def charge(charge_id: int) -> str:
    """One payment through a provider: what it pays, what became of it, what to do now."""
    return _page(charge_id)


def _page(charge_id: int, *, is_back_unpaid: bool = False, form: WhyForm | None = None) -> str:
    page = charges.charge_page(current_actor(), charge_id)
    if page is None:
        raise no_charge()
    return render_template(
        "payments/charge.html",
        page=page,
        form=form or WhyForm(formdata=None),
        is_back_unpaid=is_back_unpaid and page.charge.state == ChargeState.OPEN,
        carrier=provider().label or page.charge.provider,
        words=STATE_WORDS,
        flags=FLAG_WORDS,
        refund_words=REFUND_WORDS,
        dispute_words=DISPUTE_WORDS,
        link=documents.path_of,
    )


@blueprint.get(f"/<{ID}:charge_id>/return")
@protected(Permission.PAYMENT_RECORD)
def back(charge_id: int) -> Response:
    """Back from the provider: ask it what became of the payment, and say so."""
    found = look_at_own(actor=current_actor(), charge_id=charge_id)
    if found.state == ChargeState.PAID:
        flash(_("Terima kasih. Pembayaran Anda sudah kami terima."), "ok")
    return redirect(url_for(".charge", charge_id=charge_id))


@blueprint.get(f"/<{ID}:charge_id>/cancelled")
@protected(Permission.PAYMENT_RECORD)
def cancelled(charge_id: int) -> str:
    """Back from the provider without having paid: nothing is lost, and it can go on."""
    return _page(charge_id, is_back_unpaid=True)


@blueprint.post(f"/<{ID}:charge_id>/stop")
@protected(Permission.PAYMENT_RECORD)
def stop(charge_id: int) -> Response:
    """Take the payment back, so that its bills can be paid otherwise."""
    try:
        found = stop_charge(actor=current_actor(), charge_id=charge_id)
    except (RuleBroken, Unavailable) as error:
        flash(error.message, "warning")
    else:
        if found.state == ChargeState.PAID:
            flash(_("Pembayaran ini ternyata sudah masuk, jadi tidak dibatalkan."), "ok")
        else:
            flash(_("Pembayaran online dibatalkan. Tagihannya bisa dibayar dengan cara lain."), "ok")
    return redirect(url_for(".charge", charge_id=charge_id))


@blueprint.post(f"/<{ID}:charge_id>/looked")
@protected(Permission.PLATFORM_MANAGE)
def looked(charge_id: int) -> str | Response:
    """The platform's people say what came of a payment that did not fit."""
    form = WhyForm()
    if not form.validate():
        return _page(charge_id, form=form)
    take_flag_off(actor=current_actor(), charge_id=charge_id, reason=form.reason.data or "")
    flash(_("Dicatat. Pembayaran ini tidak lagi ada di daftar yang perlu dilihat."), "ok")
    return redirect(url_for(".charge", charge_id=charge_id))


@blueprint.post(f"/refunds/<{ID}:refund_id>/again")
@protected(Permission.PLATFORM_MANAGE)
def again(refund_id: int) -> Response:
    """Let a refund that failed be asked once more; the worker sends it within a minute."""
    refund = try_again(actor=current_actor(), refund_id=refund_id)
    flash(_("Pengembalian ini dikirim lagi dalam satu menit."), "ok")
    return redirect(url_for(".charge", charge_id=refund.charge_id))


@blueprint.post(f"/<{ID}:charge_id>/refunds/<{ID}:refund_id>/otherwise")
@protected(Permission.PLATFORM_MANAGE)
def otherwise(charge_id: int, refund_id: int) -> Response:
    """The platform's people gave back by another way what the provider could not."""
    reason = request.form.get("reason", "")
    try:
        give_back_otherwise(actor=current_actor(), refund_id=refund_id, reason=reason)
    except (InvalidInput, RuleBroken) as error:
        flash(error.message, "warning")
    else:
        flash(_("Dicatat: uang ini sudah kembali kepada pembeli."), "ok")
    return redirect(url_for(".charge", charge_id=charge_id))
