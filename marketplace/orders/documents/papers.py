"""The papers of orders as PDF, one or many in one file: Indonesian whoever prints them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask import render_template
from markupsafe import Markup

from ... import documents, mailing
from ...i18n import N_, speaking
from ...payments.models import PaymentMethod
from ...words import terbilang
from .. import wording
from ..queries.papers import OrderPapers, Receipt
from ..rules.drafts import card_words


class PaperKind(StrEnum):
    """What can be printed of an order."""

    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT = "credit"
    CARD = "card"


PAPER_WORDS = {
    PaperKind.ORDER: N_("Surat pesanan"),
    PaperKind.DELIVERY: N_("Surat jalan"),
    PaperKind.INVOICE: N_("Nota tagihan"),
    PaperKind.RECEIPT: N_("Kuitansi"),
    PaperKind.CREDIT: N_("Nota kredit"),
    PaperKind.CARD: N_("Kartu ucapan"),
}
METHODS = {
    PaymentMethod.BANK_TRANSFER.value: N_("Transfer bank"),
    PaymentMethod.CASH.value: N_("Tunai"),
    PaymentMethod.PROVIDER.value: N_("Penyedia pembayaran"),
    PaymentMethod.QRIS.value: N_("QRIS"),
}
MOST_CARDS = 500


@dataclass(frozen=True)
class Sheet:
    """One paper to be laid out: its kind, number, code, and what it is of."""

    kind: PaperKind
    number: str
    code: str
    of: Any
    about: OrderPapers | None = None

    @property
    def address(self) -> str:
        """Where anyone may compare it."""
        return mailing.address(f"/verify/{self.code}")

    @property
    def qr(self) -> Markup:
        """The same as a QR code."""
        return Markup(documents.qr_svg(self.address))  # noqa: S704 - drawn by segno


@dataclass(frozen=True)
class Greeting:
    """A card that goes with a parcel, and how many are wanted and printed."""

    text: str
    sender: str
    wanted: int

    @property
    def count(self) -> int:
        """So many are printed at once."""
        return min(self.wanted, MOST_CARDS)


def sheets_of(papers: OrderPapers, kind: PaperKind) -> list[Sheet]:
    """The papers of one kind that an order has; none where it did not come so far."""
    return list(_sheets(papers, kind))


def _sheets(papers: OrderPapers, kind: PaperKind) -> Iterator[Sheet]:
    order = papers.order
    if kind is PaperKind.ORDER:
        yield Sheet(kind, order.number or "", papers.code, papers, papers)
    elif kind is PaperKind.DELIVERY and papers.shipment is not None:
        yield Sheet(kind, papers.shipment.number, papers.shipment.code, papers, papers)
    elif kind is PaperKind.INVOICE and papers.invoice is not None:
        yield Sheet(kind, papers.invoice.number, papers.invoice.code, papers, papers)
    elif kind is PaperKind.CREDIT:
        for note in papers.credits:
            yield Sheet(kind, note.number, note.code, note, papers)
    elif kind is PaperKind.RECEIPT:
        for receipt in papers.receipts:
            yield receipt_sheet(receipt)
    elif kind is PaperKind.CARD and greetings_of(papers):
        yield Sheet(kind, order.number or "", papers.code, greetings_of(papers), papers)


def receipt_sheet(receipt: Receipt) -> Sheet:
    """A receipt, of whatever its payment paid."""
    return Sheet(PaperKind.RECEIPT, receipt.row.number, receipt.row.code, receipt)


def greetings_of(papers: OrderPapers) -> list[Greeting]:
    """The cards of an order's lines that have a text: one for each unit."""
    return [
        Greeting(words, papers.buyer.name, line.quantity)
        for line in papers.lines
        if (words := card_words(line.card_text))
    ]


def papers_pdf(sheets: Sequence[Sheet], printed_on: date) -> bytes:
    """Every sheet from a page of its own, each in its own size."""
    with speaking("id"):
        html = render_template(
            "orders/papers/sheets_pdf.html",
            sheets=sheets,
            words=PAPER_WORDS,
            plans=wording.PLAN_WORDS,
            ways=wording.SHIPPING_WORDS,
            methods=METHODS,
            terbilang=terbilang,
            printed_on=printed_on,
        )
    return documents.pdf(html)
