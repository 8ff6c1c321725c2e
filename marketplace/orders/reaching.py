"""How people hear of orders beside their pages: mails, reminders, things to do, words for WhatsApp."""

from __future__ import annotations

from flask import Flask

from .. import jobs, signals, web
from ..placements.hooks import MoreWork, register_more_work
from .queries.waiting import owed_for_outlet, waiting_orders_by_outlet
from .services import letters
from .services.reminding import remind_of_deadlines
from .views import tasks, whatsapp


def init_app(app: Flask) -> None:
    """Listen to what happens, remind each minute, and say what waits on the first screens."""
    signals.order_moved.connect(letters.promise_step)
    signals.claim_moved.connect(letters.promise_claim)
    jobs.each_minute(app, reminders_each_minute)
    register_more_work(
        app, MoreWork(tasks.seller_tasks, tasks.outlet_sections, waiting_orders_by_outlet, owed_for_outlet)
    )
    web.register_panel(app, "buyer", tasks.company_panel)
    web.register_panel(app, "office", tasks.company_panel)
    app.jinja_env.globals["whatsapp_draft"] = whatsapp.page_draft


def reminders_each_minute() -> None:
    """Remind those whose last day it is."""
    remind_of_deadlines()
