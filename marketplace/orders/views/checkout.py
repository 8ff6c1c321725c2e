"""From the cart to the orders: choose, look once more, send; then what became of it."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, MarketplaceError
from ...permissions import Permission, current_actor, protected
from ...typed import read_id
from ..queries.buyers import allowance_of, destinations_of
from ..queries.cart import Basket, basket_of, cart_of
from ..queries.checkouts import CheckoutPage, checkout_page
from ..rules.buying import PLAN_WORDS, SHIPPING_WORDS
from ..rules.drafts import CartChanged
from ..rules.reserving import NotEnough
from ..rules.states import ORDER_WORDS
from ..rules.terms import ACCEPT_DAYS, CLAIM_DAYS
from ..services import checkout as services
from ..services.approval import no_checkout
from ..services.placing import PricedPart
from .cart import typed_lines
from .checkout_form import CheckoutForm, draft_of

blueprint = Blueprint("checkout", __name__, url_prefix="/checkout")
ID = "int(max=9223372036854775807)"
Answer = str | Response | tuple[str, int]


@blueprint.route("", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def checkout() -> Answer:
    """Where to, when, how, and how paid; then everything once more; then it is sent."""
    if request.method == "GET":
        seller_id = read_id(request.args.get("seller"))
        basket = cart_of(current_actor())
        basket = basket.only(seller_id) if seller_id else basket
        if not basket.parts or not basket.is_fine:
            return redirect(url_for("cart.cart"))
        return _form(_new_form(basket))
    form = _typed_form()
    if "edit" in request.form:
        return _form(form)
    draft = draft_of(form)
    if draft is None:
        return _form(form), 422
    try:
        if "place" not in request.form:
            parts = services.preview(actor=current_actor(), draft=draft)
            return _review(form, parts)
        made = services.place(actor=current_actor(), draft=draft)
    except InvalidInput as error:
        form.take(error.fields)
    except CartChanged as error:
        _tell_changed(form, error)
    except NotEnough as error:
        form.errors["lines"] = " ".join(one.sentence for one in error.lacking)
    except MarketplaceError as error:
        form.errors["lines"] = error.message
    else:
        return redirect(url_for(".done", checkout_id=made.id))
    return _form(form), 422


def _new_form(basket: Basket) -> CheckoutForm:
    actor = current_actor()
    places = destinations_of(actor.buyer_id) if actor.buyer_id else []
    return CheckoutForm(secrets.token_hex(12), basket, places, {"recipient": actor.name})


def _typed_form() -> CheckoutForm:
    """The form as it was sent; its goods at today's prices, beside those that were seen."""
    actor = current_actor()
    basket = basket_of(typed_lines(request.form))
    places = destinations_of(actor.buyer_id) if actor.buyer_id else []
    return CheckoutForm(request.form.get("key") or secrets.token_hex(12), basket, places, request.form)


def _tell_changed(form: CheckoutForm, error: CartChanged) -> None:
    """What is new stands at its place; the form shows it, and it is seen from now on."""
    form.errors.update({f"line-{product_id}": sentence for product_id, sentence in error.lines.items()})
    form.errors.update({f"shipping_kind-{seller_id}": said for seller_id, said in error.parts.items()})


def _form(form: CheckoutForm) -> str:
    return render_template(
        "orders/checkout.html", form=form, plan_words=PLAN_WORDS, shipping_words=SHIPPING_WORDS
    )


def _review(form: CheckoutForm, parts: list[PricedPart]) -> str:
    actor, total = current_actor(), sum(part.split.total_rupiah for part in parts)
    return render_template(
        "orders/checkout_review.html",
        form=form,
        parts=parts,
        total=total,
        makers={part.maker.id: part.maker for part in form.basket.parts},
        places={place.id: place for place in form.destinations},
        waits=services.waits_for_approval(actor=actor, total_rupiah=total),
        allowance=allowance_of(actor.buyer_id or 0, actor.user_id),
        plan_words=PLAN_WORDS,
        shipping_words=SHIPPING_WORDS,
        accept_days=ACCEPT_DAYS,
        claim_days=CLAIM_DAYS,
    )


@blueprint.get(f"/<{ID}:checkout_id>")
@protected(Permission.ORDER_VIEW)
def done(checkout_id: int) -> str:
    """What was sent off: its orders, and who still has to say yes."""
    page = page_of(checkout_id)
    return render_template("orders/checkout_done.html", page=page, words=ORDER_WORDS, errors={})


def page_of(checkout_id: int) -> CheckoutPage:
    """A checkout that this person may see. Raises NotFound."""
    page = checkout_page(current_actor(), checkout_id)
    if page is None:
        raise no_checkout()
    return page
