"""The office keeps words that mean the same to somebody who searches."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...errors import InvalidInput
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_number
from .. import queries, services

blueprint = Blueprint("synonyms", __name__, url_prefix="/office/synonyms")
ID = "int(max=9223372036854775807)"
MAX_TYPED = 500


@blueprint.get("")
@protected(Permission.CATALOG_MANAGE)
def groups() -> str:
    """Every group of words, and a field for a new one."""
    return _page()


@blueprint.post("")
@protected(Permission.CATALOG_MANAGE)
def add() -> BaseResponse | tuple[str, int]:
    """One more group."""
    return _saved(None)


@blueprint.post(f"/<{ID}:synonym_id>")
@protected(Permission.CATALOG_MANAGE)
def change(synonym_id: int) -> BaseResponse | tuple[str, int]:
    """Other words for a group."""
    return _saved(synonym_id)


@blueprint.post(f"/<{ID}:synonym_id>/delete")
@protected(Permission.CATALOG_MANAGE)
def delete(synonym_id: int) -> BaseResponse:
    """One group less."""
    words = services.delete_synonyms(actor=current_actor(), synonym_id=synonym_id)
    flash(_("Kelompok “%(words)s” dihapus.", words=words.replace(" ", ", ")), "ok")
    return redirect(url_for(".groups"))


def _saved(synonym_id: int | None) -> BaseResponse | tuple[str, int]:
    typed = request.form.get("words", "")[:MAX_TYPED]
    try:
        group = services.save_synonyms(actor=current_actor(), synonym_id=synonym_id, text=typed)
    except InvalidInput as refusal:
        return _page(typed=typed, error=str(refusal), error_id=synonym_id), 422
    flash(_("Pencarian sekarang menganggap sama: %(words)s.", words=group.words.replace(" ", ", ")), "ok")
    return redirect(url_for(".groups"))


def _page(*, typed: str = "", error: str = "", error_id: int | None = None) -> str:
    q = one_line(request.args.get("q"))[:100]
    items, total = queries.synonym_groups(q, number=page_number())
    page = Page(items=items, number=page_number(), total=total, size=queries.SYNONYMS_PAGE)
    return render_template(
        "catalog/synonyms.html", page=page, q=q, typed=typed, error=error, error_id=error_id
    )
