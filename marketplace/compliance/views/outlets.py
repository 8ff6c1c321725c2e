"""The list of outlets and the page of one, for the office and for the buyer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Response, render_template, request, url_for

from ... import clock, web
from ...errors import NotFound
from ...exchange import exact_response
from ...i18n import _
from ...permissions import Permission, protected
from .. import drawings
from ..queries import (
    OutletFilter,
    OutletStanding,
    default_comparison,
    districts_of,
    matching,
    outlet_page,
    page_of,
    standings,
)
from ..words import blocks, explain
from .blueprint import asked_day, blueprint, kind_labels, own_scope

LIST_COLUMNS = (
    "outlet_ref", "outlet_name", "operator_name", "kind", "village", "district", "binding", "required",
    "counted", "shortfall", "status",
)  # fmt: skip


def asked_filter() -> OutletFilter:
    """The filters in the URL."""
    text = request.args.get
    operator = text("operator", "")
    return OutletFilter(
        q=text("q", "")[:200],
        district=text("district", "")[:13],
        village=text("village", "")[:13],
        kind=text("kind", "")[:24],
        status=text("status", "")[:16],
        binding=text("binding", "")[:10],
        operator_id=int(operator) if operator.isdecimal() and len(operator) < 12 else None,
        sort=text("sort", "-shortfall")[:16],
    )


@blueprint.get("/office/outlets")
@protected(Permission.COMPLIANCE_VIEW)
def outlets() -> str:
    """Every outlet that matches the filters, the shortest first."""
    day, scope, wanted, number = asked_day(), own_scope(), asked_filter(), web.page_number()
    earlier, now = default_comparison(day), standings(day, scope)
    rows, total = page_of(now, standings(earlier, scope), wanted, number, web.PAGE_SIZE)
    return render_template(
        "compliance/outlets.html",
        day=day,
        latest=clock.today(),
        rows=web.Page(rows, number, total),
        filter=wanted,
        districts=districts_of(now),
        village_names={row.region_code: row.village for row in now},
        kinds=list(kind_labels().items()),
        kind_labels=kind_labels(),
        compared_with=earlier,
    )


@blueprint.get("/office/outlets.<any(csv, xlsx):form>")
@protected(Permission.COMPLIANCE_VIEW)
def outlets_file(form: str) -> Response:
    """The same list as a file."""
    day = asked_day()
    rows = matching(day, own_scope(), asked_filter())
    return exact_response(form, LIST_COLUMNS, (_cells(row) for row in rows), f"toko-{day.isoformat()}")


def _cells(row: OutletStanding) -> tuple[Any, ...]:
    return (
        row.outlet_ref, row.name, row.operator_name, row.kind, row.village, row.district, row.binding,
        row.required, row.counted, row.shortfall if row.required is not None else None, row.status,
    )  # fmt: skip


@blueprint.get("/office/outlets/<int:outlet_id>")
@protected(Permission.COMPLIANCE_VIEW)
def outlet(outlet_id: int) -> str:
    """One outlet: which sellers count, which do not and why, history and evidence."""
    return _outlet_page(outlet_id, "compliance.outlet")


@blueprint.get("/buyer/outlets/<int:outlet_id>")
@protected(Permission.BUYER_HOME)
def buyer_outlet(outlet_id: int) -> str:
    """The same page for the company that runs the outlet."""
    return _outlet_page(outlet_id, "compliance.buyer_outlet")


def _outlet_page(outlet_id: int, endpoint: str) -> str:
    day = asked_day()
    page = outlet_page(outlet_id, day, own_scope())
    if page is None:
        raise NotFound(_("Toko itu tidak ada, atau tidak ada pada tanggal itu."))
    return render_template(
        "compliance/outlet.html",
        page=page,
        day=day,
        latest=clock.today(),
        chart=drawings.history_chart(page.history, url_for(endpoint, outlet_id=outlet_id)),
        months=drawings.history_rows(page.history),
        places=drawings.places(page.sellers),
        kind_labels=kind_labels(),
    )


@blueprint.get("/office/outlets/<int:outlet_id>/evidence.<any(csv, xlsx):form>")
@protected(Permission.COMPLIANCE_VIEW)
def outlet_file(outlet_id: int, form: str) -> Response:
    """The outlet's agreements with their reasons, as a file."""
    day = asked_day()
    page = outlet_page(outlet_id, day, own_scope())
    if page is None:
        raise NotFound(_("Toko itu tidak ada, atau tidak ada pada tanggal itu."))
    name = f"bukti-{page.standing.outlet_ref}-{day.isoformat()}"
    columns = (
        "seller_ref", "seller_name", "counted", "reasons", "agreement_ref", "basis", "starts_on", "ends_on",
        "terminated_on", "on_hand", "last_sale_on", "last_delivery_on",
    )  # fmt: skip
    return exact_response(form, columns, _evidence(page), name)


def _evidence(page: Any) -> Iterator[tuple[Any, ...]]:
    for seller in page.sellers:
        for agreement in seller.agreements:
            yield (
                seller.seller_ref, seller.name, seller.counted, ";".join(seller.reasons),
                agreement.agreement_ref, agreement.basis, agreement.starts_on, agreement.ends_on,
                agreement.terminated_on, seller.on_hand, seller.last_sale_on, seller.last_delivery_on,
            )  # fmt: skip


@blueprint.get("/office/outlets/<int:outlet_id>/explain")
@protected(Permission.COMPLIANCE_VIEW)
def outlet_explained(outlet_id: int) -> str:
    """The judgement in plain words, to print or to read aloud."""
    return _explained(outlet_id, asked_day(), "compliance.outlet")


@blueprint.get("/buyer/outlets/<int:outlet_id>/explain")
@protected(Permission.BUYER_HOME)
def buyer_outlet_explained(outlet_id: int) -> str:
    """The same for the company that runs the outlet."""
    return _explained(outlet_id, asked_day(), "compliance.buyer_outlet")


def _explained(outlet_id: int, day: date, back: str) -> str:
    lines = explain(outlet_id, day, own_scope())
    if lines is None:
        raise NotFound(_("Toko itu tidak ada, atau tidak ada pada tanggal itu."))
    return render_template(
        "compliance/explain.html",
        name=lines[0],
        blocks=blocks(lines[1:]),
        day=day,
        latest=clock.today(),
        back_url=url_for(back, outlet_id=outlet_id, as_of=day.isoformat()),
    )
