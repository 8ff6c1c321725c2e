"""Orders: what stores, hotels and offices buy outright, from the cart to the last claim."""

from __future__ import annotations

from flask import Flask

from . import bookkeeping, living, models, quoting, reaching, shopping, spending, talking, telling

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    bookkeeping.init_app(app)
    living.init_app(app)
    reaching.init_app(app)
    shopping.init_app(app)
    quoting.init_app(app)
    spending.init_app(app)
    talking.init_app(app)
    telling.init_app(app)
