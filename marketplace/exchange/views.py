"""The office's pages for files: upload, columns, trial, progress, result; and the exports."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from .. import web
from ..importing import kinds, queries
from ..permissions import Permission, current_actor, protected

blueprint = Blueprint("exchange", __name__)


@blueprint.get("/office/imports")
@protected(Permission.DATA_IMPORT)
def imports() -> str:
    """Every import of the region, the newest first."""
    actor = current_actor()
    kind, status = request.args.get("kind", ""), request.args.get("status", "")
    total = queries.count_runs(actor, kind=kind, status=status)
    number = web.page_number()
    runs = queries.runs_for(actor, kind=kind, status=status, offset=(number - 1) * web.PAGE_SIZE)
    page = web.Page(runs, number, total)
    return render_template("exchange/imports.html", kinds=kinds(), page=page)
