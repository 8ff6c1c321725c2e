"""Products, the tree of categories, certificates, search."""

from __future__ import annotations

from flask import Flask

from .. import web
from ..i18n import N_
from ..importing import register_kind
from ..permissions import Actor, Permission
from . import api, imports, models, views
from .views.home import home_panel
from .views.public import seller_panel, shown_values

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    register_kind(app, imports.KIND)
    app.register_blueprint(views.public_pages)
    app.register_blueprint(views.seller_pages)
    app.register_blueprint(api.blueprint)
    app.jinja_env.globals["shown_values"] = shown_values
    web.register_panel(app, "home", home_panel)
    web.register_panel(app, "seller", seller_panel)
    web.register_panel(app, "storefront", seller_panel)
    web.register_nav(
        app,
        web.NavEntry(N_("Produk"), "box-seam", "seller_products.products", _makes_products, order=20),
        web.NavEntry(
            N_("Produk"), "grid", "catalog.products", _only_looks, order=10, prefixes=("/products",)
        ),
    )


def _makes_products(actor: Actor) -> bool:
    return actor.can(Permission.PRODUCT_EDIT)


def _only_looks(actor: Actor) -> bool:
    return actor.user_id is None
