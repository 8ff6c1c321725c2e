"""Orders: the list, a page each, and the acts of both sides before the goods leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, RuleBroken
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...typed import read_whole
from ...web import Page, page_within
from .. import wording
from ..models import Order, OrderState
from ..queries import order_page as page_reads
from ..queries import orders as reads
from ..queries.order_page import OrderPage
from ..queries.orders import OrderFilter
from ..queries.shares import order_of_share
from ..rules.claims import CLAIM_WORDS, KIND_WORDS
from ..rules.states import HOLDS_STOCK, ORDER_WORDS, OrderVerb
from ..services import answering, shipping
from ..services.moving import no_order

blueprint = Blueprint("orders", __name__, url_prefix="/orders")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "number", "state", "due_at", "seller_name", "operator_name", "to", "deliver_from", "deliver_to", "units",
    "total_rupiah", "created_at", "placed_at", "claims",
)  # fmt: skip
WHOSE = {"own": N_("Belanja kami"), "region": N_("UMKM di wilayah kami")}


@blueprint.get("")
@protected(Permission.ORDER_VIEW)
def orders() -> str | Response:
    """The actor's orders, what waits for the actor first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.orders_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "pesanan", {"state": ORDER_WORDS})
    counts = reads.count_by_state(actor, asked)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "orders/orders.html",
        page=Page(reads.orders_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        waiting=reads.waiting_for(actor, counts),
        words=ORDER_WORDS,
        due_words=wording.DUE_WORDS,
        whose=WHOSE,
    )


def read_filter() -> OrderFilter:
    """The filters in the address; what is unknown is left out."""
    state, sort, whose = (request.args.get(name, "") for name in ("state", "sort", "whose"))
    return OrderFilter(
        q=one_line(request.args.get("q"))[:200],
        state=state if state in set(OrderState) else "",
        sort=sort if sort in reads.SORTS else "",
        whose=whose if whose in WHOSE and current_actor().is_office else "",
        disputed=request.args.get("disputed") == "1",
    )


@blueprint.get(f"/<{ID}:order_id>")
@protected(Permission.ORDER_VIEW)
def order(order_id: int) -> str:
    """One order: what is to be done, its goods and money side by side, its papers, and its whole story."""
    return render_template(
        "orders/order.html",
        page=page_of(order_id),
        words=ORDER_WORDS,
        due_words=wording.DUE_WORDS,
        step_words=wording.STEP_WORDS,
        labels=wording.VERB_LABELS,
        plans=wording.PLAN_WORDS,
        ways=wording.SHIPPING_WORDS,
        claim_words=CLAIM_WORDS,
        kind_words=KIND_WORDS,
        unsent=HOLDS_STOCK,
    )


def page_of(order_id: int) -> OrderPage:
    """The order's page; NotFound for a stranger."""
    page = page_reads.order_page(current_actor(), order_id)
    if page is None:
        raise no_order()
    return page


@blueprint.get("/at/<code>")
@protected(Permission.ORDER_VIEW)
def scanned(code: str) -> Response:
    """Where a QR code leads: the buyer to receive what came, everybody else who may see it to its page."""
    order_id = reads.order_id_by_code(code)
    if order_id is None:
        raise no_order()
    page = page_of(order_id)
    view = "receipts.receive" if OrderVerb.RECEIVE in page.verbs else ".order"
    return redirect(url_for(view, order_id=order_id))


@blueprint.get(f"/shares/<{ID}:share_id>")
@protected(Permission.ORDER_VIEW)
def share(share_id: int) -> str | Response:
    """Where a debt leads: to its order, or, for the maker of what is in a parcel, to its own part."""
    found = order_of_share(current_actor(), share_id)
    if found is None:
        raise no_order()
    if found.is_whole:
        return redirect(url_for(".order", order_id=found.order.id))
    return render_template("orders/share.html", found=found, words=ORDER_WORDS)


def _done(order_id: int, act: Callable[..., Order], sentence: str, **values: Any) -> Response:
    """Do an act that needs nothing but a tap, and go back to the order, which says how it stands."""
    try:
        act(actor=current_actor(), order_id=order_id, **values)
        flash(sentence, "ok")
    except RuleBroken as error:
        flash(error.message, "warning")
    return redirect(url_for(".order", order_id=order_id))


@blueprint.post(f"/<{ID}:order_id>/confirm")
@protected(Permission.ORDER_ANSWER)
def confirm(order_id: int) -> Response:
    """The seller takes it."""
    return _done(order_id, answering.confirm, _("Pesanan diterima. Pembeli kami beri tahu."))


@blueprint.post(f"/<{ID}:order_id>/agree")
@protected(Permission.ORDER_PLACE)
def agree(order_id: int) -> Response:
    """The buyer agrees to the shipping."""
    return _done(order_id, answering.agree, _("Ongkos kirim disetujui."))


@blueprint.post(f"/<{ID}:order_id>/pack")
@protected(Permission.ORDER_FULFIL)
def pack(order_id: int) -> Response:
    """It is packed."""
    words = _(
        "Ditandai sudah dikemas. Pembeli tidak bisa membatalkan lagi, kecuali barangnya terlambat dikirim."
    )
    return _done(order_id, shipping.pack, words)


@blueprint.route(f"/<{ID}:order_id>/quote", methods=["GET", "POST"])
@protected(Permission.ORDER_ANSWER)
def quote(order_id: int) -> str | Response | tuple[str, int]:
    """The seller says what shipping costs."""
    page, errors = page_of(order_id), {}
    if request.method == "POST":
        amount = read_whole(request.form.get("shipping_rupiah", ""))
        try:
            answering.quote_shipping(
                actor=current_actor(), order_id=order_id, shipping_rupiah=-1 if amount is None else amount
            )
        except InvalidInput as error:
            errors = error.fields
        except RuleBroken as error:
            flash(error.message, "warning")
            return redirect(url_for(".order", order_id=order_id))
        else:
            flash(_("Ongkos kirim ditawarkan. Pembeli kami minta menyetujuinya."), "ok")
            return redirect(url_for(".order", order_id=order_id))
    elif OrderVerb.QUOTE_SHIPPING not in page.verbs:
        return redirect(url_for(".order", order_id=order_id))
    answer = render_template("orders/quote.html", page=page, errors=errors, typed=request.form)
    return (answer, 422) if errors else answer


ENDINGS: dict[str, tuple[OrderVerb, Callable[..., Order], object]] = {
    "decline": (OrderVerb.DECLINE, answering.decline, N_("Pesanan ditolak. Pembeli membaca alasan Anda.")),
    "cancel": (OrderVerb.CANCEL, answering.cancel, N_("Pesanan dibatalkan.")),
    "call_off": (OrderVerb.CALL_OFF, answering.call_off, N_("Pesanan dibatalkan. Pembeli kami beri tahu.")),
}


def _ending(order_id: int, name: str) -> str | Response | tuple[str, int]:
    """The page before an act that ends an order, with the reason that it needs; then the act."""
    page, errors = page_of(order_id), {}
    verb, act, sentence = ENDINGS[name]
    if request.method == "POST":
        try:
            act(actor=current_actor(), order_id=order_id, reason=request.form.get("reason", ""))
        except InvalidInput as error:
            errors = error.fields
        except RuleBroken as error:
            flash(error.message, "warning")
            return redirect(url_for(".order", order_id=order_id))
        else:
            flash(str(sentence), "ok")
            return redirect(url_for(".order", order_id=order_id))
    elif verb not in page.verbs:
        return redirect(url_for(".order", order_id=order_id))
    answer = render_template("orders/end.html", page=page, name=name, errors=errors, typed=request.form)
    return (answer, 422) if errors else answer


@blueprint.route(f"/<{ID}:order_id>/decline", methods=["GET", "POST"])
@protected(Permission.ORDER_ANSWER)
def decline(order_id: int) -> str | Response | tuple[str, int]:
    """The seller does not take it."""
    return _ending(order_id, "decline")


@blueprint.route(f"/<{ID}:order_id>/cancel", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def cancel(order_id: int) -> str | Response | tuple[str, int]:
    """The buyer steps back."""
    return _ending(order_id, "cancel")


@blueprint.route(f"/<{ID}:order_id>/call-off", methods=["GET", "POST"])
@protected(Permission.ORDER_ANSWER)
def call_off(order_id: int) -> str | Response | tuple[str, int]:
    """The seller steps back."""
    return _ending(order_id, "call_off")
