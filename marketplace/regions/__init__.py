"""Places by their Kemendagri codes, from provinces to villages."""

from __future__ import annotations

from flask import Flask

from ..importing import register_kind
from . import imports, models, queries, rules

__all__ = ["init_app", "models", "queries", "rules"]


def init_app(app: Flask) -> None:
    """Places are reference data: only their exchange file is to register."""
    register_kind(app, imports.KIND)
