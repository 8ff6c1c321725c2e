"""Places by their Kemendagri codes, from provinces to villages."""

from __future__ import annotations

from flask import Flask

from . import models, queries, rules

__all__ = ["init_app", "models", "queries", "rules"]


def init_app(app: Flask) -> None:
    """Places are reference data: nothing to register but their tables."""
