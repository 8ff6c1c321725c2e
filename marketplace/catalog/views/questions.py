"""Asking a maker about a product, and answering."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_number
from .. import queries, services
from .product import product_shown
from .public import ID

blueprint = Blueprint("questions", __name__)


@blueprint.post(f"/products/<{ID}:product_id>/questions")
@protected(Permission.QUESTION_ASK)
def ask(product_id: int) -> Response:
    """Ask the maker of a product."""
    page = product_shown(product_id)
    try:
        services.ask_question(actor=current_actor(), product_id=product_id, text=request.form.get("text", ""))
        flash(_("Pertanyaan terkirim. Jawaban %(who)s tampil di sini.", who=page.card.seller_name), "ok")
    except InvalidInput as error:
        flash(error.fields.get("text", error.message), "error")
    return redirect(f"{page.card.url}#tanya")


@blueprint.get("/seller/questions")
@protected(Permission.SELLER_HOME)
def for_seller() -> str:
    """What is asked about the seller's products: what waits first."""
    state = request.args.get("state", "")
    waiting = {"waiting": True, "answered": False}.get(state)
    number = min(page_number(), 10_000)
    found, total = queries.questions_for_seller(current_actor(), waiting=waiting, number=number)
    count, _since = queries.questions_waiting(current_actor().seller_id or 0)
    return render_template(
        "catalog/seller_questions.html", page=Page(found, number, total), state=state, waiting=count
    )


@blueprint.post(f"/seller/questions/<{ID}:question_id>/answer")
@protected(Permission.PRODUCT_EDIT)
def answer(question_id: int) -> Response:
    """Answer, for everybody or for the one who asked."""
    is_public = request.form.get("is_public") == "1"
    try:
        services.answer_question(
            actor=current_actor(),
            question_id=question_id,
            answer=request.form.get("answer", ""),
            is_public=is_public,
        )
        flash(
            _("Jawaban terkirim dan tampil di halaman produk.")
            if is_public
            else _("Jawaban terkirim kepada penanya saja."),
            "ok",
        )
    except InvalidInput as error:
        flash(error.fields.get("answer", error.message), "error")
    return redirect(url_for(".for_seller", _anchor=f"tanya-{question_id}"))


@blueprint.post(f"/seller/questions/<{ID}:question_id>/show")
@protected(Permission.PRODUCT_EDIT)
def show(question_id: int) -> Response:
    """Let everybody read an answer (public=1), or only the one who asked (public=0)."""
    is_public = request.form.get("public") == "1"
    services.show_answer(actor=current_actor(), question_id=question_id, is_public=is_public)
    flash(
        _("Tanya jawab ini tampil di halaman produk.") if is_public else _("Hanya penanya yang membacanya."),
        "ok",
    )
    return redirect(url_for(".for_seller", _anchor=f"tanya-{question_id}"))


@blueprint.get("/questions")
@protected(Permission.QUESTION_ASK)
def of_team() -> str:
    """What the team asked, and what was answered."""
    number = min(page_number(), 10_000)
    found, total = queries.questions_of_team(current_actor(), number=number)
    return render_template("catalog/team_questions.html", page=Page(found, number, total))
