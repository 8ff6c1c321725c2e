"""The lane of the worker in which webhooks are sent."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

EXTENSION = "etalase_webhook_lane"


def init_app(app: Flask, waker: Callable[[], None]) -> None:
    """Say what wakes the lane."""
    app.extensions[EXTENSION] = waker


def wake() -> None:
    """Ask the worker to look now. Tests deliver by hand."""
    if not current_app.config.get("TESTING"):
        current_app.extensions[EXTENSION]()
