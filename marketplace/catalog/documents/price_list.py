"""A list of prices on A4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import render_template
from markupsafe import Markup

from ... import documents
from ..queries import PriceLine


def price_list_pdf(
    *, title: str, subtitle: str, lines: Sequence[PriceLine], day: date, address: str
) -> bytes:
    """The prices of one maker, or of one buyer's list, by maker and kind; the code leads to `address`."""
    page = render_template(
        "catalog/price_list_pdf.html",
        title=title,
        subtitle=subtitle,
        lines=lines,
        day=day,
        address=address,
        qr=Markup(documents.qr_svg(address)),  # noqa: S704 - drawn by segno
        several=len({line.seller_name for line in lines}) > 1,
    )
    return documents.pdf(page)
