"""Sellers, retailers and their outlets, offices, memberships, verification."""

from __future__ import annotations

from flask import Flask

from . import models, queries, rules, versions

__all__ = ["init_app", "models", "queries", "rules", "versions"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
