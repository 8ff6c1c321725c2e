"""Goods on their way: the seller writes the delivery note and sends, the buyer counts and takes in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, RuleBroken
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...typed import read_whole
from ..queries.last_lots import lots_to_send
from ..queries.order_page import OrderPage
from ..rules.shipping import Taken
from ..rules.states import OrderVerb
from ..services.moving import no_order
from ..services.receiving import receive as receive_order
from ..services.shipping import ship as ship_order
from . import ship_form as forms
from .orders import ID, page_of

blueprint = Blueprint("receipts", __name__, url_prefix="/orders")


@blueprint.route(f"/<{ID}:order_id>/ship", methods=["GET", "POST"])
@protected(Permission.ORDER_FULFIL)
def ship(order_id: int) -> str | Response | tuple[str, int]:
    """Write the delivery note: how many of each line, in which lots, brought by whom; then it is sent."""
    page = page_of(order_id)
    if OrderVerb.SHIP not in page.verbs:
        return redirect(url_for("orders.order", order_id=order_id))
    lines = [row.line for row in page.lines]
    if request.method == "GET":
        form = forms.empty_form(lines, lots_to_send(lines))
        return render_template("orders/ship.html", page=page, form=form)
    form = forms.typed_form(lines, request.form)
    if "more" in request.form:
        form.add_rows()
        return render_template("orders/ship.html", page=page, form=form)
    draft = forms.draft_of(form)
    if draft is not None:
        try:
            sent = ship_order(actor=current_actor(), order_id=order_id, draft=draft)
        except InvalidInput as error:
            form.take(error.fields)
        except RuleBroken as error:
            flash(error.message, "warning")
            return redirect(url_for("orders.order", order_id=order_id))
        else:
            units, ordered = sum(one.quantity for one in draft.lines), sum(line.quantity for line in lines)
            if units < ordered:
                flash(
                    _(
                        "Surat jalan %(number)s dikirim dengan %(units)d dari %(ordered)d barang. Yang tidak "
                        "dikirim tidak ditagih.",
                        number=sent.number,
                        units=units,
                        ordered=ordered,
                    ),
                    "warning",
                )
            else:
                flash(_("Surat jalan %(number)s dikirim. Bawa bersama barangnya.", number=sent.number), "ok")
            return redirect(url_for("orders.order", order_id=order_id))
    return render_template("orders/ship.html", page=page, form=form), 422


@blueprint.route(f"/<{ID}:order_id>/receive", methods=["GET", "POST"])
@protected(Permission.ORDER_RECEIVE)
def receive(order_id: int) -> str | Response | tuple[str, int]:
    """Take it in: all is right in one tap, or line by line what is good and what is damaged."""
    page = page_of(order_id)
    if page.side is None or page.side.value != "buyer":
        raise no_order()
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            counted = None if "all" in request.form else _counted(page)
            receive_order(
                actor=current_actor(),
                order_id=order_id,
                counted=counted,
                note=request.form.get("note", ""),
            )
        except InvalidInput as error:
            errors = error.fields
        except RuleBroken as error:
            flash(error.message, "warning")
            return redirect(url_for("orders.order", order_id=order_id))
        else:
            flash(_("Barang diterima. Tagihannya sudah dibuat menurut yang Anda terima."), "ok")
            return redirect(url_for("orders.order", order_id=order_id))
    elif OrderVerb.RECEIVE not in page.verbs:
        return redirect(url_for("orders.order", order_id=order_id))
    answer = render_template("orders/receive.html", page=page, errors=errors, typed=request.form)
    return (answer, 422) if errors else answer


def _counted(page: OrderPage) -> dict[int, Taken]:
    """What was typed at each line. Raises InvalidInput for what is no whole number."""
    found: dict[int, Taken] = {}
    wrong: dict[str, str] = {}
    for part in (part for row in page.lines for part in row.parts):
        numbers = [
            read_whole(request.form.get(f"{name}-{part.id}", "").strip() or "0")
            for name in ("accepted", "damaged")
        ]
        accepted, damaged = numbers
        if accepted is None or damaged is None:
            wrong[f"line-{part.id}"] = _("Tulis jumlah dengan angka bulat, 0 atau lebih.")
        else:
            found[part.id] = Taken(accepted, damaged)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    return found
