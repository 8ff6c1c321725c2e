"""The bookkeeper's page: what was ordered, billed, paid and given back in some days, as one workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ... import clock
from ...exchange.headings import Words, in_words
from ...exchange.responses import file_response, table_response
from ...i18n import _
from ...payments.views.payments import METHOD_WORDS, STATE_WORDS
from ...payments.views.refunds import REFUND_WORDS
from ...permissions import Permission, current_actor, protected
from ...tabular import write_xlsx
from ...typed import read_day
from ..queries import books as reads
from ..rules.states import ORDER_WORDS
from ..wording import PLAN_WORDS

blueprint = Blueprint("books", __name__)
MOST_DAYS = 366
CELLS: dict[str, Words] = {
    "orders": {"state": ORDER_WORDS, "payment_plan": PLAN_WORDS},
    "payments": {"state": STATE_WORDS, "method": METHOD_WORDS},
    "refunds": {"state": REFUND_WORDS, "method": METHOD_WORDS},
}
"""What the workbook calls codes; the CSV keeps the names that programs know."""


@blueprint.get("/orders/books")
@protected(Permission.SETTLEMENT_VIEW)
def books() -> str | Response:
    """Sums of some days; ?format=xlsx is the workbook, ?format=csv&table=invoices one table of it."""
    first, last = _days()
    found = reads.books_of(current_actor(), first, last)
    tables = tables_of(found)
    wanted = request.args.get("format")
    name = f"pembukuan-{first.isoformat()}-{last.isoformat()}"
    if wanted == "xlsx":
        return file_response(f"{name}.xlsx", lambda path: write_workbook(path, tables))
    if wanted == "csv":
        key = request.args.get("table", "invoices")
        key = key if key in tables else "invoices"
        _label, columns, rows = tables[key]
        return table_response("csv", columns, rows, f"{key}-{first.isoformat()}-{last.isoformat()}")
    sums = {
        "orders": found.ordered_rupiah,
        "invoices": found.billed_rupiah,
        "credit_notes": found.credited_rupiah,
        "payments": found.paid_rupiah,
        "refunds": found.refunded_rupiah,
    }
    return render_template("orders/books.html", first=first, last=last, tables=tables, sums=sums)


Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


def tables_of(found: reads.Books) -> dict[str, Table]:
    """Every table by its key: what its sheet is called, its columns, its rows."""
    return {
        "orders": (_("Pesanan"), reads.ORDER_COLUMNS, found.orders),
        "invoices": (_("Nota tagihan"), reads.INVOICE_COLUMNS, found.invoices),
        "credit_notes": (_("Nota kredit"), reads.CREDIT_COLUMNS, found.credit_notes),
        "payments": (_("Pembayaran"), reads.PAYMENT_COLUMNS, found.payments),
        "refunds": (_("Pengembalian"), reads.REFUND_COLUMNS, found.refunds),
    }


def write_workbook(path: Path, tables: dict[str, Table]) -> None:
    """One sheet for each table in a reader's words, numbers as numbers and days as days."""
    first, *others = (
        (label, *in_words(columns, rows, CELLS.get(key, {})))
        for key, (label, columns, rows) in tables.items()
    )
    label, columns, rows = first
    write_xlsx(path, columns, rows, sheet=label, extra_sheets=others)


def _days() -> tuple[date, date]:
    """The days asked for, in order and at most a year; this month where nothing can be read."""
    today = clock.today()
    first, last = read_day(request.args.get("from")), read_day(request.args.get("to"))
    if first is None and last is None:
        return today.replace(day=1), today
    last = last or today
    first = first or last.replace(day=1)
    first, last = min(first, last), max(first, last)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last
