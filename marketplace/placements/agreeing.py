"""What agreements add to the app besides their own pages: papers, requests to the office, reminders."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from .. import audits, jobs, web
from ..documents import register_verifier
from ..i18n import _
from . import agreeing_audit, papers, services, views
from .models import Agreement
from .views import fee_reports
from .views.terms import verified


def init_app(app: Flask) -> None:
    """Register it."""
    app.register_blueprint(views.replacement_pages)
    app.register_blueprint(fee_reports.blueprint)
    web.register_panel(app, "agreement", fee_reports.agreement_panel)
    register_verifier(app, verified)
    papers.register("agreement", agreement_paper)
    audits.register(app, "agreements", agreeing_audit.differences, of=agreeing_audit.TABLES)
    jobs.nightly(app, services.remind)


def agreement_paper(session: Session, agreement_id: int) -> papers.Paper | None:
    """An agreement as a paper, so that both may write about it."""
    row = session.get(Agreement, agreement_id)
    if row is None:
        return None
    name = _("Perjanjian %(ref)s", ref=row.agreement_ref)
    return papers.Paper(row.outlet_id, row.seller_id, name, f"/agreements/{row.id}")
