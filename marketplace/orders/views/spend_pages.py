"""What the pages of spending share: the days asked for, the chart of months, lists and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from ... import charts, clock
from ...charts import Column, Series
from ...i18n import _, format_month, format_month_short
from ...money import format_rupiah
from ...typed import read_day
from ..queries.spend_reports import Spending, months_of
from ..queries.spending import CUTS, Spent, SpentFilter
from ..rules.spending import MAX_YEARS, Cut

PAGE_SIZE = 25
CUT_COLUMNS = ("by", "key", "name", "amount_rupiah", "share", "sellers", "orders", "note")
ROW_COLUMNS = (
    "issued_on", "invoice_number", "order_number", "buyer", "seller", "region_code", "size", "buyer_kind",
    "procurement_ref", "amount_rupiah",
)  # fmt: skip
HIDDEN_NOTE = "<5"
MILLION, THOUSAND = 1_000_000, 1_000
FEW_UNITS = 20


def asked_days() -> tuple[date, date]:
    """The days asked for, in order and not too many; this year until today where nothing can be read."""
    today = clock.today()
    begin, end = read_day(request.args.get("from")), read_day(request.args.get("to"))
    last = end or max(today, begin or today)
    first = begin or last.replace(month=1, day=1)
    first, last = min(first, last), max(first, last)
    return max(first, last - timedelta(days=366 * MAX_YEARS)), last


def asked_parts() -> SpentFilter:
    """The parts in the address; what is no part of anything is left out."""
    parts = {name: request.args[name][:200] for name in CUTS if request.args.get(name)}
    local = request.args.get("local", "")
    return SpentFilter(parts, local if local in {"local", "other"} else "")


def days_in_url(first: date, last: date) -> dict[str, Any]:
    """These days as the query of an address."""
    return {"from": first.isoformat(), "to": last.isoformat()}


def months_chart(found: Spending, endpoint: str) -> tuple[Markup, str]:
    """What was spent month by month, on micro and small businesses and on others; and in which unit."""
    months = months_of(found)
    most = max((small + rest for _day, small, rest in months), default=0)
    unit = MILLION if most >= FEW_UNITS * MILLION else THOUSAND
    days = days_in_url(found.first, found.last)
    columns = [
        Column(
            label=format_month_short(day),
            values=(round(small / unit), round(rest / unit)),
            sentence=_(
                "%(month)s: %(small)s ke usaha mikro dan kecil, %(rest)s ke yang lain",
                month=format_month(day),
                small=format_rupiah(small),
                rest=format_rupiah(rest),
            ),
            group=str(day.year) if index == 0 or day.month == 1 else "",
            href=url_for(endpoint, **days, month=f"{day:%Y-%m}"),
        )
        for index, (day, small, rest) in enumerate(months)
    ]
    series = [Series("ok", _("Mikro dan kecil")), Series("grace", _("Lainnya"))]
    words = _("Dalam juta rupiah") if unit == MILLION else _("Dalam ribu rupiah")
    return charts.trend(columns, series, title=f"{_('Belanja tiap bulan')}. {words}"), words


def cut_cells(name: str, found: Cut) -> Iterator[list[Any]]:
    """The rows of a cut for a file."""
    for part in found.parts:
        if part.is_hidden:
            yield [name, part.key, part.name, None, None, None, None, HIDDEN_NOTE]
        else:
            share = round(part.share, 6)
            yield [name, part.key, part.name, part.rupiah, share, part.sellers, part.orders, ""]


def row_cells(rows: Sequence[Spent]) -> Iterator[list[Any]]:
    """Pieces for a file."""
    for row in rows:
        yield [
            row.issued_on, row.invoice_number, row.order_number, row.operator_name, row.seller_name,
            row.region_code, row.size.value, row.buyer_kind, row.procurement_ref, row.rupiah,
        ]  # fmt: skip
