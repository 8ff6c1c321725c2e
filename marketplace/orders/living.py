"""What the life of an order adds to the app: its pages, money that moves it on, deadlines that pass."""

from __future__ import annotations

from flask import Flask

from .. import audits, jobs, web
from ..i18n import N_
from ..payments import documents as debts
from ..payments.services.bills import ADVANCE, INVOICE
from ..permissions import Actor, Permission
from . import audit
from .services import paying
from .services.deadlines import pass_deadlines
from .views import claims, orders, receipts

__all__ = ["init_app", "paying"]
PLACES = ("/orders", "/claims", "/standing-orders")


def init_app(app: Flask) -> None:
    """Register it."""
    for pages in (orders, receipts, claims):
        app.register_blueprint(pages.blueprint)
    for kind in (ADVANCE, INVOICE):
        debts.register(kind, "/orders/shares/{}".format)
    audits.register(app, "orders", audit.differences, of=audit.TABLES)
    jobs.each_minute(app, deadlines_each_minute)
    web.register_nav(
        app,
        web.NavEntry(N_("Pesanan"), "cart3", "orders.orders", _has_orders, 32, PLACES),
        web.NavEntry(N_("Pesanan"), "cart3", "orders.orders", _looks_on, 64, PLACES),
    )


def deadlines_each_minute() -> None:
    """Move the orders and claims whose time is over."""
    pass_deadlines()


def _has_orders(actor: Actor) -> bool:
    return actor.can(Permission.ORDER_VIEW) and not actor.is_office


def _looks_on(actor: Actor) -> bool:
    return actor.can(Permission.ORDER_VIEW) and actor.is_office
