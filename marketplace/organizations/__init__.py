"""Sellers, retailers and their outlets, offices, memberships, verification."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from .. import signals
from ..i18n import N_
from ..importing import register_kind
from ..permissions import Actor, Permission
from ..web import NavEntry, register_home, register_nav, register_panel
from ..webhooks import register_kept_sellers
from . import imports, models, queries, rules, versions, views
from .cli import users_group
from .services.stopped_webhooks import KEPT_SELLERS, tell_of_stopped
from .views.home import stories_panel

__all__ = ["init_app", "models", "queries", "rules", "versions"]


def _office_may(permission: Permission) -> Callable[[Actor], bool]:
    def shows_for(actor: Actor) -> bool:
        return actor.is_office and actor.can(permission)

    return shows_for


def _has_no_role(actor: Actor) -> bool:
    return actor.user_id is not None and actor.role is None


def _belongs_to_business(actor: Actor) -> bool:
    return actor.seller_id is not None or actor.operator_id is not None


NAV = (
    (N_("UMKM"), "people", "sellers", Permission.REGISTRY_VIEW, 30, ("/office/sellers",)),
    (
        N_("Verifikasi"),
        "patch-check",
        "verifications",
        Permission.SELLER_VERIFY,
        40,
        ("/office/verifications",),
    ),
    (N_("Klaim"), "person-check", "claims", Permission.REGISTRY_EDIT, 80, ("/office/claims",)),
    (
        N_("Catatan kembar"),
        "link-45deg",
        "duplicates",
        Permission.DUPLICATE_MERGE,
        82,
        ("/office/duplicates",),
    ),
    (N_("Perusahaan"), "building", "operators", Permission.REGISTRY_VIEW, 84, ("/office/operators",)),
    (N_("Orang di kantor"), "person-badge", "people", Permission.REGISTRY_VIEW, 86, ("/office/people",)),
)
"""Label, icon, page, who sees it, place in the order, addresses under it."""


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    register_panel(app, "home_stories", stories_panel)
    views.register(app)
    app.cli.add_command(users_group)
    signals.webhook_stopped.connect(tell_of_stopped)
    register_kept_sellers(app, KEPT_SELLERS)
    for kind in imports.KINDS:
        register_kind(app, kind)
    for label, icon, page, permission, order, prefixes in NAV:
        shows_for = _office_may(permission)
        register_nav(app, NavEntry(label, icon, f"organizations.{page}", shows_for, order, prefixes))
    own = ("/account/organization",)
    register_nav(
        app,
        NavEntry(N_("Usaha"), "shop-window", "organizations.organization", _belongs_to_business, 90, own),
        NavEntry(N_("Mulai"), "person-plus", "organizations.organization", _has_no_role, 10, own),
    )
    register_home(app, "organizations.organization", _has_no_role)
