"""Products, the tree of categories, certificates, search."""

from __future__ import annotations

from flask import Flask

from .. import audits, jobs, outbox, web
from ..i18n import N_
from ..importing import register_kind
from ..permissions import Actor, Permission
from . import api, cli, desk, imports, models, views
from .queries import engine
from .queries.readiness import readiness_differences
from .services import bulk_photos, bulk_undo, indexing, photo_files, readiness, saved_searches
from .views.home import home_panel
from .views.photos import photo_globals
from .views.product import seller_panel, storefront_acts, storefront_badges
from .views.public import shown_values
from .views.saved_searches import buyer_panel

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    for kind in imports.KINDS:
        register_kind(app, kind)
    engine.init_app(app)
    cli.init_app(app)
    audits.register(app, "search", indexing.differences)
    jobs.each_minute(app, indexing.keep_up)
    jobs.nightly(app, saved_searches.send_digests)
    app.register_blueprint(views.public_pages)
    app.register_blueprint(views.saved_search_pages)
    app.register_blueprint(views.synonym_pages)
    app.register_blueprint(views.seller_pages)
    app.register_blueprint(views.variant_pages)
    app.register_blueprint(views.photo_pages)
    app.register_blueprint(views.bulk_pages)
    outbox.handles(bulk_photos.PHOTOS)(bulk_photos.take_photos)
    outbox.handles(bulk_undo.UNDO)(bulk_undo.take_back)
    app.register_blueprint(views.media)
    app.register_blueprint(views.list_pages)
    app.register_blueprint(views.question_pages)
    app.register_blueprint(views.sample_pages)
    app.register_blueprint(views.paper_pages)
    app.register_blueprint(api.blueprint)
    desk.init_app(app)
    readiness.listen()
    jobs.nightly(app, readiness.mend_readiness)
    audits.register(app, "readiness", readiness_differences)
    photo_files.register(app)
    jobs.nightly(app, photo_files.sweep_photos)
    photo_globals(app)
    app.jinja_env.globals["shown_values"] = shown_values
    web.register_panel(app, "home", home_panel)
    web.register_panel(app, "buyer", buyer_panel)
    web.register_panel(app, "seller", seller_panel)
    web.register_panel(app, "storefront", seller_panel)
    web.register_panel(app, "storefront_acts", storefront_acts)
    web.register_panel(app, "storefront_badges", storefront_badges)
    web.register_nav(
        app,
        web.NavEntry(
            N_("Produk"),
            "box-seam",
            "seller_products.products",
            _makes_products,
            order=20,
            prefixes=("/seller/products",),
        ),
        web.NavEntry(
            N_("Daftar"),
            "heart",
            "lists.lists",
            _keeps_lists,
            order=64,
            prefixes=("/buyer/lists", "/compare"),
        ),
        web.NavEntry(
            N_("Contoh produk"),
            "gift",
            "samples.samples",
            _keeps_lists,
            order=66,
            prefixes=("/samples", "/questions"),
        ),
        web.NavEntry(
            N_("Permintaan"),
            "chat-left-text",
            "samples.samples",
            _is_asked,
            order=64,
            prefixes=("/samples", "/seller/questions"),
        ),
        web.NavEntry(N_("Kata pencarian"), "search", "synonyms.groups", _keeps_words, order=85),
        web.NavEntry(
            N_("Produk"),
            "grid",
            "catalog.products",
            _only_looks,
            order=47,
            prefixes=("/products", "/categories"),
        ),
    )


def _keeps_lists(actor: Actor) -> bool:
    return actor.operator_id is not None and actor.can(Permission.SHORTLIST_EDIT)


def _is_asked(actor: Actor) -> bool:
    return actor.seller_id is not None and actor.can(Permission.PRODUCT_EDIT)


def _keeps_words(actor: Actor) -> bool:
    return actor.can(Permission.CATALOG_MANAGE)


def _makes_products(actor: Actor) -> bool:
    return actor.can(Permission.PRODUCT_EDIT)


def _only_looks(actor: Actor) -> bool:
    return actor.user_id is None or actor.operator_id is not None
