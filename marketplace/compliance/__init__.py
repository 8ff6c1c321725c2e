"""Regulations, counting, standings, issued reports."""

from __future__ import annotations

from flask import Flask

from .. import audits, jobs, signals, web
from ..documents import register_verifier
from ..i18n import N_
from ..importing import register_kind
from ..permissions import Actor, Permission
from ..placements.hooks import register_counts_here
from . import api, audit, imports, models, queries, services, views
from .cli import compliance_group
from .verifying import verified
from .views.home import home_panel

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Register what this area adds to the app."""
    register_kind(app, imports.KIND)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(api.blueprint)
    app.cli.add_command(compliance_group)
    audits.register(app, "compliance", audit.differences)
    register_verifier(app, verified)
    register_counts_here(app, queries.counts_here)
    signals.evidence_changed.connect(services.note_changes)
    jobs.each_minute(app, services.refresh)
    web.register_panel(app, "home", home_panel)
    web.register_home(app, "compliance.dashboard", _is_office)
    web.register_home(app, "compliance.buyer_home", _is_buyer)
    web.register_nav(
        app,
        web.NavEntry(N_("Ringkasan"), "bar-chart", "compliance.dashboard", _is_office, order=10),
        web.NavEntry(
            N_("Toko"), "shop", "compliance.outlets", _is_office, order=20, prefixes=("/office/outlets",)
        ),
        web.NavEntry(
            N_("Toko kami"), "shop", "compliance.buyer_home", _is_buyer, order=10,
            prefixes=("/buyer/outlets",),
        ),
        web.NavEntry(
            N_("Laporan"), "file-earmark-text", "compliance.reports", _is_office, order=60,
            prefixes=("/office/reports",),
        ),
        web.NavEntry(
            N_("Aturan"), "journal-text", "compliance.regulations", _is_office, order=70,
            prefixes=("/office/regulations",),
        ),
    )  # fmt: skip


def _is_office(actor: Actor) -> bool:
    return actor.can(Permission.COMPLIANCE_VIEW)


def _is_buyer(actor: Actor) -> bool:
    return actor.operator_id is not None
