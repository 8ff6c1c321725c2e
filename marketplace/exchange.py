"""Imports and exports in the browser and on the command line."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register."""
