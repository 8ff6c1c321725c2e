"""Quotations: the list, asking for one, its page with every version, answering, and what ends it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ...catalog.queries import ProductPage
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...typed import read_id, read_whole
from ...web import Page, page_within
from ..models import PaymentPlan, Quote, QuoteState, QuoteVersion
from ..queries import quotes as reads
from ..queries.buyers import Destination, destinations_of
from ..queries.cart import BasketPart, basket_of, cart_of
from ..queries.offers import offers_of, terms_of
from ..queries.quotes import QuoteFilter, QuotePage
from ..queries.supply import supply_of_version
from ..rules.buying import PLAN_WORDS, SHIPPING_WORDS, advance_of
from ..rules.drafts import LineDraft
from ..rules.quotes import QUOTE_WORDS, QuoteVerb
from ..rules.states import OrderSide
from ..rules.terms import Terms
from ..services import asking
from ..services import quotes as services
from ..services.checkout import waits_for_approval
from ..services.quotes import no_quote
from .quote_forms import WAYS, AnswerForm, AskForm

blueprint = Blueprint("quotes", __name__, url_prefix="/quotes")
ID = "int(max=9223372036854775807)"
COLUMNS = ("number", "state", "due_at", "seller_name", "operator_name", "asked_at", "total_rupiah", "goods")
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@protected(Permission.ORDER_VIEW)
def quotes() -> str | Response:
    """The actor's quotations, what waits for the actor first; as a file with ?format=csv or xlsx."""
    actor, state = current_actor(), request.args.get("state", "")
    asked = QuoteFilter(one_line(request.args.get("q"))[:200], state if state in set(QuoteState) else "")
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.quotes_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "penawaran", {"state": QUOTE_WORDS})
    counts, turns = reads.count_quotes(actor, asked.q), reads.turns_of(actor)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "orders/quotes/list.html",
        page=Page(reads.quotes_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        turns=turns,
        waiting=sum(counts.get(turn, 0) for turn in turns),
        words=QUOTE_WORDS,
    )


# --- asking ------------------------------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.ORDER_PLACE)
def new() -> Answer:
    """Ask one seller: for a product (?product=), or for all of it that is in the cart (?seller=)."""
    actor, key = current_actor(), request.form.get("key", "")
    known = reads.quote_of_form(actor.buyer_id, key) if key and actor.buyer_id else None
    if known is not None:  # sent twice: by now the goods are out of the cart
        return redirect(url_for(".quote", quote_id=known.id))
    part, is_cart = _wanted()
    places = destinations_of(actor.buyer_id) if actor.buyer_id else []
    form = AskForm(request.form, {}, places, part) if request.method == "POST" else _begun(part, places)
    if request.method == "POST" and (draft := form.draft()) is not None:
        try:
            made = asking.ask(actor=actor, client_key=key, part=draft, from_cart=is_cart)
        except InvalidInput as error:
            form.take(error.fields or {"lines": error.message})
        else:
            flash(_("Permintaan terkirim. Kami beri tahu Anda begitu penjual menulis harganya."), "ok")
            return redirect(url_for(".quote", quote_id=made.id))
    page = render_template(
        "orders/quotes/ask.html",
        form=form,
        part=part,
        is_cart=is_cart,
        key=key or secrets.token_hex(12),
        ways=WAYS,
        way_words=SHIPPING_WORDS,
        plan_words=PLAN_WORDS,
    )
    return (page, 422) if form.errors else page


def _begun(part: BasketPart, places: Sequence[Destination]) -> AskForm:
    return AskForm({"recipient": current_actor().name}, {}, places, part)


def _wanted() -> tuple[BasketPart, bool]:
    """What is asked for, and whether it comes out of the cart. Raises NotFound."""
    product, seller = read_id(request.values.get("product")), read_id(request.values.get("seller"))
    if product:
        offer = offers_of([product]).by_product.get(product)
        quantity = read_whole(request.args.get("quantity", "")) or (offer.least if offer else 1)
        price = offer.unit_price(quantity) if offer else 0
        basket = basket_of([LineDraft(product, quantity, price)])
    else:
        basket = cart_of(current_actor()).only(seller)
    parts = [part for part in basket.parts if any(line.offer.is_sold for line in part.lines)]
    if not parts:
        raise NotFound(_("Tidak ada barang untuk dimintakan penawaran. Pilih produknya dulu."))
    return parts[0], not product


# --- one quotation -----------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}:quote_id>")
@protected(Permission.ORDER_VIEW)
def quote(quote_id: int) -> str:
    """Every version of a quotation, what is on the table, and what can be done with it now."""
    return _render(page_of(quote_id), "orders/quotes/page.html")


def page_of(quote_id: int) -> QuotePage:
    """The quotation's page; NotFound for a stranger."""
    page = reads.quote_page(current_actor(), quote_id)
    if page is None:
        raise no_quote()
    return page


def _render(page: QuotePage, template: str, **more: object) -> str:
    total = page.latest.row.total_rupiah
    waits = (
        page.side is OrderSide.BUYER
        and total is not None
        and waits_for_approval(actor=current_actor(), total_rupiah=total)
    )
    return render_template(
        template,
        page=page,
        words=QUOTE_WORDS,
        plan_words=PLAN_WORDS,
        way_words=SHIPPING_WORDS,
        waits=waits,
        supply=supply_of_version(page.latest.row, page.latest.lines) if page.is_open else None,
        advance_of=_advance,
        **more,
    )


def _advance(row: QuoteVersion) -> int:
    """What of a version is due before packing."""
    terms = Terms(advance_percent=row.advance_percent)
    return advance_of(PaymentPlan(row.payment_plan), row.total_rupiah or 0, terms)


@blueprint.route(f"/<{ID}:quote_id>/answer", methods=["GET", "POST"])
@protected(Permission.ORDER_VIEW)
def answer(quote_id: int) -> Answer:
    """Write what one would agree to: the seller's offer, or the buyer's counter-offer."""
    page, actor = page_of(quote_id), current_actor()
    verb = QuoteVerb.OFFER if page.side is OrderSide.SELLER else QuoteVerb.COUNTER
    form = AnswerForm(request.form, {}, page, terms_of([page.seller.id])[page.seller.id])
    if request.method == "GET":
        if verb not in page.verbs:
            return redirect(url_for(".quote", quote_id=quote_id))
        form.begin()
    elif (draft := form.draft()) is not None:
        act = services.offer if verb is QuoteVerb.OFFER else services.counter
        try:
            act(actor=actor, quote_id=quote_id, version=form.version, terms=draft)
        except InvalidInput as error:
            form.errors.update(error.fields)
        except (RuleBroken, Conflict) as error:
            return _back(quote_id, error.message, "warning")
        else:
            return _back(quote_id, _("Terkirim. Pihak lain kami beri tahu."))
    html = _render(page, "orders/quotes/answer.html", form=form, verb=verb)
    return (html, 422) if form.errors else html


@blueprint.post(f"/<{ID}:quote_id>/accept")
@protected(Permission.ORDER_VIEW)
def accept(quote_id: int) -> Response:
    """Say yes to the version that was read: it becomes an order."""
    try:
        made = services.accept(
            actor=current_actor(),
            quote_id=quote_id,
            version=_version(),
            makes_rest=bool(request.form.get("makes_rest")),
        )
    except (RuleBroken, Conflict) as error:
        return _back(quote_id, error.message, "warning")
    flash(_("Disetujui. Penawaran ini menjadi pesanan dengan harga yang disepakati."), "ok")
    return redirect(url_for("orders.order", order_id=made.order_id))


@blueprint.route(f"/<{ID}:quote_id>/decline", methods=["GET", "POST"])
@protected(Permission.ORDER_VIEW)
def decline(quote_id: int) -> Answer:
    """Say no, and why."""
    return _leave(quote_id, QuoteVerb.DECLINE, services.decline, _("Penawaran ditolak."))


@blueprint.route(f"/<{ID}:quote_id>/withdraw", methods=["GET", "POST"])
@protected(Permission.ORDER_VIEW)
def withdraw(quote_id: int) -> Answer:
    """Take back what one wrote oneself."""
    return _leave(quote_id, QuoteVerb.WITHDRAW, services.withdraw, _("Penawaran ditarik."))


def _leave(quote_id: int, verb: QuoteVerb, act: Callable[..., Quote], sentence: str) -> Answer:
    """The page before an act that ends the talk, with the reason; then the act."""
    page, errors = page_of(quote_id), dict[str, str]()
    if request.method == "POST":
        try:
            act(
                actor=current_actor(),
                quote_id=quote_id,
                version=_version(),
                reason=request.form.get("reason", ""),
            )
        except InvalidInput as error:
            errors = error.fields
        except (RuleBroken, Conflict) as error:
            return _back(quote_id, error.message, "warning")
        else:
            return _back(quote_id, sentence)
    elif verb not in page.verbs:
        return redirect(url_for(".quote", quote_id=quote_id))
    html = _render(page, "orders/quotes/leave.html", verb=verb.value, errors=errors, typed=request.form)
    return (html, 422) if errors else html


def _version() -> int:
    return read_whole(request.form.get("version", "")) or 0


def _back(quote_id: int, sentence: str, kind: str = "ok") -> Response:
    flash(sentence, kind)
    return redirect(url_for(".quote", quote_id=quote_id))


def product_acts(page: ProductPage) -> Markup:
    """The way to ask for a price, for those who buy."""
    actor = current_actor()
    is_shown = page.is_live and actor.can(Permission.ORDER_PLACE) and (actor.buyer_id or actor.office_id)
    html = render_template("orders/quotes/product_acts.html", page=page) if is_shown else ""
    return Markup(html)  # noqa: S704 - a template's own output
