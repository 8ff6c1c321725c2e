"""An office's report on local spending: by district, size and buyer, its own purchases apart, with rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ... import clock
from ...errors import NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Actor, Permission, current_actor, protected
from ...placements.views.papers import pdf_response
from ...web import Page, page_within
from ..documents.local_spend import local_spend_pdf
from ..queries import spend_reports as reads
from ..queries.orders import visible_ids
from ..queries.spend_reports import LocalSpend
from ..rules.spending import Part
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

blueprint = Blueprint("local_spend", __name__, url_prefix="/office/local-spend")


def _office() -> Actor:
    actor = current_actor()
    if not actor.is_office:
        raise NotFound(_("Halaman ini untuk Dinas."))
    return actor


@blueprint.get("")
@protected(Permission.SPEND_VIEW)
def report() -> str:
    """What was spent on the region's makers in some days."""
    (first, last) = asked_days()
    found = reads.local_spend(_office(), first, last)
    chart, unit = months_chart(found, "local_spend.rows")
    return render_template(
        "orders/local_spend.html",
        found=found,
        words=reads.CUT_WORDS,
        chart=chart,
        unit=unit,
        months=reads.months_of(found),
        days=days_in_url(first, last),
    )


@blueprint.get("/report.<any(csv, xlsx, pdf):form>")
@protected(Permission.SPEND_VIEW)
def report_file(form: str) -> Response:
    """The report to take along; ?public=1 without the figures of fewer than five sellers."""
    actor, (first, last) = _office(), asked_days()
    found = reads.local_spend(actor, first, last, is_public=request.args.get("public") == "1")
    name = f"belanja-lokal-{first.isoformat()}-{last.isoformat()}{'-umum' if found.is_public else ''}"
    if form == "pdf":
        return pdf_response(local_spend_pdf(found, clock.today()), name)
    return table_response(form, CUT_COLUMNS, report_cells(found), name)


def report_cells(found: LocalSpend) -> Iterator[list[Any]]:
    """The whole first, then every cut of it, then the office's own purchases."""
    whole = found.whole
    if found.hides_all:
        yield ["total", "", _("Seluruhnya"), None, None, None, None, "<5"]
    else:
        yield ["total", "", _("Seluruhnya"), whole.rupiah, 1, whole.sellers, whole.orders, ""]
    for name, one in found.cuts.items():
        yield from cut_cells(name, one)
    own = found.own
    total = Part("", _("Belanja kantor sendiri"), own.rupiah, own.sellers, own.orders, 1.0)
    if not (found.is_public and own.parts and not own.rupiah):
        yield ["own", "", total.name, total.rupiah, total.share, total.sellers, total.orders, ""]
    yield from cut_cells("own_procurement", own)
    yield from cut_cells("own_local", found.own_local)


@blueprint.get("/orders")
@protected(Permission.SPEND_VIEW)
def rows() -> str | Response:
    """The orders behind a figure; ?whose=own of the office's own purchases."""
    actor, (first, last), asked = _office(), asked_days(), asked_parts()
    is_own = request.args.get("whose") == "own"
    found = reads.local_rows(actor, first, last, asked, is_own=is_own)
    if request.args.get("format") in {"csv", "xlsx"}:
        return table_response(request.args["format"], ROW_COLUMNS, row_cells(found), "belanja-lokal-pesanan")
    number = page_within(len(found), PAGE_SIZE)
    start = (number - 1) * PAGE_SIZE
    shown = found[start : start + PAGE_SIZE]
    picked = [
        (reads.CUT_WORDS[name], reads.namer(found, name)(key), name) for name, key in asked.parts.items()
    ]
    if is_own:
        picked.append((_("Pembeli"), _("kantor sendiri"), "whose"))
    if asked.local:
        picked.append((_("Asal"), _("wilayah ini") if asked.local == "local" else _("luar wilayah"), "local"))
    return render_template(
        "orders/spending_rows.html",
        page=Page(shown, number, len(found), PAGE_SIZE),
        opens=visible_ids(actor, {row.order_id for row in shown}),
        rupiah=sum(row.rupiah for row in found),
        days=days_in_url(first, last),
        first=first,
        last=last,
        picked=picked,
        back="local_spend.report",
    )
