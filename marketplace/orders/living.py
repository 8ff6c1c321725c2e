"""What the life of an order adds to the app: money that moves orders on, and deadlines that pass."""

from __future__ import annotations

from flask import Flask

from .. import jobs
from .services import paying
from .services.deadlines import pass_deadlines

__all__ = ["init_app", "paying"]


def init_app(app: Flask) -> None:
    """Register it."""
    jobs.each_minute(app, deadlines_each_minute)


def deadlines_each_minute() -> None:
    """Move the orders and claims whose time is over."""
    pass_deadlines()
