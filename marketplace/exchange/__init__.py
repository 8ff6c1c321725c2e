"""Files in and out: `flask import`, `flask export`, the office's pages for both, export buttons of lists."""

from __future__ import annotations

from flask import Flask

from .. import web
from ..i18n import N_
from ..permissions import Permission
from . import cli, views
from .responses import exact_response, table_response

__all__ = ["exact_response", "table_response"]


def init_app(app: Flask) -> None:
    """Register the commands and the pages."""
    app.cli.add_command(cli.import_command)
    app.cli.add_command(cli.export_command)
    app.register_blueprint(views.blueprint)
    web.register_nav(
        app,
        web.NavEntry(
            N_("Impor dan ekspor"),
            "arrow-down-up",
            "exchange.imports",
            lambda actor: actor.is_office and actor.can(Permission.DATA_IMPORT),
            order=80,
            prefixes=("/office/imports", "/office/exports"),
        ),
    )
