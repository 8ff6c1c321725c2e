"""A buyer's spending: by seller, kind of goods, district, size and month, each figure with its orders."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ...errors import NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Actor, Permission, current_actor, protected
from ...web import Page, page_within
from ..queries import spend_reports as reads
from ..queries.spending import SpentFilter
from ..rules.spending import cut
from .spend_pages import (
    CUT_COLUMNS,
    PAGE_SIZE,
    ROW_COLUMNS,
    asked_days,
    asked_parts,
    cut_cells,
    days_in_url,
    months_chart,
    row_cells,
)

blueprint = Blueprint("spending", __name__, url_prefix="/spending")
CATEGORY_COLUMNS = ("issued_on", "invoice_number", "order_number", "seller", "category", "amount_rupiah")


def _buyer() -> Actor:
    actor = current_actor()
    if actor.buyer_id is None and not actor.is_office:
        raise NotFound(_("Halaman ini untuk yang berbelanja."))
    return actor


@blueprint.get("")
@protected(Permission.SPEND_VIEW)
def spending() -> str | Response:
    """What was spent in some days, in parts; ?by= chooses which, ?format=csv or xlsx takes it along."""
    (first, last), by = asked_days(), request.args.get("by", "")
    by = by if by in reads.BUYERS_CUTS else "seller"
    found = reads.spending_of(_buyer(), first, last)
    if request.args.get("format") in {"csv", "xlsx"}:
        cells = cut_cells(by, found.cuts[by])
        return table_response(request.args["format"], CUT_COLUMNS, cells, f"belanja-{by}")
    chart, unit = months_chart(found, "spending.rows")
    return render_template(
        "orders/spending.html",
        found=found,
        by=by,
        shown=found.cuts[by],
        words={name: reads.CUT_WORDS[name] for name in reads.BUYERS_CUTS},
        chart=chart,
        unit=unit,
        months=reads.months_of(found),
        days=days_in_url(first, last),
    )


@blueprint.get("/orders")
@protected(Permission.SPEND_VIEW)
def rows() -> str | Response:
    """The orders behind a figure; of a kind of goods with what was spent on it."""
    actor, (first, last) = _buyer(), asked_days()
    category = request.args.get("category", "")[:200]
    if category:
        return _category(actor, category)
    asked = asked_parts()
    found = reads.spending_rows(actor, first, last, SpentFilter(asked.parts))
    if request.args.get("format") in {"csv", "xlsx"}:
        return table_response(request.args["format"], ROW_COLUMNS, row_cells(found), "belanja-pesanan")
    number = page_within(len(found), PAGE_SIZE)
    start = (number - 1) * PAGE_SIZE
    return render_template(
        "orders/spending_rows.html",
        page=Page(found[start : start + PAGE_SIZE], number, len(found), PAGE_SIZE),
        rupiah=sum(row.rupiah for row in found),
        days=days_in_url(first, last),
        first=first,
        last=last,
        picked=[
            (reads.CUT_WORDS[name], reads.namer(found, name)(key), name) for name, key in asked.parts.items()
        ],
        back="spending.spending",
    )


def _category(actor: Actor, category: str) -> str | Response:
    first, last = asked_days()
    found = reads.category_rows(actor, first, last, category)
    if request.args.get("format") in {"csv", "xlsx"}:
        cells = (
            [row.issued_on, row.invoice_number, row.order_number, row.seller_name, row.category, row.rupiah]
            for row in found
        )
        return table_response(request.args["format"], CATEGORY_COLUMNS, cells, "belanja-jenis")
    number = page_within(len(found), PAGE_SIZE)
    start = (number - 1) * PAGE_SIZE
    whole = cut((row.piece() for row in found), reads.namer([], "category"))
    return render_template(
        "orders/spending_rows.html",
        page=Page(found[start : start + PAGE_SIZE], number, len(found), PAGE_SIZE),
        rupiah=whole.rupiah,
        days=days_in_url(first, last),
        first=first,
        last=last,
        picked=[(reads.CUT_WORDS["category"], reads.namer([], "category")(category), "category")],
        back="spending.spending",
    )
