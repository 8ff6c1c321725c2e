"""Differences between seller and store, and the messages on every document."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import throttle
from ...errors import InvalidInput
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...security import safe_next
from ...texts import one_line
from ...web import Page, page_within
from ..models import DifferenceKind, DifferenceState, Outcome
from ..queries import differences as reads
from ..queries.differences import DifferenceFilter
from ..rules import Side
from ..rules.differences import DIFFERENCE_WORDS, OUTCOME_WORDS, SETTLINGS
from ..services import differences as services
from ..services.messages import mark_seen, write_message
from ..services.parties import no_paper

blueprint = Blueprint("differences", __name__)
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id", "kind", "state", "outlet_name", "seller_name", "product_name", "quantity", "rupiah", "description",
    "outcome", "note", "opened_at", "settled_at",
)  # fmt: skip
MESSAGES = "120 per hour"


@blueprint.get("/differences")
@protected(Permission.STOCK_VIEW)
def differences() -> str | Response:
    """What seller and store see differently, what is open first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.differences_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"],
            COLUMNS,
            cells,
            "selisih",
            {"kind": DIFFERENCE_WORDS, "outcome": OUTCOME_WORDS},
        )
    total = reads.count_differences(actor, asked)
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "placements/differences.html",
        page=Page(reads.differences_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        open_count=reads.open_differences(actor),
        all_count=reads.count_differences(actor, DifferenceFilter(q=asked.q)),
        kinds=DIFFERENCE_WORDS,
    )


def read_filter() -> DifferenceFilter:
    """The filters in the address; what is unknown is left out."""
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    return DifferenceFilter(
        q=one_line(request.args.get("q"))[:200],
        state=state if state in set(DifferenceState) else "",
        kind=kind if kind in set(DifferenceKind) else "",
        is_referred=request.args.get("referred") == "1",
    )


@blueprint.get(f"/differences/<{ID}:difference_id>")
@protected(Permission.STOCK_VIEW)
def difference(difference_id: int) -> str:
    """One difference: what differs, on which paper, and how it can be settled."""
    return _page(difference_id)


def _page(difference_id: int, errors: dict[str, str] | None = None, note: str = "") -> str:
    page = reads.difference_page(current_actor(), difference_id)
    if page is None:
        raise no_paper()
    return render_template(
        "placements/difference.html",
        page=page,
        words=DIFFERENCE_WORDS,
        outcomes=OUTCOME_WORDS,
        labels={one.outcome: one.label for one in SETTLINGS},
        errors=errors or {},
        note=note,
    )


@blueprint.post(f"/differences/<{ID}:difference_id>/settle")
@protected(Permission.STOCK_VIEW)
def settle(difference_id: int) -> str | Response | tuple[str, int]:
    """Agree, correct, or decide."""
    outcome, favours = request.form.get("outcome", ""), request.form.get("favours", "")
    note = request.form.get("note", "")
    if outcome not in set(Outcome):
        raise InvalidInput(_("Pilih cara menyelesaikan selisih ini."))
    try:
        services.settle(
            current_actor(),
            difference_id,
            Outcome(outcome),
            note,
            favours=Side(favours) if favours in set(Side) else None,
        )
    except InvalidInput as error:
        return _page(difference_id, error.fields, note), 422
    flash(_("Selisih diselesaikan. Pihak lain kami beri tahu."), "ok")
    return redirect(url_for(".difference", difference_id=difference_id))


@blueprint.post(f"/differences/<{ID}:difference_id>/refer")
@protected(Permission.DIFFERENCE_SETTLE)
def refer(difference_id: int) -> Response:
    """Ask the office to decide."""
    services.refer(actor=current_actor(), difference_id=difference_id)
    flash(_("Dinas diminta memutuskan. Anda masih bisa menyelesaikannya sendiri."), "ok")
    return redirect(url_for(".difference", difference_id=difference_id))


@blueprint.post(f"/messages/<document_kind>/<{ID}:document_id>/seen")
@protected(Permission.AGREEMENT_VIEW)
def seen(document_kind: str, document_id: int) -> tuple[str, int]:
    """The page says that it has shown the messages up to one; opening a page alone writes nothing."""
    up_to = request.form.get("up_to", "")
    if not (up_to.isascii() and up_to.isdecimal() and len(up_to) < 19):
        raise no_paper()
    mark_seen(
        actor=current_actor(), document_kind=document_kind[:24], document_id=document_id, up_to=int(up_to)
    )
    return "", 204


@blueprint.post(f"/messages/<document_kind>/<{ID}:document_id>")
@protected(Permission.AGREEMENT_VIEW)
def write(document_kind: str, document_id: int) -> Response:
    """Write on a document; back to it."""
    actor = current_actor()
    throttle.check_and_count("message", str(actor.user_id), MESSAGES)
    try:
        write_message(
            actor=actor,
            document_kind=document_kind[:24],
            document_id=document_id,
            body=request.form.get("body", ""),
            client_key=request.form.get("key", ""),
        )
        flash(_("Pesan terkirim."), "ok")
    except InvalidInput as error:
        flash(error.message, "error")
    return redirect(safe_next(request.form.get("next"), "/") + "#pesan")
