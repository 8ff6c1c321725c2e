"""Agreements between sellers and outlets, and the goods that stand on shelves because of them."""

from __future__ import annotations

from datetime import date

from flask import Flask

from .. import web
from ..catalog.hooks import ExtraFilter, register_filter, register_shelf_counter
from ..i18n import N_
from ..importing import register_kind
from ..permissions import Actor, Permission
from . import agreeing, goods, imports, models, money, navigation, queries, selling, services, views
from .views import month as month_pages
from .views.home import product_acts, product_panel, seller_panel, storefront_panel

__all__ = ["init_app", "models", "services"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    register_kind(app, imports.KIND)
    agreeing.init_app(app)
    goods.init_app(app)
    selling.init_app(app)
    money.init_app(app)
    for pages in (views.home_pages, views.agreement_pages, views.proposal_pages, month_pages.blueprint):
        app.register_blueprint(pages)
    app.jinja_env.filters["from_iso"] = date.fromisoformat
    register_shelf_counter(app, queries.shelf_counts)
    register_filter(
        app, ExtraFilter("not_carried", N_("Belum ada di toko saya"), _buys, queries.products_carried_by)
    )
    web.register_panel(app, "product", product_panel)
    web.register_panel(app, "product_acts", product_acts)
    web.register_panel(app, "seller", seller_panel)
    web.register_panel(app, "storefront", storefront_panel)
    web.register_home(app, "seller_home.home", _sells)
    navigation.init_app(app)


def _sells(actor: Actor) -> bool:
    return actor.seller_id is not None and actor.can(Permission.SELLER_HOME)


def _buys(actor: Actor) -> bool:
    return actor.operator_id is not None and actor.can(Permission.BUYER_HOME)
