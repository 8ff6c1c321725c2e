"""People: users, sign-in, sessions, API tokens."""

from __future__ import annotations

from flask import Flask

from ..jobs import nightly
from . import sessions
from .cli import tokens_group
from .jobs import sweep
from .rules import phone_for_reading
from .views import blueprint


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    sessions.init_app(app)
    app.register_blueprint(blueprint)
    app.cli.add_command(tokens_group)
    app.jinja_env.filters["phone"] = phone_for_reading
    nightly(app, sweep)
