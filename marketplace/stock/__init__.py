"""The append-only ledger of units: movements, balances, lots, display spells, sales reports."""

from __future__ import annotations

from flask import Flask

from .. import audits
from ..catalog.hooks import register_unit_counter
from ..importing import register_kind
from . import audit
from .api import api
from .imports import MOVEMENTS
from .queries import units_by_product


def init_app(app: Flask) -> None:
    """Register the API, the import kind and the audit."""
    app.register_blueprint(api)
    register_kind(app, MOVEMENTS)
    audits.register(app, "stock", audit.differences, of=audit.TABLES)
    register_unit_counter(app, units_by_product)
