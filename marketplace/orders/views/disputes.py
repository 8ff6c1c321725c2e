"""Orders in dispute, for an office: what waits for its word, what nobody answered, what banks take back."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ... import clock
from ...errors import NotFound
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from ..queries import disputes as reads
from ..queries.disputes import DisputeFilter

blueprint = Blueprint("order_disputes", __name__, url_prefix="/office/order-disputes")
PAGE_SIZE = 25
COLUMNS = (
    "kind", "order_number", "seller_name", "operator_name", "about", "units", "rupiah", "since", "age_days",
    "answer_by",
)  # fmt: skip
WORDS = {
    reads.REFERRED: N_("Menunggu keputusan Dinas"),
    reads.OVERDUE: N_("Tidak dijawab penjual"),
    reads.PROVIDER: N_("Sengketa di penyedia pembayaran"),
}


@blueprint.get("")
@protected(Permission.CLAIM_DECIDE)
def disputes() -> str | Response:
    """Orders in dispute, the oldest first; as a file with ?format=csv or xlsx."""
    actor, kind = current_actor(), request.args.get("kind", "")
    if not actor.is_office:
        raise NotFound(_("Halaman ini untuk Dinas."))
    asked = DisputeFilter(one_line(request.args.get("q"))[:200], kind if kind in reads.KINDS else "")
    found, counts = reads.disputes_of(actor, asked)
    today = clock.today()
    if request.args.get("format") in {"csv", "xlsx"}:
        cells = (
            [
                row.kind, row.order_number, row.seller_name, row.operator_name, row.about, row.units,
                row.rupiah, row.since, (today - row.since).days, row.answer_by,
            ]
            for row in found
        )  # fmt: skip
        return table_response(request.args["format"], COLUMNS, cells, "pesanan-sengketa", {"kind": WORDS})
    number = page_within(len(found), PAGE_SIZE)
    start = (number - 1) * PAGE_SIZE
    return render_template(
        "orders/disputes.html",
        page=Page(found[start : start + PAGE_SIZE], number, len(found), PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=WORDS,
    )
