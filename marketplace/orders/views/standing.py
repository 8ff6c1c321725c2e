"""Standing orders and old orders again: the list, beginning one, its page, and what its buyer may do."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _, format_day
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...typed import read_day, read_id, read_whole
from ...web import Page, page_within
from ..models import Order, ShippingKind, StandingState
from ..queries import standing as reads
from ..queries.buyers import destinations_of
from ..queries.cart import BasketPart, basket_of, cart_of
from ..queries.offers import offers_of
from ..queries.origins import Origin, origin_of
from ..queries.repeating import repeat_of
from ..queries.standing import StandingFilter, StandingPage
from ..rules.buying import PLAN_WORDS, SHIPPING_WORDS
from ..rules.drafts import CartChanged, LineDraft
from ..rules.standing import CYCLE_WORDS, OUTCOME_WORDS, STANDING_WORDS
from ..rules.states import OrderSide
from ..services import repeating, standing_runs
from ..services import standing as services
from ..services.moving import no_order
from ..services.standing import no_standing
from .standing_form import FIRST, StandingForm

blueprint = Blueprint("standing", __name__)
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id",
    "state",
    "cycle",
    "first_on",
    "next_on",
    "seller_name",
    "operator_name",
    "outlet_name",
    "goods",
)
SOURCES = ("order", "seller", "product")
Answer = str | Response | tuple[str, int]


@blueprint.get("/standing-orders")
@protected(Permission.ORDER_VIEW)
def standing_orders() -> str | Response:
    """The actor's standing orders, what waits for a yes first; as a file with ?format=csv or xlsx."""
    actor, state = current_actor(), request.args.get("state", "")
    asked = StandingFilter(
        one_line(request.args.get("q"))[:200], state if state in set(StandingState) else ""
    )
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.standing_orders_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"],
            COLUMNS,
            cells,
            "pesanan-rutin",
            {"state": STANDING_WORDS, "cycle": CYCLE_WORDS},
        )
    counts = reads.count_standing(actor, asked.q)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "orders/standing/list.html",
        page=Page(reads.standing_orders_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=STANDING_WORDS,
        cycles=CYCLE_WORDS,
    )


# --- beginning one -----------------------------------------------------------------------------------------


@blueprint.route("/standing-orders/new", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def new() -> Answer:
    """Have goods ordered again and again: those of an order (?order=), of a seller in the cart (?seller=), or
    one product (?product=)."""
    actor, (part, order) = current_actor(), _wanted()
    places = destinations_of(actor.buyer_id) if actor.buyer_id else []
    values = request.form if request.method == "POST" else {**FIRST, **_as_ordered(order, part)}
    form = StandingForm(values, {}, places, part, request.form.get("key") or secrets.token_hex(12))
    if request.method == "POST" and (draft := form.draft()) is not None:
        try:
            made = services.begin_standing(actor=actor, draft=draft)
        except InvalidInput as error:
            form.take(error.fields or {"lines": error.message})
        else:
            flash(_("Tersimpan. Pesanan pertama dibuat %(day)s.", day=format_day(made.first_on)), "ok")
            return redirect(url_for(".standing", standing_id=made.id))
    source = {name: request.values[name] for name in SOURCES if name in request.values}
    page = render_template(
        "orders/standing/new.html",
        form=form,
        part=part,
        source=source,
        cycles=CYCLE_WORDS,
        way_words=SHIPPING_WORDS,
        plan_words=PLAN_WORDS,
    )
    return (page, 422) if form.errors else page


def _wanted() -> tuple[BasketPart, Order | None]:
    """The goods, at today's prices, and the order that they are of. Raises NotFound."""
    order_id, seller, product = (read_id(request.values.get(name)) for name in SOURCES)
    order = None
    if order_id:
        found = reads.lines_of_order(current_actor(), order_id)
        if found is None:
            raise no_order()
        order, ordered = found
        lines = [
            LineDraft(line.product_id, line.quantity, line.unit_price_rupiah, line.card_text)
            for line in ordered
        ]
        basket = basket_of(lines)
    elif product:
        offer = offers_of([product]).by_product.get(product)
        basket = basket_of([LineDraft(product, offer.least if offer else 1, 0)])
    else:
        basket = cart_of(current_actor()).only(seller)
    if not basket.parts:
        raise NotFound(_("Tidak ada barang untuk dipesan rutin. Pilih produknya dulu."))
    return basket.parts[0], order


def _as_ordered(order: Order | None, part: BasketPart) -> dict[str, str]:
    """Where an order went, how it travelled and was paid: what of it the seller still offers."""
    if order is None:
        return {}
    chosen = {} if order.outlet_id is None else {"to": str(order.outlet_id)}
    if order.shipping_kind in part.shippings and order.shipping_kind != ShippingKind.QUOTED:
        chosen["shipping_kind"] = order.shipping_kind
    if order.payment_plan in part.plans:
        chosen["payment_plan"] = order.payment_plan
    return chosen


# --- one standing order ------------------------------------------------------------------------------------


@blueprint.get(f"/standing-orders/<{ID}:standing_id>")
@protected(Permission.ORDER_VIEW)
def standing(standing_id: int) -> str:
    """Its goods and prices, the days that come, and what came of those that passed."""
    return render_template(
        "orders/standing/page.html",
        page=page_of(standing_id),
        words=STANDING_WORDS,
        cycles=CYCLE_WORDS,
        outcomes=OUTCOME_WORDS,
        way_words=SHIPPING_WORDS,
        plan_words=PLAN_WORDS,
    )


def page_of(standing_id: int) -> StandingPage:
    """The standing order's page; NotFound for a stranger."""
    page = reads.standing_page(current_actor(), standing_id)
    if page is None:
        raise no_standing()
    return page


def _do(standing_id: int, act: Callable[..., Any], sentence: str, **values: Any) -> Response:
    """Do an act and go back to the page, which says how it stands."""
    try:
        act(actor=current_actor(), standing_id=standing_id, **values)
        flash(sentence, "ok")
    except (InvalidInput, RuleBroken) as error:
        said = " ".join(error.lines.values()) if isinstance(error, CartChanged) else error.message
        flash(said, "warning")
    return redirect(url_for(".standing", standing_id=standing_id))


def _day() -> date:
    day = read_day(request.form.get("day", ""))
    if day is None:
        raise NotFound(_("Hari itu tidak ada."))
    return day


@blueprint.post(f"/standing-orders/<{ID}:standing_id>/pause")
@protected(Permission.ORDER_PLACE)
def pause(standing_id: int) -> Response:
    """No orders for a while."""
    return _do(standing_id, services.pause, _("Dijeda. Tidak ada yang dipesan sampai dilanjutkan."))


@blueprint.post(f"/standing-orders/<{ID}:standing_id>/resume")
@protected(Permission.ORDER_PLACE)
def resume(standing_id: int) -> Response:
    """Order again."""
    return _do(standing_id, services.resume, _("Dilanjutkan."))


@blueprint.post(f"/standing-orders/<{ID}:standing_id>/skip")
@protected(Permission.ORDER_PLACE)
def skip(standing_id: int) -> Response:
    """Leave one day out."""
    day = _day()
    return _do(standing_id, services.skip, _("%(day)s dilewati.", day=format_day(day)), day=day)


@blueprint.post(f"/standing-orders/<{ID}:standing_id>/unskip")
@protected(Permission.ORDER_PLACE)
def unskip(standing_id: int) -> Response:
    """Order on that day after all."""
    day = _day()
    return _do(standing_id, services.unskip, _("%(day)s dipesan lagi.", day=format_day(day)), day=day)


@blueprint.post(f"/standing-orders/<{ID}:standing_id>/agree")
@protected(Permission.ORDER_PLACE)
def agree(standing_id: int) -> Response:
    """Say yes to the prices of a day that waits, as they were shown."""
    seen = {
        read_id(name.removeprefix("seen-")): read_whole(value) or 0
        for name, value in request.form.items()
        if name.startswith("seen-")
    }
    act = standing_runs.agree_to_prices
    return _do(standing_id, act, _("Harga disetujui, dan pesanannya dibuat."), day=_day(), seen=seen)


@blueprint.route(f"/standing-orders/<{ID}:standing_id>/end", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def end(standing_id: int) -> str | Response:
    """No orders any more, after a question."""
    page = page_of(standing_id)
    if request.method == "POST":
        reason = request.form.get("reason", "")
        return _do(standing_id, services.end, _("Pesanan rutin ini diakhiri."), reason=reason)
    if not page.may_change or page.standing.state == StandingState.ENDED:
        return redirect(url_for(".standing", standing_id=standing_id))
    return render_template("orders/standing/end.html", page=page)


def order_panel(order: Order, side: OrderSide | None) -> Markup:
    """What an order came from, and the ways to order it again."""
    origin = origin_of(order) if side else Origin(None, None)
    may_repeat = side is OrderSide.BUYER and current_actor().can(Permission.ORDER_PLACE)
    html = render_template(
        "orders/again_panel.html",
        order=order,
        standing=origin.standing,
        quote=origin.quote,
        may_repeat=may_repeat,
    )
    return Markup(html)  # noqa: S704 - a template's own output


# --- an old order again ------------------------------------------------------------------------------------


@blueprint.route(f"/orders/<{ID}:order_id>/repeat", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def repeat(order_id: int) -> str | Response:
    """What of an old order can be ordered today, line by line; then it goes into the cart."""
    found = repeat_of(current_actor(), order_id)
    if found is None:
        raise no_order()
    if request.method == "POST":
        try:
            count, refused = repeating.repeat(actor=current_actor(), order_id=order_id)
        except InvalidInput as error:
            flash(error.message, "warning")
            return redirect(url_for(".repeat", order_id=order_id))
        flash(_("%(count)d barang masuk keranjang.", count=count), "ok")
        for sentence in refused:
            flash(sentence, "warning")
        return redirect(url_for("cart.cart"))
    return render_template("orders/repeat.html", found=found)
