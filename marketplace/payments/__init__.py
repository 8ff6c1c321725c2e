"""The journal of rupiah: what is owed between parties, what was paid, what was received."""

from __future__ import annotations

from flask import Flask

from . import models, providers

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    providers.init_app(app)
