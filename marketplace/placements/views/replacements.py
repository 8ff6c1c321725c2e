"""Requests to replace a counted seller: the store asks, the office answers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from .. import queries, services
from ..forms import ReasonForm, ReplacementForm, take_refusals
from ..queries.replacements import ReplacementRow
from ..rules import Verb
from .agreements import ID, done, load
from .agreements import blueprint as agreements

blueprint = Blueprint("replacements", __name__, url_prefix="/office/replacements")
COLUMNS = (
    "agreement_ref", "outlet_name", "seller_name", "state", "reason", "instead", "wanted_on", "asked_at",
    "answered_at", "answer_reason",
)  # fmt: skip


@agreements.route(f"/<{ID}:agreement_id>/replace", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_ANSWER)
def replace(agreement_id: int) -> str | Response:
    """Ask the office for leave to part with a seller that counts."""
    page = load(agreement_id)
    form = ReplacementForm()
    if form.validate_on_submit():
        try:
            services.ask_replacement(
                actor=current_actor(),
                agreement_id=agreement_id,
                reason=form.reason.data or "",
                instead=form.instead.data or "",
                wanted_on=form.wanted_on.data,
            )
            return done(agreement_id, _("Permintaan terkirim ke Dinas. Kami beri tahu Anda begitu dijawab."))
        except InvalidInput as error:
            take_refusals(form, error.fields)
        except (RuleBroken, Conflict) as error:
            form.form_errors.append(error.message)
    elif Verb.TERMINATE not in page.verbs:
        return redirect(url_for("agreements.agreement", agreement_id=agreement_id))
    return render_template("placements/replace.html", page=page, form=form)


@agreements.post(f"/replacements/<{ID}:request_id>/withdraw")
@protected(Permission.AGREEMENT_ANSWER)
def withdraw_replacement(request_id: int) -> Response:
    """Take the request back."""
    row = services.withdraw_replacement(actor=current_actor(), request_id=request_id)
    return done(row.agreement_id, _("Permintaan ditarik."))


@blueprint.get("")
@protected(Permission.REPLACEMENT_DECIDE)
def requests() -> str | Response:
    """The requests of the office's region, those that wait first; as a file with ?format=csv or xlsx."""
    actor, q = current_actor(), one_line(request.args.get("q"))[:200]
    state = request.args.get("state", "")
    state = state if state in queries.replacements.STATES else ""
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = queries.replacements.requests_in(actor, q=q, state=state, size=None)
        return table_response(request.args["format"], COLUMNS, map(_cells, rows), "permintaan-penggantian")
    counts = queries.replacements.count_by_state(actor, q)
    total = counts.get(state, 0) if state else sum(counts.values())
    number = page_within(total, queries.replacements.PAGE_SIZE)
    rows = queries.replacements.requests_in(actor, q=q, state=state, number=number)
    return render_template(
        "placements/replacements.html",
        page=Page(rows, number, total, queries.replacements.PAGE_SIZE),
        counts=counts,
        q=q,
        state=state,
        states=queries.replacements.STATES,
    )


def _cells(row: ReplacementRow) -> list[object]:
    known = {
        "agreement_ref": row.agreement.agreement_ref,
        "outlet_name": row.outlet_name,
        "seller_name": row.seller_name,
    }
    return [known[name] if name in known else getattr(row.request, name) for name in COLUMNS]


@blueprint.get(f"/<{ID}:request_id>")
@protected(Permission.REPLACEMENT_DECIDE)
def show(request_id: int) -> str:
    """One request, with what the office needs to answer it."""
    return _show(request_id, ReasonForm())


def _show(request_id: int, form: ReasonForm) -> str:
    row = queries.replacements.request_in(current_actor(), request_id)
    if row is None:
        raise NotFound(_("Permintaan ini tidak ada, atau bukan untuk akun Anda."))
    return render_template("placements/replacement.html", row=row, form=form)


@blueprint.post(f"/<{ID}:request_id>/approve")
@protected(Permission.REPLACEMENT_DECIDE)
def approve(request_id: int) -> Response:
    """Let the store end the agreement."""
    form = ReasonForm()
    services.approve_replacement(actor=current_actor(), request_id=request_id, reason=form.reason.data or "")
    flash(_("Penggantian diizinkan. Toko kami beri tahu."), "ok")
    return redirect(url_for(".show", request_id=request_id))


@blueprint.post(f"/<{ID}:request_id>/decline")
@protected(Permission.REPLACEMENT_DECIDE)
def decline(request_id: int) -> str | Response:
    """Say no, and why."""
    form = ReasonForm()
    try:
        services.decline_replacement(
            actor=current_actor(), request_id=request_id, reason=form.reason.data or ""
        )
    except InvalidInput as error:
        take_refusals(form, error.fields)
        return _show(request_id, form)
    flash(_("Permintaan ditolak. Toko kami beri tahu."), "ok")
    return redirect(url_for(".show", request_id=request_id))
