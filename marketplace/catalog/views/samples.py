"""Samples: asked for by a buyer, answered and sent by a maker, received."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound
from ...i18n import N_, _
from ...organizations import queries as organizations
from ...permissions import Actor, Permission, current_actor, protected
from ...web import Page, page_number
from .. import queries, rules, services
from ..forms import SampleForm
from ..rules import SampleCondition, SampleSide, SampleVerb
from .product import product_shown
from .public import ID

blueprint = Blueprint("samples", __name__)


@blueprint.route(f"/products/<{ID}:product_id>/sample", methods=["GET", "POST"])
@protected(Permission.SAMPLE_REQUEST)
def new(product_id: int) -> str | Response:
    """Ask for a sample of a product."""
    actor, page = current_actor(), product_shown(product_id)
    already = queries.open_sample_id(actor, product_id)
    if already is not None and request.method == "GET":
        return redirect(url_for(".sample", sample_id=already))
    form = SampleForm()
    form.let_choose(_open_outlets(actor))
    if form.validate_on_submit():
        try:
            made = services.request_sample(
                actor=actor,
                product_id=product_id,
                quantity=form.quantity.data or 0,
                outlet_id=form.chosen_outlet,
                note=form.note.data or "",
            )
            flash(_("Permintaan contoh terkirim kepada %(who)s.", who=page.card.seller_name), "ok")
            return redirect(url_for(".sample", sample_id=made.id))
        except InvalidInput as error:
            form.take_refusals(error.fields)
    return render_template("catalog/sample_new.html", form=form, page=page)


def _open_outlets(actor: Actor) -> dict[int, str]:
    """The buyer's own outlets that are open, by id."""
    today = clock.today()
    found = organizations.outlets(actor, operator_id=actor.operator_id)
    return {one.id: one.name for one in found if one.closed_on is None or one.closed_on > today}


@blueprint.get("/samples")
@protected(Permission.ACCOUNT_USE)
def samples() -> str:
    """The requests of the actor's side, what is open first."""
    actor, asked = current_actor(), request.args.get("state", "")
    if actor.seller_id is None and actor.operator_id is None:
        raise NotFound(_("Permintaan contoh ada di akun penjual dan akun pembeli."))
    condition = asked if asked in set(SampleCondition) else ""
    number = min(page_number(), 10_000)
    found, counts = queries.samples_of(actor, condition=condition, number=number)
    total = counts.get(SampleCondition(condition), 0) if condition else sum(counts.values())
    return render_template(
        "catalog/samples.html",
        page=Page(found, number, total),
        counts=counts,
        condition=condition,
        words=rules.SAMPLE_WORDS,
        is_seller=actor.seller_id is not None,
        open=sum(counts.get(one, 0) for one in rules.OPEN_SAMPLES),
    )


@blueprint.get(f"/samples/<{ID}:sample_id>")
@protected(Permission.ACCOUNT_USE)
def sample(sample_id: int) -> str:
    """One request: how it stands, what happened, what can be done now."""
    found = queries.sample(current_actor(), sample_id)
    if found is None:
        raise NotFound(_("Permintaan contoh ini tidak ada, atau bukan untuk akun Anda."))
    row, side, verbs = found
    return render_template(
        "catalog/sample.html",
        row=row,
        verbs=verbs,
        is_seller=side is SampleSide.SELLER,
        words=rules.SAMPLE_WORDS,
    )


@blueprint.post(f"/samples/<{ID}:sample_id>/<any(approve,decline,ship,receive,withdraw):verb>")
@protected(Permission.ACCOUNT_USE)
def act(sample_id: int, verb: str) -> Response:
    """Take one step."""
    try:
        _STEPS[SampleVerb(verb)](sample_id)
        flash(str(_DONE[SampleVerb(verb)]), "ok")
    except InvalidInput as error:
        flash(next(iter(error.fields.values()), error.message), "error")
    return redirect(url_for(".sample", sample_id=sample_id))


def _approve(sample_id: int) -> None:
    services.approve_sample(actor=current_actor(), sample_id=sample_id, note=request.form.get("reason", ""))


def _decline(sample_id: int) -> None:
    services.decline_sample(actor=current_actor(), sample_id=sample_id, reason=request.form.get("reason", ""))


def _ship(sample_id: int) -> None:
    note = request.form.get("shipping_note", "")
    services.ship_sample(actor=current_actor(), sample_id=sample_id, shipping_note=note)


def _receive(sample_id: int) -> None:
    services.receive_sample(actor=current_actor(), sample_id=sample_id)


def _withdraw(sample_id: int) -> None:
    services.withdraw_sample(actor=current_actor(), sample_id=sample_id)


_STEPS: dict[SampleVerb, Callable[[int], None]] = {
    SampleVerb.APPROVE: _approve,
    SampleVerb.DECLINE: _decline,
    SampleVerb.SHIP: _ship,
    SampleVerb.RECEIVE: _receive,
    SampleVerb.WITHDRAW: _withdraw,
}
_DONE = {
    SampleVerb.APPROVE: N_("Permintaan disetujui. Catat pengirimannya begitu contoh berangkat."),
    SampleVerb.DECLINE: N_("Permintaan ditolak. Pembeli kami beri tahu alasannya."),
    SampleVerb.SHIP: N_("Pengiriman dicatat. Pembeli kami beri tahu."),
    SampleVerb.RECEIVE: N_("Contoh sudah diterima. Selamat mencoba."),
    SampleVerb.WITHDRAW: N_("Permintaan dibatalkan."),
}
