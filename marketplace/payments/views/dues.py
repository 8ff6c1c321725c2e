"""What is owed: for a buyer what it has to pay and by when, for a seller who owes it since when."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ...exchange.responses import table_response
from ...i18n import N_
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from .. import documents
from ..queries.dues import (
    DUE_SORTS,
    DUE_STATES,
    KINDS,
    PAGE_SIZE,
    DueFilter,
    count_dues,
    due_ages,
    dues_of,
)

blueprint = Blueprint("dues", __name__, url_prefix="/payments/dues")
COLUMNS = (
    "number", "kind", "partner_name", "since", "due_on", "late_days", "open_rupiah", "reported_rupiah",
    "state",
)  # fmt: skip
DUE_WORDS = {
    "overdue": N_("Lewat jatuh tempo"),
    "open": N_("Belum dibayar"),
    "reported": N_("Menunggu konfirmasi penjual"),
}
KIND_WORDS = {
    "settlement": N_("Titip jual"),
    "invoice": N_("Pesanan"),
    "advance": N_("Uang muka pesanan"),
}


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def dues() -> str | Response:
    """Bills that are open or not confirmed, by due day, with how old they are; ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = dues_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"],
            COLUMNS,
            cells,
            "tagihan-terbuka",
            {"state": DUE_WORDS, "kind": KIND_WORDS},
        )
    counts = count_dues(actor, asked)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, PAGE_SIZE)
    return render_template(
        "payments/dues.html",
        page=Page(dues_of(actor, asked, number=number), number, total, PAGE_SIZE),
        asked=asked,
        counts=counts,
        ages=due_ages(actor),
        words=DUE_WORDS,
        kinds=KIND_WORDS,
        link=documents.path_of,
    )


def read_filter() -> DueFilter:
    """The filters in the address; what is unknown is left out."""
    state, sort, kind = (request.args.get(name, "") for name in ("state", "sort", "kind"))
    return DueFilter(
        q=one_line(request.args.get("q"))[:200],
        state=state if state in DUE_STATES else "",
        kind=kind if kind in KINDS else "",
        sort=sort if sort in DUE_SORTS else "",
    )
