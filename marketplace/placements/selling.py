"""What the area registers for sales reports, stock counts and lower prices."""

from __future__ import annotations

from flask import Flask

from .. import jobs
from ..stock.hooks import register_sales_registry
from .models import DifferenceKind
from .services.differences import on_settled
from .services.excess import book_excess
from .services.reports import Registry
from .services.silence import remind_silent_outlets


def init_app(app: Flask) -> None:
    """Register the registry of reports, what settles a sale beyond the shelf, and the nightly reminder."""
    register_sales_registry(app, Registry())
    on_settled(DifferenceKind.SALE_EXCESS, book_excess)
    jobs.nightly(app, remind_silently)


def remind_silently() -> None:
    """Remind stores that tell nothing of their sales."""
    remind_silent_outlets()
