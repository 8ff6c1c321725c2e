"""The journal of rupiah: what is owed between parties, what was paid, what was received."""

from __future__ import annotations

from flask import Flask

from .. import audits, jobs, web
from ..i18n import N_
from ..importing import register_kind
from ..permissions import Actor, Permission
from . import audit, carried, models, telling
from .imports.bank import STATEMENT
from .services import reminding
from .views import bank, cash, dues, qris, refunds
from .views import payments as pages

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    carried.init_app(app)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(refunds.blueprint)
    app.register_blueprint(qris.blueprint)
    app.register_blueprint(bank.blueprint)
    app.register_blueprint(cash.blueprint)
    app.register_blueprint(dues.blueprint)
    app.register_blueprint(bank.files)
    register_kind(app, STATEMENT)
    audits.register(app, "journal", audit.differences, of=audit.TABLES)
    telling.init_app(app)
    jobs.nightly(app, reminding.remind_of_bills)
    web.register_nav(
        app,
        web.NavEntry(
            N_("Pembayaran"), "receipt", "payments.payments", _has_money, order=59, prefixes=("/payments",)
        ),
    )


def _has_money(actor: Actor) -> bool:
    buys_or_sells = not actor.is_office or actor.buyer_id is not None
    return actor.can(Permission.SETTLEMENT_VIEW) and buys_or_sells
