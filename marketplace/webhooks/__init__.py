"""Webhooks: programs of sellers and buyers are told of events. docs/webhooks.md says what they can rely on.

An area offers its events with `register_topics` and writes them with `publish`, in the transaction of what
happened; the worker sends them.
"""

from __future__ import annotations

from flask import Flask

from .. import jobs
from . import api, delivering, models, views, waking
from .publishing import publish, register_kept_sellers
from .topics import Topic
from .topics import register as register_topics

__all__ = ["Topic", "init_app", "models", "publish", "register_kept_sellers", "register_topics"]


def init_app(app: Flask) -> None:
    """Add the pages, the API, and the lane in which the worker sends."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(api.api)
    waking.init_app(app, jobs.lane(app, "webhooks", _deliver))
    jobs.nightly(app, delivering.sweep)


def _deliver() -> None:
    delivering.deliver_due()
