"""My goods everywhere: a seller's by outlet, product and lot; a store's on its own shelves."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ...exchange.responses import table_response
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from ..queries import goods as reads
from ..queries.goods import GoodsFilter

blueprint = Blueprint("goods", __name__, url_prefix="/goods")
LOT_COLUMNS = (
    "outlet", "seller", "product", "sku", "lot", "expires_on", "days_left", "on_hand", "advice", "units",
    "why",
)  # fmt: skip
GROUP_COLUMNS = ("name", "detail", "lots", "on_hand", "expired", "near", "expires_on")


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def goods() -> str | Response:
    """What stands where, what expires first on top; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        return _file(request.args["format"], asked)
    sums = reads.sums(actor, asked)
    total = sums.rows if asked.by == "lot" else reads.count_groups(actor, asked)
    number = page_within(total, reads.PAGE_SIZE)
    read = reads.goods if asked.by == "lot" else reads.grouped
    return render_template(
        "placements/goods.html",
        page=Page(read(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        sums=sums,
        outlets=reads.outlets_holding(actor),
        is_narrowed=any((asked.q, asked.life, asked.outlet_id, asked.product_id)),
    )


def read_filter() -> GoodsFilter:
    """The filters in the address; what is unknown is left out."""
    life, by, sort = (request.args.get(name, "") for name in ("life", "by", "sort"))
    return GoodsFilter(
        q=one_line(request.args.get("q"))[:200],
        life=life if life in reads.LIVES else "",
        by=by if by in reads.GROUPS else "lot",
        sort=sort if sort in reads.SORTS else "",
        outlet_id=_id("outlet"),
        product_id=_id("product"),
    )


def _id(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _file(file_format: str, asked: GoodsFilter) -> Response:
    actor = current_actor()
    if asked.by != "lot":
        rows = reads.grouped(actor, asked, size=None)
        cells = ([getattr(row, name) for name in GROUP_COLUMNS] for row in rows)
        return table_response(file_format, GROUP_COLUMNS, cells, "barang-saya")
    lots = reads.goods(actor, asked, size=None)
    lines = (
        [
            row.outlet_name, row.seller_name, row.product_name, row.sku, row.holding.lot_code,
            row.holding.expires_on, row.days_left, row.on_hand, row.advice.advice.value, row.advice.units,
            row.advice.why,
        ]
        for row in lots
    )  # fmt: skip
    return table_response(file_format, LOT_COLUMNS, lines, "barang-saya")
