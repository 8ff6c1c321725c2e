"""Sellers, retailers and their outlets, offices, memberships, verification."""

from __future__ import annotations

from flask import Flask

from ..importing import register_kind
from . import imports, models, queries, rules, versions

__all__ = ["init_app", "models", "queries", "rules", "versions"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    for kind in imports.KINDS:
        register_kind(app, kind)
