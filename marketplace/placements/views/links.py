"""What a document between two parties is called, and where it stands, from its kind and id alone."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ...i18n import N_

DOCUMENTS = {
    "agreement": (N_("perjanjian"), "agreements.agreement", "agreement_id"),
    "delivery": (N_("surat jalan"), "deliveries.delivery", "delivery_id"),
    "return": (N_("retur"), "returns.return_note", "return_id"),
    "destruction": (N_("berita acara pemusnahan"), "destructions.destruction", "destruction_id"),
    "difference": (N_("selisih"), "differences.difference", "difference_id"),
    "correction": (N_("selisih yang diselesaikan"), "differences.difference", "difference_id"),
    "settlement": (N_("penyelesaian"), "settlements.settlement", "settlement_id"),
    "sales_report": (N_("laporan penjualan"), "sales.report", "report_id"),
    "count": (N_("hitung stok"), "counts.count", "count_id"),
    "order": (N_("pesanan"), "orders.order", "order_id"),
    "claim": (N_("klaim"), "claims.claim", "claim_id"),
    "quote": (N_("penawaran"), "quotes.quote", "quote_id"),
    "markdown": (N_("permintaan harga turun"), "markdowns.markdown", "markdown_id"),
}
"""By the name that messages, differences and the ledger use: words, page, the page's argument."""


def document_words(kind: str) -> str:
    """What people call such a document."""
    known = DOCUMENTS.get(kind)
    return str(known[0]) if known else ""


def document_url(kind: str, document_id: int | None, *, anchor: str | None = None) -> str:
    """Its page; empty for what has none (an import, a movement written by hand)."""
    known = DOCUMENTS.get(kind)
    if known is None or document_id is None:
        return ""
    _words, endpoint, name = known
    values: dict[str, Any] = {name: document_id}
    return url_for(endpoint, _anchor=anchor, **values)
