"""The cart: what somebody means to buy, by seller, at the prices of this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock
from ...catalog.queries import ProductPage
from ...errors import InvalidInput, RuleBroken
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import without_pictures
from ...typed import read_id, read_whole
from ..models import PaymentPlan
from ..queries import cart as reads
from ..queries.offers import offers_of
from ..rules import buying
from ..rules.drafts import MAX_LINES, LineDraft
from ..rules.terms import Terms
from ..services import cart as services

blueprint = Blueprint("cart", __name__, url_prefix="/cart")


@blueprint.route("", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def cart() -> str | Response | tuple[str, int]:
    """What is in the cart, and the one form that changes it; its buttons say what happens next."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _change()
        except InvalidInput as error:
            errors = error.fields
    basket = reads.cart_of(current_actor())
    answer = render_template("orders/cart.html", basket=basket, errors=errors, typed=request.form)
    return (answer, 422) if errors else answer


def _change() -> Response:
    taken = read_id(request.form.get("remove"))
    kept = {name: value for name, value in request.form.items() if name != f"quantity-{taken}"}
    lines = typed_lines(kept)
    services.change(actor=current_actor(), lines=lines)
    if any(without_pictures(line.card_text) != line.card_text for line in lines):
        flash(_("Emoji tidak bisa dicetak di kartu, jadi kami hapus dari tulisannya."), "warning")
    if taken:
        services.remove(actor=current_actor(), product_id=taken)
        flash(_("Dikeluarkan dari keranjang."), "ok")
        return redirect(url_for(".cart"))
    if not request.form.get("go"):
        flash(_("Keranjang diperbarui."), "ok")
        return redirect(url_for(".cart"))
    chosen = read_id(request.form["go"])
    basket = reads.cart_of(current_actor())
    basket = basket.only(chosen) if chosen else basket
    if not basket.is_fine:
        flash(_("Perbaiki dulu barang yang ditandai, atau keluarkan dari keranjang."), "warning")
        return redirect(url_for(".cart"))
    return redirect(url_for("checkout.checkout", seller=chosen or None))


def typed_lines(values: Mapping[str, str]) -> list[LineDraft]:
    """The lines that a form names as quantity-ID, seen-ID and card-ID; what is no number is refused.

    Raises InvalidInput, by 'quantity-PRODUCT_ID'.
    """
    lines, wrong = [], {}
    for name in list(values)[: MAX_LINES * 8]:
        key = name.removeprefix("quantity-")
        product_id = 0 if key == name else read_id(key)
        if not product_id:
            continue
        quantity, seen = read_whole(values[name]), read_whole(values.get(f"seen-{key}", ""))
        if quantity is None or quantity < 0:
            wrong[name] = _("Tulis jumlah dengan angka bulat, misalnya 24.")
            continue
        lines.append(LineDraft(product_id, quantity, seen or 0, values.get(f"card-{key}", "")[:2000]))
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    return lines


@blueprint.post("/add")
@protected(Permission.ORDER_PLACE)
def add() -> Response:
    """Put units of a product into the cart, from its page."""
    product_id = read_id(request.form.get("product"))
    quantity = read_whole(request.form.get("quantity", ""))
    try:
        if quantity is None:
            raise InvalidInput(_("Tulis jumlah dengan angka bulat, misalnya 24."))
        services.add(actor=current_actor(), product_id=product_id, quantity=quantity)
        flash(_("Masuk keranjang."), "ok")
    except (InvalidInput, RuleBroken) as error:
        flash(error.message, "error")
    return redirect(url_for("catalog.product", product_id=product_id))


@blueprint.route("/empty", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def empty() -> str | Response:
    """Take everything out, after a question."""
    if request.method == "POST":
        services.empty(actor=current_actor())
        flash(_("Keranjang dikosongkan."), "ok")
        return redirect(url_for(".cart"))
    return render_template("orders/cart_empty.html", count=reads.count_lines(current_actor()))


@dataclass(frozen=True)
class PreOrder:
    """What is ordered before it is there: from when, and what of the fewest units is due before."""

    ready_on: date
    advance_percent: int
    advance_rupiah: int


def product_acts(page: ProductPage) -> Markup:
    """The form that puts a product into the cart, for those who buy; the way in for visitors."""
    actor = current_actor()
    offer, pre_order = None, None
    if page.is_live and actor.can(Permission.ORDER_PLACE) and (actor.buyer_id or actor.office_id):
        offers = offers_of([page.card.id])
        offer = offers.by_product.get(page.card.id)
        pre_order = _pre_order(offer, offers.makers[offer.seller_id].terms) if offer else None
    html = render_template("orders/product_acts.html", page=page, offer=offer, pre_order=pre_order)
    return Markup(html)  # noqa: S704 - a template's own output


def _pre_order(offer: buying.Offer, terms: Terms) -> PreOrder | None:
    today = clock.today()
    if not buying.is_pre_order([offer], today):
        return None
    plan = PaymentPlan.ADVANCE
    is_asked = plan in buying.plans_of(terms, is_pre_order=True)
    goods = offer.least * offer.unit_price(offer.least)
    return PreOrder(
        buying.ready_on(offer, offer.least, today),
        terms.advance_percent if is_asked else 0,
        buying.advance_of(plan, goods, terms) if is_asked else 0,
    )


def topbar_link() -> Markup:
    """The way to the cart with the number of products in it, for those who buy."""
    actor = current_actor()
    if not actor.can(Permission.ORDER_PLACE) or not (actor.buyer_id or actor.office_id):
        return Markup("")
    html = render_template("orders/_topbar.html", count=reads.count_lines(actor))
    return Markup(html)  # noqa: S704 - a template's own output
