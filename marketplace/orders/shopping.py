"""What buying and selling outright adds to the app: the cart, the checkout, approvals, terms, ready stock."""

from __future__ import annotations

from flask import Flask

from .. import web
from ..i18n import N_
from ..permissions import Actor, Permission
from .views import approvals, cart, checkout, selling


def init_app(app: Flask) -> None:
    """Register the pages, their places, and what they add to others."""
    for pages in (cart, checkout, approvals, selling):
        app.register_blueprint(pages.blueprint)
    web.register_panel(app, "product_acts", cart.product_acts)
    web.register_panel(app, "topbar", cart.topbar_link)
    entry = web.NavEntry
    web.register_nav(
        app,
        entry(N_("Persetujuan belanja"), "check-lg", "approvals.approvals", _buys, 70, ("/approvals",)),
        entry(N_("Stok siap kirim"), "box-seam", "selling.stock", _sells, 61, ("/seller/stock",)),
        entry(N_("Cara jual"), "sliders", "selling.terms", _sets_terms, 62, ("/seller/selling-terms",)),
    )


def _buys(actor: Actor) -> bool:
    return actor.can(Permission.ORDER_PLACE) and actor.buyer_id is not None


def _sells(actor: Actor) -> bool:
    return actor.seller_id is not None and actor.can(Permission.PRODUCT_EDIT)


def _sets_terms(actor: Actor) -> bool:
    return actor.seller_id is not None and actor.can(Permission.SELLER_EDIT)
