"""Etalase: the marketplace that puts a city's small businesses on the shelves of modern retail."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Flask
from flask_migrate import Migrate
from whitenoise import WhiteNoise

from . import (
    api,
    compression,
    config,
    crypto,
    health,
    i18n,
    jobs,
    logs,
    mailing,
    marks,
    permissions,
    problems,
    security,
    throttle,
    web,
)
from .db import db

AREAS = (
    "regions",
    "accounts",
    "organizations",
    "catalog",
    "stock",
    "payments",
    "placements",
    "orders",
    "compliance",
)
"""Low to high: an area may import those before it."""

CORE_PARTS = (
    "importing", "exchange", "webhooks", "audits", "audit_pages", "verify_pages", "public", "demo", "cli",
)  # fmt: skip
"""Core modules with an init_app(app) of their own."""


def create_app(**overrides: Any) -> Flask:
    """The application, configured from the environment; `overrides` win over it."""
    with _without_collecting():
        return _create_app(overrides)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """What is made at the start stays: looking through it for garbage is a fifth of the time that takes."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _create_app(overrides: dict[str, Any]) -> Flask:
    root = config.PROJECT_ROOT
    app = APIFlask(
        __name__,
        title="Etalase",
        version="1",
        spec_path=api.SPEC_PATH,
        docs_path=None,
        json_errors=False,
        static_folder=str(root / "static"),
        static_url_path="/static",
    )
    app.config.from_mapping(config.load(**overrides))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    db.init_app(app)
    Migrate(app, db, directory=str(root / "migrations"), render_as_batch=True)
    for part in (
        logs,
        crypto,
        i18n,
        security,
        throttle,
        permissions,
        web,
        marks,
        problems,
        api,
        mailing,
        jobs,
    ):
        part.init_app(app)
    app.register_blueprint(health.blueprint)
    for name in (*AREAS, *CORE_PARTS):
        importlib.import_module(f"{__name__}.{name}").init_app(app)
    permissions.check_declared(app)
    _serve_static(app, root)
    app.wsgi_app = compression.Compressed(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _serve_static(app: Flask, root: Path) -> None:
    """Let WhiteNoise answer for static files, compressed and cached for ever (addresses are stamped)."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(root / "static"), prefix="static/", max_age=31536000, autorefresh=app.debug
    )
