"""What quotations and standing orders add to the app: their pages, their places, and what the worker does."""

from __future__ import annotations

from flask import Flask

from .. import jobs, web
from ..i18n import N_
from ..permissions import Actor, Permission
from .services.quotes import expire_overdue
from .services.standing_runs import run_due
from .views import quotes, standing


def init_app(app: Flask) -> None:
    """Register it."""
    app.register_blueprint(quotes.blueprint)
    app.register_blueprint(standing.blueprint)
    web.register_panel(app, "order", standing.order_panel)
    web.register_panel(app, "product_acts", quotes.product_acts)
    web.register_nav(
        app, web.NavEntry(N_("Penawaran"), "chat-left-text", "quotes.quotes", _quotes, 48, ("/quotes",))
    )
    jobs.each_minute(app, quotes_each_minute)
    jobs.each_minute(app, standing_each_minute)


def quotes_each_minute() -> None:
    """End what was not answered in time."""
    expire_overdue()


def standing_each_minute() -> None:
    """Order what standing orders ask for today."""
    run_due()


def _quotes(actor: Actor) -> bool:
    return actor.can(Permission.ORDER_VIEW) and (actor.seller_id is not None or actor.buyer_id is not None)
