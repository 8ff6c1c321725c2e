"""What quotations add to the app: those that nobody answered end."""

from __future__ import annotations

from flask import Flask

from .. import jobs
from .services.quotes import expire_overdue


def init_app(app: Flask) -> None:
    """Register it."""
    jobs.each_minute(app, quotes_each_minute)


def quotes_each_minute() -> None:
    """End what was not answered in time."""
    expire_overdue()
