"""Finding a partner and proposing: the buyer looks for sellers, the seller for outlets."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...catalog import queries as catalog
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import OutletKind
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_number
from .. import queries, services
from ..forms import OfferForm, defaults, take_refusals
from ..queries import AbleSeller, OutletChoice

blueprint = Blueprint("proposals", __name__)
MAX_ID = 2**63 - 1


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
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= MAX_ID else None


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
    """Propose a placement, from whichever side the actor is on."""
    actor = current_actor()
    seller = _seller()
    outlets = _outlets()
    form = OfferForm() if request.method == "POST" else OfferForm(data=_filled(seller, outlets))
    form.let_choose(
        {outlet.id: outlet.name for outlet in outlets}, {card.id: card.name for card in seller.products}
    )
    if form.validate_on_submit():
        try:
            made = services.propose_agreement(actor=actor, offer=form.offer(seller.id))
            flash(_("Tawaran terkirim. Kami beri tahu Anda begitu dijawab."), "ok")
            return redirect(url_for("agreements.agreement", agreement_id=made.id))
        except InvalidInput as error:
            take_refusals(form, error.fields)
    return render_template(
        "placements/propose.html",
        form=form,
        seller=seller,
        outlets=outlets,
        is_seller=actor.seller_id is not None,
        cards={card.id: card for card in seller.products},
    )


def _seller() -> AbleSeller:
    """The actor's own seller, or the one a buyer chose."""
    actor = current_actor()
    found = queries.seller_choice(actor.seller_id or _number("seller") or 0)
    if found is None:
        raise NotFound(_("Usaha ini tidak ada atau sudah tutup. Pilih usaha lain."))
    return found


def _outlets() -> list[OutletChoice]:
    """The buyer's own outlets, or the one that a seller chose."""
    actor = current_actor()
    if actor.operator_id is not None:
        return queries.outlets_of_operator(actor.operator_id)
    chosen = queries.outlet_choice(_number("outlet") or _number("outlet_id") or 0)
    if chosen is None:
        raise NotFound(_("Toko ini tidak ada atau sudah tutup. Pilih toko lain."))
    return [chosen]


def _filled(seller: AbleSeller, outlets: list[OutletChoice]) -> dict[str, object]:
    asked = set(request.args.getlist("product"))
    chosen = [card.id for card in seller.products if not asked or str(card.id) in asked]
    outlet = _number("outlet")
    known = outlet if outlet in {choice.id for choice in outlets} else (outlets[0].id if outlets else None)
    return {**defaults(clock.today()), "product_ids": chosen if asked else chosen[:6], "outlet_id": known}
