"""The statement and the bill of a settlement as PDF, and every line of it as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flask import render_template
from markupsafe import Markup

from ... import documents, mailing
from ...i18n import _, speaking
from ...tabular import write_xlsx
from ..queries.settlement_page import SettlementPage
from ..rules.settling import line_words

LINES_ON_PAPER = 200
"""A paper with more lines says the sums by product; every line is in the workbook."""
LINE_COLUMNS = (
    "occurred_on", "kind", "sku", "product", "quantity", "unit_price_rupiah", "gross_rupiah",
    "commission_rupiah", "net_rupiah", "movement",
)  # fmt: skip
PRODUCT_COLUMNS = (
    "product", "quantity", "gross_rupiah", "commission_rupiah", "lost", "charged_rupiah", "net_rupiah",
)  # fmt: skip


def settlement_pdf(page: SettlementPage, paper: str) -> bytes:
    """A4, in Indonesian: `paper` is 'statement' (the store's) or 'bill' (the seller's)."""
    address = mailing.address(f"/verify/{page.row.verify_code}")
    with speaking("id"):
        html = render_template(
            "placements/settlement_pdf.html",
            page=page,
            is_bill=paper == "bill",
            line_words=line_words,
            with_lines=len(page.lines) <= LINES_ON_PAPER,
            qr=Markup(documents.qr_svg(address)),  # noqa: S704 - drawn by segno
            address=address,
        )
    return documents.pdf(html)


def write_workbook(path: Path, page: SettlementPage) -> None:
    """Lines, sums by product, and the sums of the settlement, each on its sheet."""
    sums = [
        (
            one.name, one.quantity, one.gross_rupiah, one.commission_rupiah, one.lost, one.charged_rupiah,
            one.net_rupiah,
        )
        for one in page.by_product
    ]  # fmt: skip
    extra: list[tuple[str, Sequence[str], Iterable[Sequence[Any]]]] = [
        (_("Produk"), PRODUCT_COLUMNS, sums),
        (_("Ringkasan"), ("name", "value"), _summary(page)),
    ]
    write_xlsx(path, LINE_COLUMNS, _lines(page), sheet=_("Baris"), extra_sheets=extra)


def _lines(page: SettlementPage) -> Iterator[tuple[Any, ...]]:
    for line in page.lines:
        yield (
            line.occurred_on, line.kind, line.sku, line.product_name, line.quantity, line.unit_price_rupiah,
            line.gross_rupiah, line.commission_rupiah, line.net_rupiah, line.movement_id,
        )  # fmt: skip


def _summary(page: SettlementPage) -> list[tuple[str, Any]]:
    row = page.row
    return [
        (_("Nomor"), row.number or _("Konsep")),
        (_("Nota tagihan"), row.bill_number),
        (_("Toko"), page.outlet.name),
        (_("UMKM"), page.seller.name),
        (_("Hari pertama"), row.first_day),
        (_("Hari terakhir"), row.last_day),
        (_("Jumlah penjualan"), row.gross_rupiah),
        (_("Komisi toko"), row.commission_rupiah),
        (_("Barang hilang yang ditanggung toko"), row.charged_rupiah),
        (_("Dibayar kepada penjual"), row.net_rupiah),
        (_("Jatuh tempo"), row.due_on),
    ]
