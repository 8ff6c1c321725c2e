"""What quotations and standing orders add to the app: their pages, their places, and what the worker does."""

from __future__ import annotations

from flask import Flask

from .. import jobs
from .services.quotes import expire_overdue
from .services.standing_runs import run_due


def init_app(app: Flask) -> None:
    """Register it."""
    jobs.each_minute(app, quotes_each_minute)
    jobs.each_minute(app, standing_each_minute)


def quotes_each_minute() -> None:
    """End what was not answered in time."""
    expire_overdue()


def standing_each_minute() -> None:
    """Order what standing orders ask for today."""
    run_due()
