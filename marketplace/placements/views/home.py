"""The seller's first screen, and what placements add to other pages."""

from __future__ import annotations

from flask import Blueprint, render_template
from markupsafe import Markup

from ... import clock
from ...catalog import queries as catalog
from ...catalog.models import ProductState
from ...catalog.queries import ProductPage
from ...catalog.queries.certificates import needing_a_hand
from ...catalog.queries.curation import sent_back_to
from ...errors import NotFound
from ...i18n import _
from ...organizations.rules import KIND_LABELS
from ...permissions import Permission, current_actor, protected
from .. import queries
from ..hooks import more_work
from ..queries import Filter
from ..queries.waiting import seller_waits
from .loop_tasks import with_loop
from .request_tasks import with_requests
from .tasks import tasks_of

blueprint = Blueprint("seller_home", __name__)
READY_ENOUGH = 70
"""A product below this readiness is worth an evening of its seller."""
SHOWN = 5
"""So many rows of each list stand open on the first screen; the rest is one tap away."""


@blueprint.get("/seller")
@protected(Permission.SELLER_HOME)
def home() -> str:
    """What do I have to do today, where do my goods stand, and what was sold?"""
    actor = current_actor()
    home = queries.seller_home(actor)
    if home is None:
        raise NotFound(_("Usaha ini tidak ada lagi. Hubungi Dinas bila Anda merasa ini keliru."))
    listed = catalog.products_of_seller(home.seller.id)
    papers = needing_a_hand(home.seller.id, clock.today())
    drafts = catalog.own_products(home.seller.id, state=ProductState.DRAFT, size=1)
    tasks = tasks_of(
        home,
        listed,
        papers,
        sent_back_to(home.seller.id),
        drafts[0] if drafts else None,
        catalog.least_ready(home.seller.id, below=READY_ENOUGH),
        clock.today(),
    )
    waiting = catalog.samples_waiting(home.seller.id), catalog.questions_waiting(home.seller.id)
    more = [task for work in more_work() for task in work.for_seller(actor, clock.today())]
    return render_template(
        "seller/home.html",
        home=home,
        tasks=with_loop(
            with_requests([*more, *tasks], *waiting, clock.today()),
            seller_waits(actor),
            home.undelivered,
            home.shelves,
            clock.today(),
        ),
        shown=SHOWN,
        greeting=_greeting(),
        first_name=actor.name,
    )


def _greeting() -> str:
    hour = clock.now().astimezone(clock.WIB).hour
    if hour < 11:
        return _("Selamat pagi")
    if hour < 15:
        return _("Selamat siang")
    return _("Selamat sore") if hour < 18 else _("Selamat malam")


def product_panel(product_id: int) -> Markup:
    """Where a product stands today, for its public page."""
    shelves, total = queries.outlets_with_product(product_id)
    html = render_template("placements/product_panel.html", shelves=shelves, total=total, now=clock.now())
    return Markup(html)  # noqa: S704 - a template's own output


def storefront_panel(seller_id: int) -> Markup:
    """Where a seller's goods are sold now, for its public page."""
    shelves, total = queries.outlets_with_goods_of(seller_id)
    html = render_template(
        "placements/storefront_panel.html", shelves=shelves, total=total, kinds=KIND_LABELS, now=clock.now()
    )
    return Markup(html)  # noqa: S704 - a template's own output


def product_acts(page: ProductPage) -> Markup:
    """The button that proposes a placement of a product, for those who may; an invitation for others."""
    return Markup(render_template("placements/product_acts.html", page=page))  # noqa: S704


def seller_panel(seller_id: int) -> Markup:
    """A seller's agreements and shelves, for whoever may see them on its registry page."""
    actor = current_actor()
    if not actor.can(Permission.AGREEMENT_VIEW):
        return Markup("")
    rows = queries.agreements_of(actor, Filter(seller_id=seller_id), size=None)
    shelves = queries.shelves_of(seller_id, clock.today())
    html = render_template("placements/seller_panel.html", rows=rows, shelves=shelves, shown=SHOWN)
    return Markup(html)  # noqa: S704 - a template's own output
