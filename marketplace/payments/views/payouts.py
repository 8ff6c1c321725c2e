"""What a provider holds for sellers, and sending it on: the platform's people do it, each seller looks on."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_within
from .. import queries
from ..forms import PayoutForm, take_refusals
from ..queries import charges, payouts
from ..queries.payouts import PayoutPage
from ..services.payouts import NewPayout, record_payout
from .filters import read_filter

blueprint = Blueprint("payouts", __name__, url_prefix="/payments/payouts")
ID = "int(max=9223372036854775807)"
COLUMNS = ("seller_id", "seller_name", "held_rupiah", "fees_rupiah", "paid_out_rupiah", "last_paid_on")
OWN_COLUMNS = ("id", "amount_rupiah", "paid_on", "reference", "recorded_at")
HELD_WORDS = {"held": N_("Masih ditahan"), "sent": N_("Sudah diteruskan semua")}


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def held() -> str | Response:
    """What is held for each seller, the most first; a seller is led to its own page."""
    actor, asked = current_actor(), read_filter(HELD_WORDS, payouts.HELD_SORTS)
    if actor.seller_id is not None:
        return redirect(url_for(".of_seller", seller_id=actor.seller_id))
    if not actor.can(Permission.PLATFORM_MANAGE):
        raise NotFound(_("Halaman ini untuk usaha dan pengelola sistem."))
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = payouts.held_by_seller(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "ditahan-penyedia")
    counts = payouts.count_held(actor, asked.q)
    total = counts[asked.state] if asked.state else sum(counts.values())
    number = page_within(total, queries.PAGE_SIZE)
    return render_template(
        "payments/held.html",
        page=Page(payouts.held_by_seller(actor, asked, number=number), number, total, queries.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=HELD_WORDS,
        to_look_at=charges.count_to_look_at(actor),
    )


@blueprint.get(f"/<{ID}:seller_id>")
@protected(Permission.SETTLEMENT_VIEW)
def of_seller(seller_id: int) -> str | Response:
    """What is held for one seller and what it was sent."""
    page = _page(seller_id)
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = payouts.payouts_of(seller_id, size=None)
        cells = ([getattr(row, name) for name in OWN_COLUMNS] for row in rows)
        return table_response(request.args["format"], OWN_COLUMNS, cells, f"kiriman-{seller_id}")
    form = PayoutForm()
    form.process(
        data={
            "key": secrets.token_hex(12),
            "amount_rupiah": max(page.held_rupiah, 0) or None,
            "paid_on": clock.today(),
        }
    )
    return render_template("payments/payouts.html", page=page, form=form)


@blueprint.post(f"/<{ID}:seller_id>")
@protected(Permission.PLATFORM_MANAGE)
def record(seller_id: int) -> str | Response:
    """Enter what was sent to a seller."""
    page, form = _page(seller_id), PayoutForm()
    if form.validate() and _record(seller_id, form):
        flash(_("Kiriman dicatat."), "ok")
        return redirect(url_for(".of_seller", seller_id=seller_id))
    return render_template("payments/payouts.html", page=page, form=form)


def _page(seller_id: int) -> PayoutPage:
    page = payouts.payout_page(current_actor(), seller_id)
    if page is None:
        raise NotFound(_("Usaha ini tidak ada, atau bukan untuk akun Anda."))
    return page


def _record(seller_id: int, form: PayoutForm) -> bool:
    assert form.amount_rupiah.data is not None
    assert form.paid_on.data is not None
    try:
        record_payout(
            actor=current_actor(),
            payout=NewPayout(
                seller_id=seller_id,
                amount_rupiah=form.amount_rupiah.data,
                paid_on=form.paid_on.data,
                reference=form.reference.data or "",
                idempotency_key=form.idempotency_key,
            ),
        )
    except InvalidInput as error:
        take_refusals(form, error.fields, "amount_rupiah")
    except RuleBroken as error:
        form.amount_rupiah.errors = [*form.amount_rupiah.errors, error.message]
    else:
        return True
    return False
