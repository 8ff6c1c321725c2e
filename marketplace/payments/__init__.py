"""The journal of rupiah: what is owed between parties, what was paid, what was received."""

from __future__ import annotations

from flask import Flask

from .. import audits, jobs, web
from ..i18n import N_
from ..permissions import Actor, Permission
from . import audit, models, providers, telling
from .services import sweeping
from .views import payments as pages
from .views import provider_events, qris, refunds

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    providers.init_app(app)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(refunds.blueprint)
    app.register_blueprint(qris.blueprint)
    app.register_blueprint(provider_events.blueprint)
    audits.register(app, "journal", audit.differences)
    telling.init_app(app)
    jobs.each_minute(app, sweeping.sweep)
    web.register_nav(
        app,
        web.NavEntry(
            N_("Pembayaran"), "receipt", "payments.payments", _has_money, order=59, prefixes=("/payments",)
        ),
    )


def _has_money(actor: Actor) -> bool:
    return actor.can(Permission.SETTLEMENT_VIEW) and not actor.is_office
