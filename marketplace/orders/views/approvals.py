"""What waits for a manager: the list, the yes and the no, and the limits above which one is asked for."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, RuleBroken
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import ROLE_PERMISSIONS, Actor, Permission, current_actor, protected
from ...texts import one_line
from ...typed import read_whole
from ...web import Page, page_within
from ..queries import checkouts as reads
from ..queries.checkouts import ApprovalFilter, PersonLimit
from ..rules.buying import EVERYBODY
from ..rules.states import ORDER_WORDS
from ..services import approval as services
from .checkout import ID, page_of

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")
COLUMNS = (
    "id", "state", "maker_name", "made_at", "order_count", "total_rupiah", "sellers", "decider_name",
    "decided_at", "reason",
)  # fmt: skip
WORDS = {
    "waiting": N_("Menunggu persetujuan"),
    "approved": N_("Disetujui"),
    "refused": N_("Tidak disetujui"),
    "ended": N_("Berakhir tanpa keputusan"),
}
LIMITED = [
    role.value
    for role, held in ROLE_PERMISSIONS.items()
    if Permission.ORDER_PLACE in held and Permission.ORDER_APPROVE not in held
]
"""Roles of those who order, but not without limit."""


@blueprint.get("")
@protected(Permission.ORDER_PLACE)
def approvals() -> str | Response:
    """Checkouts above somebody's limit, those that wait first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), _filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.approvals_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "persetujuan-belanja", {"state": WORDS})
    counts = reads.count_approvals(actor, asked.q)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "orders/approvals.html",
        page=Page(reads.approvals_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=WORDS,
        alone=_ordered_alone(actor),
    )


def _ordered_alone(actor: Actor) -> list[PersonLimit]:
    """For whoever decides: who ordered without a manager in the days that count, the most first."""
    if not actor.can(Permission.ORDER_APPROVE):
        return []
    everybody, *people = reads.limits_of(actor, LIMITED)
    found = [
        one if one.limit_rupiah is not None else replace(one, limit_rupiah=everybody.limit_rupiah)
        for one in people
        if one.alone_rupiah
    ]
    return sorted(found, key=lambda one: -one.alone_rupiah)


def _filter() -> ApprovalFilter:
    state = request.args.get("state", "")
    return ApprovalFilter(
        q=one_line(request.args.get("q"))[:200], state=state if state in reads.STATES else ""
    )


@blueprint.post(f"/<{ID}:checkout_id>/approve")
@protected(Permission.ORDER_APPROVE)
def approve(checkout_id: int) -> Response:
    """Yes: the orders go to their sellers."""
    page_of(checkout_id)
    try:
        services.approve(actor=current_actor(), checkout_id=checkout_id)
        flash(_("Disetujui. Pesanannya sudah sampai ke penjual."), "ok")
    except RuleBroken as error:
        flash(error.message, "warning")
    return redirect(url_for("checkout.done", checkout_id=checkout_id))


@blueprint.post(f"/<{ID}:checkout_id>/refuse")
@protected(Permission.ORDER_APPROVE)
def refuse(checkout_id: int) -> str | Response | tuple[str, int]:
    """No, with the reason."""
    page = page_of(checkout_id)
    try:
        services.refuse(actor=current_actor(), checkout_id=checkout_id, reason=request.form.get("reason", ""))
        flash(_("Tidak disetujui. Barangnya bebas lagi."), "ok")
    except InvalidInput as error:
        answer = render_template(
            "orders/checkout_done.html", page=page, words=ORDER_WORDS, errors=error.fields
        )
        return answer, 422
    except RuleBroken as error:
        flash(error.message, "warning")
    return redirect(url_for("checkout.done", checkout_id=checkout_id))


@blueprint.route("/limits", methods=["GET", "POST"])
@protected(Permission.ORDER_APPROVE)
def limits() -> str | Response | tuple[str, int]:
    """Up to how much each person may order alone."""
    actor, errors = current_actor(), {}
    people = reads.limits_of(actor, LIMITED)
    if request.method == "POST":
        try:
            services.set_limits(actor=actor, limits=_typed([person.user_id for person in people]))
            flash(_("Batas belanja disimpan. Berlaku untuk belanja berikutnya."), "ok")
            return redirect(url_for(".limits"))
        except InvalidInput as error:
            errors = error.fields
    answer = render_template(
        "orders/limits.html", people=people, errors=errors, typed=request.form, everybody=EVERYBODY
    )
    return (answer, 422) if errors else answer


def _typed(user_ids: list[int]) -> list[services.Limit]:
    """What was typed for each person; what is no number is -1, which the services refuse."""
    found = []
    for user_id in user_ids:
        text = one_line(request.form.get(f"limit-{user_id}"))
        amount = read_whole(text)
        found.append(services.Limit(user_id, None if not text else -1 if amount is None else amount))
    return found
