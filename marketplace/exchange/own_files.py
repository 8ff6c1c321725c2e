"""The pages of a kind that its own people send: the list of files, a new one, one run, its form and guide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as BaseResponse

from .. import web
from ..errors import NotFound
from ..i18n import N_, _
from ..importing import ImportRun, Kind, queries, services
from ..permissions import Permission, current_actor, protected
from ..security import large_upload
from ..tabular import BadTable
from . import pages, steps
from .forms_of_kinds import form_response, guide_rows


@dataclass(frozen=True)
class OwnFiles:
    """What is a kind's own: its templates (`<templates>s.html`, `_new.html`, `.html`), the name of its form,
    what is done with a file before it is read, and what the page of a run shows besides."""

    kind: Kind
    templates: str
    form_name: str
    label: Any
    table_in: Callable[[IO[bytes]], IO[bytes]] = lambda stream: stream
    beside: Callable[[ImportRun], dict[str, Any]] = lambda _run: {}


class OneFileForm(FlaskForm):
    """One table."""

    file = FileField("", validators=[FileRequired(N_("Pilih berkasnya."))])


def add_pages(blueprint: Blueprint, own: OwnFiles, permission: Permission) -> None:
    """Let a blueprint answer for a kind's files: `imports`, `new_import`, `import_run`, `empty_form`, `guide`
    and the steps of a run."""
    kind, guarded = own.kind, protected(permission)

    @blueprint.get("")
    @guarded
    def imports() -> str:
        """The files that were sent, and the empty form."""
        number, actor = web.page_number(), current_actor()
        found = queries.runs_for(actor, kind=kind.name, offset=(number - 1) * web.PAGE_SIZE)
        page = web.Page(found, number, queries.count_runs(actor, kind=kind.name))
        return render_template(f"{own.templates}s.html", page=page, words=pages.STATUS_WORDS, kind=kind)

    @blueprint.route("/new", methods=["GET", "POST"])
    @guarded
    @large_upload
    def new_import() -> str | BaseResponse | tuple[str, int]:
        """Send a file; nothing is written yet."""
        form = OneFileForm()
        form.file.label.text = str(own.label)
        if form.validate_on_submit():
            try:
                run = services.take_upload(
                    kind=kind.name,
                    file_name=form.file.data.filename or "",
                    content=own.table_in(form.file.data.stream),
                    prefix="",
                    actor=current_actor(),
                )
            except BadTable as error:
                form.file.errors = [error.message]
            else:
                return redirect(url_for(".import_run", run_id=run.id))
        return render_template(f"{own.templates}_new.html", form=form), 422 if form.errors else 200

    @blueprint.get(f"/<{steps.ID}:run_id>")
    @guarded
    def import_run(run_id: int) -> str:
        """One file, at whatever step it is."""
        return steps.run_page(run_id, f"{own.templates}.html", own.beside)

    @blueprint.get("/forms/<form>.<any(csv, xlsx):file_format>")
    @guarded
    def empty_form(form: str, file_format: str) -> Response:
        """The empty form."""
        require(form)
        return form_response(kind, own.form_name, file_format)

    @blueprint.get("/guide/<form>")
    @guarded
    def guide(form: str) -> str:
        """What each column means."""
        require(form)
        return render_template("exchange/guide.html", kind=kind, form=form, rows=list(guide_rows(kind)))

    def require(form: str) -> None:
        if form != kind.name:
            raise NotFound(_("Formulir ini tidak ada."))

    steps.add_steps(blueprint, "", permission)
