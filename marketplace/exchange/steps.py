"""The steps that every import in the browser takes: columns, trial, yes or no, progress, refused rows.

Whoever lets people send files (the office, a seller) adds them to its own blueprint with `add_steps`; its
pages of the same blueprint are named `imports` (the list) and `import_run` (one file).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..i18n import _
from ..importing import ImportRun, files, queries, services
from ..importing.layout import Choices
from ..permissions import Permission, current_actor, protected
from . import pages
from .refused import refused_table
from .responses import table_response

Answer = str | BaseResponse | tuple[str, int]
ID = "int(max=9223372036854775807)"


def add_steps(blueprint: Blueprint, folder: str, permission: Permission) -> None:
    """Let a blueprint answer for the steps of its imports, below `folder`."""
    for step, method, path in STEPS:
        view = protected(permission)(_own(step))
        rule = f"{folder}/<{ID}:run_id>/{path}"
        blueprint.add_url_rule(rule, step.__name__, view, methods=[method])


def _own(step: Callable[[int], Answer]) -> Callable[[int], Answer]:
    """A view of its own for each blueprint, for each is declared with its own permission."""

    @functools.wraps(step)
    def view(run_id: int) -> Answer:
        return step(run_id)

    return view


def run_page(
    run_id: int,
    template: str = "exchange/run.html",
    more: Callable[[ImportRun], dict[str, Any]] = lambda _run: {},
) -> str:
    """One import, at whatever step it is; `more` gives what the template shows besides."""
    run = queries.run_for(current_actor(), run_id)
    if run.status == "uploaded" or (run.status == "checked" and "columns" in request.args):
        return _columns_page(run)
    if run.status in services.ACTIVE:
        services.revive(run_id=run.id, actor=current_actor())
    return render_template(template, **pages.run_context(run), **more(run))


def _columns_page(run: ImportRun, sent: Choices | None = None, problem: str = "") -> str:
    context = pages.columns_context(run, current_actor(), sent, problem)
    return render_template("exchange/columns.html", **context)


def choose_columns(run_id: int) -> Answer:
    """Take the columns as chosen and have the file checked."""
    actor = current_actor()
    run = queries.run_for(actor, run_id)
    kind = services.require_kind(actor, run.kind)
    choices = pages.choices_sent(kind, request.form)
    problem = pages.header_problems(kind, files.header_of(run), choices)
    if problem:
        return _columns_page(run, choices, problem), 422
    services.choose_columns(
        run_id=run_id,
        mapping=choices.mapping,
        constants=choices.constants,
        prefix="" if kind.is_own else choices.prefix,
        actor=actor,
    )
    return redirect(url_for(".import_run", run_id=run_id))


def confirm_import(run_id: int) -> Answer:
    """Put a checked file in."""
    services.confirm(run_id=run_id, actor=current_actor())
    return redirect(url_for(".import_run", run_id=run_id))


def cancel_import(run_id: int) -> Answer:
    """Stop an import; what went in stays."""
    run = services.cancel(run_id=run_id, actor=current_actor())
    if run.status == "cancelled":
        flash(_("Impor dibatalkan. Tidak ada yang ditulis."), "info")
        return redirect(url_for(".imports"))
    return redirect(url_for(".import_run", run_id=run_id))


def import_progress(run_id: int) -> Answer:
    """How far an import is, for the page that asks every second; tells it when to load anew."""
    run = queries.run_for(current_actor(), run_id)
    if run.status not in services.ACTIVE:
        return Response(headers={"HX-Redirect": url_for(".import_run", run_id=run_id)})
    return render_template("exchange/_progress.html", run=run)


def refused_rows(run_id: int) -> Answer:
    """The refused rows, with what to mend in each."""
    run = queries.run_for(current_actor(), run_id)
    columns, rows = refused_table(run)
    name = f"ditolak-{run.id}" if services.kind_of(run).is_own else f"ditolak-{run.kind}-{run.id}"
    return table_response("csv", columns, rows, name)


STEPS: tuple[tuple[Callable[[int], Answer], str, str], ...] = (
    (choose_columns, "POST", "columns"),
    (confirm_import, "POST", "confirm"),
    (cancel_import, "POST", "cancel"),
    (import_progress, "GET", "progress"),
    (refused_rows, "GET", "refused.csv"),
)
