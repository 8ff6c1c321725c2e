"""The first screens: the office's figures, and the buyer's outlets."""

from __future__ import annotations

from flask import render_template, request

from ... import clock, web
from ...permissions import Permission, current_actor, protected
from ...placements.queries import able_sellers_near
from ...placements.queries.board import waiting_by_outlet
from .. import drawings
from ..queries import OutletFilter, dashboard, operator_board, operator_name, page_of, trend
from .blueprint import asked_day, blueprint, kind_labels, own_scope

ROWS_SHOWN = 12


@blueprint.get("/office", endpoint="dashboard")
@protected(Permission.COMPLIANCE_VIEW)
def office_dashboard() -> str:
    """Who meets the quota as of a day, on what evidence, and what changed."""
    day, scope = asked_day(), own_scope()
    points = trend(day, scope)
    board = dashboard(day, scope)
    rows, total = page_of(board.now, board.before, OutletFilter(binding="mandatory"), 1, ROWS_SHOWN)
    return render_template(
        "compliance/dashboard.html",
        day=day,
        latest=clock.today(),
        board=board,
        points=points,
        chart=drawings.trend_chart(points),
        months=drawings.trend_rows(points),
        map=drawings.city_map(board.now, day, scope.region),
        rows=web.Page(rows, 1, total, ROWS_SHOWN),
        kind_labels=kind_labels(),
    )


@blueprint.get("/buyer")
@protected(Permission.BUYER_HOME)
def buyer_home() -> str:
    """Which of the company's outlets are short, by how many, and why."""
    day, actor = asked_day(), current_actor()
    board = operator_board(actor.operator_id, day) if actor.operator_id is not None else []
    gaps = [outlet.outlet_id for outlet in board if outlet.status in {"short", "in_grace"}]
    return render_template(
        "buyer/home.html",
        as_of=day,
        operator_name=operator_name(actor.operator_id) if actor.operator_id is not None else "",
        status=request.args.get("status", ""),
        outlets=board,
        able=able_sellers_near(gaps, day),
        waiting=waiting_by_outlet(actor, [outlet.outlet_id for outlet in board]),
    )
