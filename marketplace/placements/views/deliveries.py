"""Deliveries: the list, a page each, writing and sending one, receiving it at the store's door."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _, format_number
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from ..documents.delivery_note import delivery_note_pdf
from ..models import DeliveryState
from ..queries import deliveries as reads
from ..queries.deliveries import DeliveryFilter, DeliveryPage
from ..rules import Side
from ..rules.deliveries import DELIVERY_WORDS, Counted, DeliveryVerb
from ..services import deliveries as services
from ..services.parties import no_paper
from ..services.receiving import receive_delivery
from . import delivery_form as forms
from .papers import pdf_response

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "number", "state", "outlet_name", "seller_name", "deliver_on", "received_on", "driver", "lines", "units",
    "accepted", "short", "damaged", "refused",
)  # fmt: skip


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def deliveries() -> str | Response:
    """The actor's deliveries, what is to be done first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.deliveries_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "kiriman", {"state": DELIVERY_WORDS})
    counts = reads.count_by_state(actor, asked.q, asked.outlet_id)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "placements/deliveries.html",
        page=Page(reads.deliveries_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=DELIVERY_WORDS,
    )


def read_filter() -> DeliveryFilter:
    """The filters in the address; what is unknown is left out."""
    state, sort, outlet = (request.args.get(name, "") for name in ("state", "sort", "outlet"))
    return DeliveryFilter(
        q=one_line(request.args.get("q"))[:200],
        state=state if state in set(DeliveryState) else "",
        sort=sort if sort in reads.SORTS else "",
        outlet_id=int(outlet) if outlet.isdecimal() and len(outlet) < 19 else None,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.DELIVERY_SEND)
def new() -> str | Response:
    """Write a delivery note: first for which store, then what and how many."""
    chosen = reads.destinations(current_actor())
    wanted = request.values.get("agreement", "")
    to = next((one for one in chosen if str(one.agreement_id) == wanted), None)
    if to is None and len(chosen) == 1 and request.method == "GET":
        to = chosen[0]
    if to is None:
        return render_template("placements/delivery_to.html", destinations=chosen)
    goods = reads.goods_for(to.agreement_id, clock.today())
    if request.method == "GET":
        form = forms.empty_form(goods, secrets.token_hex(12), to.starts_on)
        return render_template("placements/delivery_form.html", form=form, to=to, delivery=None)
    form = forms.typed_form(goods, request.form)
    if "more" in request.form:
        form.add_rows()
        return render_template("placements/delivery_form.html", form=form, to=to, delivery=None)
    draft = forms.draft_of(form, to.agreement_id)
    if draft is not None:
        try:
            made = services.make_delivery(actor=current_actor(), draft=draft)
            if made.state == DeliveryState.DRAFT:
                return _send_or_keep(made.id)
            flash(
                _("Surat jalan %(number)s sudah dikirim. Tidak ada yang dikirim lagi.", number=made.name),
                "info",
            )
            return redirect(url_for(".delivery", delivery_id=made.id))
        except InvalidInput as error:
            form.take(error.fields)
        except RuleBroken as error:
            form.errors["deliver_on"] = error.message
    return render_template("placements/delivery_form.html", form=form, to=to, delivery=None)


def _send_or_keep(delivery_id: int) -> Response:
    """The form's second button sends at once what the first only keeps."""
    if "send" in request.form:
        sent = services.send_delivery(actor=current_actor(), delivery_id=delivery_id)
        flash(
            _("Surat jalan %(number)s dikirim. Cetak, lalu bawa bersama barangnya.", number=sent.name), "ok"
        )
    else:
        flash(_("Draf disimpan. Toko belum melihatnya."), "ok")
    return redirect(url_for(".delivery", delivery_id=delivery_id))


@blueprint.route(f"/<{ID}:delivery_id>/edit", methods=["GET", "POST"])
@protected(Permission.DELIVERY_SEND)
def edit(delivery_id: int) -> str | Response:
    """Change a draft."""
    page = _page(delivery_id)
    if DeliveryVerb.CHANGE not in page.verbs:
        return redirect(url_for(".delivery", delivery_id=delivery_id))
    agreement_id = page.agreement.id
    goods = reads.goods_for(agreement_id, clock.today())
    if request.method == "GET":
        form = forms.filled_form(goods, [row.line for row in page.lines], page.delivery)
    else:
        form = forms.typed_form(goods, request.form)
        if "more" in request.form:
            form.add_rows()
        elif (draft := forms.draft_of(form, agreement_id)) is not None:
            try:
                services.change_delivery(actor=current_actor(), delivery_id=delivery_id, draft=draft)
                return _send_or_keep(delivery_id)
            except InvalidInput as error:
                form.take(error.fields)
            except RuleBroken as error:
                form.errors["deliver_on"] = error.message
    return render_template("placements/delivery_form.html", form=form, to=None, delivery=page)


@blueprint.get(f"/<{ID}:delivery_id>")
@protected(Permission.STOCK_VIEW)
def delivery(delivery_id: int) -> str:
    """One delivery: its goods, what became of them, and what can be done now."""
    return render_template("placements/delivery.html", page=_page(delivery_id), words=DELIVERY_WORDS)


def _page(delivery_id: int) -> DeliveryPage:
    page = reads.delivery_page(current_actor(), delivery_id)
    if page is None:
        raise no_paper()
    return page


@blueprint.post(f"/<{ID}:delivery_id>/send")
@protected(Permission.DELIVERY_SEND)
def send(delivery_id: int) -> Response:
    """Send a draft as it is."""
    try:
        sent = services.send_delivery(actor=current_actor(), delivery_id=delivery_id)
        flash(
            _("Surat jalan %(number)s dikirim. Cetak, lalu bawa bersama barangnya.", number=sent.name), "ok"
        )
    except InvalidInput as error:
        flash(error.message, "error")
    return redirect(url_for(".delivery", delivery_id=delivery_id))


@blueprint.route(f"/<{ID}:delivery_id>/cancel", methods=["GET", "POST"])
@protected(Permission.DELIVERY_SEND)
def cancel(delivery_id: int) -> str | Response:
    """Call it off."""
    page, errors = _page(delivery_id), {}
    if request.method == "POST":
        try:
            services.cancel_delivery(
                actor=current_actor(), delivery_id=delivery_id, reason=request.form.get("reason", "")
            )
            flash(_("Surat jalan dibatalkan."), "ok")
            return redirect(url_for(".delivery", delivery_id=delivery_id))
        except InvalidInput as error:
            errors = error.fields
    elif DeliveryVerb.CANCEL not in page.verbs:
        return redirect(url_for(".delivery", delivery_id=delivery_id))
    return render_template("placements/delivery_cancel.html", page=page, errors=errors)


@blueprint.get("/at/<code>")
@protected(Permission.STOCK_VIEW)
def scanned(code: str) -> Response:
    """Where the QR code leads: the store to receive it, everybody else who may see it to its page."""
    delivery_id = reads.delivery_id_by_code(code)
    if delivery_id is None:
        raise no_paper()
    page = _page(delivery_id)
    view = ".receive" if DeliveryVerb.RECEIVE in page.verbs else ".delivery"
    return redirect(url_for(view, delivery_id=delivery_id))


@blueprint.route(f"/<{ID}:delivery_id>/receive", methods=["GET", "POST"])
@protected(Permission.DELIVERY_RECEIVE)
def receive(delivery_id: int) -> str | Response | tuple[str, int]:
    """Count at the door: all as written in one tap, or line by line."""
    page = _page(delivery_id)
    if page.side is not Side.OUTLET:
        raise no_paper()
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            counted = None if "all" in request.form else _counted(page)
            done = receive_delivery(
                actor=current_actor(),
                delivery_id=delivery_id,
                counted=counted,
                note=request.form.get("note", ""),
            )
            flash(_("Kiriman %(number)s diterima dan masuk rak.", number=done.name), "ok")
            return redirect(url_for(".delivery", delivery_id=delivery_id))
        except InvalidInput as error:
            errors = error.fields
        except RuleBroken as error:
            if error.code.startswith("delivery_"):
                flash(error.message, "warning")
                return redirect(url_for(".delivery", delivery_id=delivery_id))
            errors = {"agreement": error.message}
    elif DeliveryVerb.RECEIVE not in page.verbs:
        return redirect(url_for(".delivery", delivery_id=delivery_id))
    answer = render_template("placements/delivery_receive.html", page=page, errors=errors, typed=request.form)
    return (answer, 422) if errors else answer


def _counted(page: DeliveryPage) -> dict[int, Counted]:
    """What was typed at each line. Raises InvalidInput for what is no whole number."""
    found: dict[int, Counted] = {}
    wrong: dict[str, str] = {}
    for row in page.lines:
        numbers = [
            forms.read_whole(request.form.get(f"{name}-{row.line.id}", "").strip() or "0")
            for name in ("accepted", "short", "damaged")
        ]
        if any(number is None or number < 0 for number in numbers):
            wrong[f"line-{row.line.id}"] = _(
                "Tulis angka bulat dari 0 sampai %(most)s.", most=format_number(row.line.quantity)
            )
        else:
            found[row.line.id] = Counted(*(number or 0 for number in numbers))
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    return found


@blueprint.get(f"/<{ID}:delivery_id>/note.pdf")
@protected(Permission.STOCK_VIEW)
def note(delivery_id: int) -> Response:
    """The delivery note as an A5 page."""
    page = _page(delivery_id)
    return pdf_response(delivery_note_pdf(page), f"surat-jalan-{page.delivery.name}")
