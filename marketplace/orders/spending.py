"""What looking at orders from above adds to the app: spending, an office's report, what is in dispute."""

from __future__ import annotations

from flask import Flask

from .. import web
from ..i18n import N_
from ..permissions import Actor, Permission
from .views import disputes, local_spend, spending

__all__ = ["init_app", "spending"]


def init_app(app: Flask) -> None:
    """Register the pages and their places."""
    for pages in (spending, local_spend, disputes):
        app.register_blueprint(pages.blueprint)
    entry = web.NavEntry
    web.register_nav(
        app,
        entry(N_("Belanja kami"), "bar-chart", "spending.spending", _spends, 71, ("/spending",)),
        entry(N_("Belanja lokal"), "bar-chart", "local_spend.report", _reports, 67, ("/office/local-spend",)),
        entry(
            N_("Sengketa pesanan"),
            "exclamation-circle-fill",
            "order_disputes.disputes",
            _decides,
            68,
            ("/office/order-disputes",),
        ),
    )


def _spends(actor: Actor) -> bool:
    return actor.can(Permission.SPEND_VIEW) and not actor.is_office and actor.buyer_id is not None


def _reports(actor: Actor) -> bool:
    return actor.is_office and actor.can(Permission.SPEND_VIEW)


def _decides(actor: Actor) -> bool:
    return actor.is_office and actor.can(Permission.CLAIM_DECIDE)
