"""Finding a partner and proposing: the buyer looks for sellers, the seller for outlets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...catalog import queries as catalog
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, ngettext
from ...organizations.models import OutletKind
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_number
from .. import queries, services
from ..forms import ProposalForm, defaults, filled_from, price_defaults, take_refusals, with_prices
from ..offers import Draft, Offer
from ..queries import AbleSeller, OutletChoice
from ..services import Proposed
from .steps import walk, wrong_step

blueprint = Blueprint("proposals", __name__)
MAX_ID = 2**63 - 1
MAX_SELLERS = 20


@blueprint.get("/buyer/sellers")
@protected(Permission.BUYER_HOME)
def sellers() -> str:
    """Verified sellers that could fill a gap at one of the buyer's outlets, the nearest first."""
    outlets = queries.outlets_of_operator(current_actor().operator_id or 0)
    outlet = _chosen(outlets)
    q, category = one_line(request.args.get("q"))[:200], one_line(request.args.get("category"))[:300]
    number = min(page_number(), 10_000)
    found: list[AbleSeller] = []
    total = 0
    if outlet is not None:
        found, total = queries.able_sellers(outlet.id, q=q, category=category, number=number)
    return render_template(
        "buyer/sellers.html",
        outlets=outlets,
        outlet=outlet,
        page=Page(found, number, total, queries.sellers.PAGE_SIZE),
        q=q,
        category=category,
        categories=catalog.category_tree(),
    )


def _chosen(outlets: list[OutletChoice]) -> OutletChoice | None:
    """The outlet named in the address, if it is the buyer's own; else the first."""
    asked = _number("outlet")
    return next((outlet for outlet in outlets if outlet.id == asked), outlets[0] if outlets else None)


def _number(name: str) -> int | None:
    return next(iter(_numbers(name)), None)


def _numbers(name: str) -> list[int]:
    """The ids given under a name, each once, in order."""
    typed = [text for text in request.values.getlist(name) if text.isascii() and text.isdecimal()]
    return list(dict.fromkeys(int(text) for text in typed if len(text) <= 19 and int(text) <= MAX_ID))


@blueprint.get("/seller/outlets")
@protected(Permission.SELLER_HOME)
def outlets() -> str:
    """Open outlets that a seller could offer itself to, the nearest first."""
    q, kind = one_line(request.args.get("q"))[:200], request.args.get("kind", "")
    number = min(page_number(), 10_000)
    known = kind if kind in set(OutletKind) else ""
    found, total = queries.outlets_for_seller(current_actor(), q=q, kind=known, number=number)
    return render_template(
        "seller/outlets.html", page=Page(found, number, total), q=q, kind=known, kinds=list(OutletKind)
    )


@blueprint.route("/agreements/new", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_PROPOSE)
def new() -> str | Response:
    """Propose a placement, from whichever side the actor is on, to one or to many."""
    sellers, outlets = _sellers(), _outlets()
    cards = {card.id: card for seller in sellers for card in seller.products}
    kind = with_prices(ProposalForm, list(cards))
    form = kind() if request.method == "POST" else kind(data=_filled(sellers, outlets))
    form.outlet_ids.offer({outlet.id: outlet.name for outlet in outlets})
    form.product_ids.offer({card.id: card.name for card in cards.values()})
    step, is_ready = walk(form)
    if is_ready:
        try:
            made = services.propose_agreements(actor=current_actor(), offers=_offers(form, sellers))
            if made.made:
                return _told(made)
            form.form_errors.extend(dict.fromkeys(one.sentence for one in made.refused))
        except InvalidInput as error:
            take_refusals(form, error.fields or {"": error.message})
        except (RuleBroken, Conflict) as error:
            form.form_errors.append(error.message)
        step = wrong_step(form)
    return render_template(
        "placements/propose.html",
        form=form,
        step=step,
        sellers=sellers,
        outlets=outlets,
        is_seller=current_actor().seller_id is not None,
        cards=cards,
    )


def _offers(form: ProposalForm, sellers: Sequence[AbleSeller]) -> list[Offer]:
    """One offer for each chosen outlet and each seller with a chosen product."""
    draft = form.draft()
    values = {one.name: getattr(draft, one.name) for one in fields(Draft)}
    goods = {
        seller.id: tuple(good for good in draft.goods if good.product_id in {c.id for c in seller.products})
        for seller in sellers
    }
    return [
        Offer(**values | {"goods": goods[seller.id]}, outlet_id=outlet_id, seller_id=seller.id)
        for outlet_id in form.outlet_ids.data or ()
        for seller in sellers
        if goods[seller.id]
    ]


def _told(proposed: Proposed) -> Response:
    count = len(proposed.made)
    flash(
        ngettext(
            "Tawaran terkirim. Kami beri tahu Anda begitu dijawab.",
            "%(num)d tawaran terkirim. Kami beri tahu Anda begitu dijawab.",
            count,
        ),
        "ok",
    )
    for sentence in dict.fromkeys(one.sentence for one in proposed.refused):
        many = sum(one.sentence == sentence for one in proposed.refused)
        flash(_("%(count)d tawaran tidak terkirim: %(why)s", count=many, why=sentence), "grace")
    if count == 1:
        return redirect(url_for("agreements.agreement", agreement_id=proposed.made[0].id))
    return redirect(url_for("agreements.agreements", condition="proposed"))


def _sellers() -> list[AbleSeller]:
    """The actor's own seller, or those that a buyer chose."""
    actor = current_actor()
    wanted = [actor.seller_id] if actor.seller_id is not None else _numbers("seller")[:MAX_SELLERS]
    found = [seller for number in wanted if (seller := queries.seller_choice(number)) is not None]
    if not found:
        raise NotFound(_("Usaha ini tidak ada atau sudah tutup. Pilih usaha lain."))
    return found


def _outlets() -> list[OutletChoice]:
    """The buyer's own outlets, or those that a seller chose."""
    actor = current_actor()
    if actor.operator_id is not None:
        return queries.outlets_of_operator(actor.operator_id)
    wanted = _numbers("outlet") or _numbers("outlet_ids")
    found = [outlet for number in wanted[:20] if (outlet := queries.outlet_choice(number)) is not None]
    if not found:
        raise NotFound(_("Toko ini tidak ada atau sudah tutup. Pilih toko lain."))
    return found


def _filled(sellers: Sequence[AbleSeller], outlets: Sequence[OutletChoice]) -> dict[str, Any]:
    """What stands in the form at first: the usual terms, or those of an agreement to be made again."""
    cards = [card for seller in sellers for card in seller.products]
    asked, known = set(_numbers("product")), set(_numbers("outlet"))
    chosen = [card.id for card in cards if not asked or card.id in asked]
    again = queries.terms_to_repeat(current_actor(), _number("again") or 0)
    terms = {**filled_from(again.terms), **defaults(clock.today()), "ends_on": None} if again else {}
    prices = again.prices if again else {}
    return {
        **defaults(clock.today()),
        **terms,
        **price_defaults(prices, queries.catalogue_prices([card.id for card in cards])),
        "product_ids": chosen if asked else chosen[:6],
        "outlet_ids": [one.id for one in outlets if one.id in known] or [one.id for one in outlets[:1]],
    }
