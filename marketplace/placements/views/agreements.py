"""An actor's agreements: the list, a page each, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from .. import queries, services
from ..forms import NeededReasonForm, ReasonForm, SuspendForm, TerminateForm, take_refusals
from ..queries import AgreementPage, Filter
from ..rules import Condition, Verb
from ..services.common import no_agreement
from ..wording import BASES, term_lines

blueprint = Blueprint("agreements", __name__, url_prefix="/agreements")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "ref", "outlet_name", "seller_name", "basis", "condition", "starts_on", "ends_on", "terminated_on",
    "commission_percent", "reply_by", "proposed_by_side",
)  # fmt: skip


@blueprint.get("")
@protected(Permission.AGREEMENT_VIEW)
def agreements() -> str | Response:
    """The actor's agreements, what waits for an answer first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = queries.agreements_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "perjanjian", {"basis": BASES})
    counts = queries.count_by_condition(actor, asked.q)
    total = counts.get(asked.condition, 0) if asked.condition else sum(counts.values())
    number = page_within(total, queries.agreements.PAGE_SIZE)
    rows = queries.agreements_of(actor, asked, number=number)
    return render_template(
        "placements/agreements.html",
        page=Page(rows, number, total, queries.agreements.PAGE_SIZE),
        asked=asked,
        counts=counts,
        conditions=list(Condition),
    )


def read_filter() -> Filter:
    """The filters in the address; what is unknown is left out."""
    condition, sort = request.args.get("condition", ""), request.args.get("sort", "")
    return Filter(
        q=one_line(request.args.get("q"))[:200],
        condition=condition if condition in set(Condition) else "",
        sort=sort if sort in queries.agreements.SORTS else "",
    )


@blueprint.get(f"/<{ID}:agreement_id>")
@protected(Permission.AGREEMENT_VIEW)
def agreement(agreement_id: int) -> str:
    """One agreement: terms, parties, goods, what happened to it, and what can be done now."""
    page = load(agreement_id)
    return render_template("placements/agreement.html", page=page, lines=term_lines(page.shown.terms))


def load(agreement_id: int) -> AgreementPage:
    """An agreement's page, for the actor; NotFound for a stranger."""
    page = queries.agreement_page(current_actor(), agreement_id)
    if page is None:
        raise no_agreement()
    return page


@blueprint.post(f"/<{ID}:agreement_id>/accept")
@protected(Permission.AGREEMENT_ANSWER)
def accept(agreement_id: int) -> Response:
    """Say yes."""
    actor, version_id = current_actor(), _number("version_id")
    row = services.accept_agreement(actor=actor, agreement_id=agreement_id, version_id=version_id)
    others = [number for number in map(_as_number, request.form.getlist("also")) if number]
    if not others:
        return done(row.id, _("Disetujui. Pihak lain kami beri tahu."))
    more = services.accept_agreements(actor=actor, agreement_ids=others[:300])
    for one in more.refused:
        flash(one.sentence, "grace")
    return done(row.id, _("%(count)d perjanjian disetujui sekaligus.", count=1 + len(more.made)))


def _number(name: str) -> int | None:
    return _as_number(request.form.get(name, ""))


def _as_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


@blueprint.route(f"/<{ID}:agreement_id>/decline", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_ANSWER)
def decline(agreement_id: int) -> str | Response:
    """Say no, and why."""

    def act(form: FlaskForm) -> None:
        services.decline_agreement(
            actor=current_actor(),
            agreement_id=agreement_id,
            reason=form["reason"].data,
            version_id=_number("version_id"),
        )

    return _act(agreement_id, Verb.DECLINE, NeededReasonForm(), act, _("Tawaran ditolak."))


@blueprint.route(f"/<{ID}:agreement_id>/withdraw", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_PROPOSE)
def withdraw(agreement_id: int) -> str | Response:
    """Take a proposal back."""

    def act(form: FlaskForm) -> None:
        services.withdraw_agreement(
            actor=current_actor(), agreement_id=agreement_id, reason=form["reason"].data or ""
        )

    return _act(agreement_id, Verb.WITHDRAW, ReasonForm(), act, _("Tawaran ditarik."))


@blueprint.route(f"/<{ID}:agreement_id>/suspend", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_ANSWER)
def suspend(agreement_id: int) -> str | Response:
    """Stop it for some days."""

    def act(form: FlaskForm) -> None:
        services.suspend_agreement(
            actor=current_actor(),
            agreement_id=agreement_id,
            first_day=form["first_day"].data,
            last_day=form["last_day"].data,
            reason=form["reason"].data,
        )

    form = SuspendForm(data=None if request.method == "POST" else {"first_day": clock.today()})
    return _act(agreement_id, Verb.SUSPEND, form, act, _("Perjanjian ditangguhkan."))


@blueprint.post(f"/<{ID}:agreement_id>/resume")
@protected(Permission.AGREEMENT_ANSWER)
def resume(agreement_id: int) -> Response:
    """Let it run again."""
    row = services.resume_agreement(actor=current_actor(), agreement_id=agreement_id)
    return done(row.id, _("Perjanjian berjalan lagi."))


@blueprint.route(f"/<{ID}:agreement_id>/terminate", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_ANSWER)
def terminate(agreement_id: int) -> str | Response:
    """End it early."""

    def act(form: FlaskForm) -> None:
        services.terminate_agreement(
            actor=current_actor(),
            agreement_id=agreement_id,
            terminated_on=form["terminated_on"].data,
            reason=form["reason"].data,
        )

    return _act(agreement_id, Verb.TERMINATE, TerminateForm(), act, _("Perjanjian diakhiri."))


def _act(
    agreement_id: int, verb: Verb, form: Any, act: Callable[[FlaskForm], None], sentence: str
) -> str | Response:
    """The page that says what will happen and asks why; then the act itself."""
    page = load(agreement_id)
    if form.validate_on_submit():
        try:
            act(form)
            return done(agreement_id, sentence)
        except InvalidInput as error:
            take_refusals(form, error.fields)
        except RuleBroken as error:
            if error.code != "seller_counts_here":
                raise
            form.form_errors.append(error.message)
    elif verb not in page.verbs:
        return redirect(url_for(".agreement", agreement_id=agreement_id))
    return render_template("placements/act.html", page=page, verb=verb.value, form=form)


def done(agreement_id: int, sentence: str) -> Response:
    """Back to the agreement with a word on what was done."""
    flash(sentence, "ok")
    return redirect(url_for(".agreement", agreement_id=agreement_id))
