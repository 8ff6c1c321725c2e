"""What quotations and standing orders add to the app: their pages, their places, and what the worker does."""

from __future__ import annotations

from flask import Flask

from .. import audits, jobs, web
from ..i18n import N_
from ..permissions import Actor, Permission
from ..placements.hooks import MoreWork, register_more_work
from . import quote_audit
from .queries.quotes_waiting import waiting_by_outlet
from .services.quotes import expire_overdue
from .services.standing_runs import run_due
from .views import quote_tasks, quotes, standing


def init_app(app: Flask) -> None:
    """Register it."""
    app.register_blueprint(quotes.blueprint)
    app.register_blueprint(standing.blueprint)
    web.register_panel(app, "order", standing.order_panel)
    web.register_panel(app, "product_acts", quotes.product_acts)
    register_more_work(
        app, MoreWork(quote_tasks.seller_tasks, quote_tasks.outlet_sections, waiting_by_outlet)
    )
    web.register_panel(app, "buyer", quote_tasks.company_panel)
    web.register_panel(app, "office", quote_tasks.company_panel)
    audits.register(app, "quotes", quote_audit.differences, of=quote_audit.TABLES)
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
