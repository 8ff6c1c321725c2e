"""One agreement and month side by side: the store's reports, the maker's word, the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import NotFound
from ...exchange.responses import table_response
from ...i18n import N_, _, format_month, format_number, ngettext
from ...money import format_rupiah
from ...permissions import Permission, current_actor, protected
from ...stock.models import MovementKind
from ...web import Page, page_number, page_within
from ..models import Agreement
from ..queries import month as reads
from ..queries.month import AgreementMonth, Link, ProductMonth
from ..rules.month import Mark, MarkKind, month_after, month_before, month_of, months_between
from ..services.common import no_agreement
from ..wording import BEARERS
from .links import document_url, document_words

blueprint = Blueprint("months", __name__, url_prefix="/agreements")
ID = "int(max=9223372036854775807)"
MONTHS_SHOWN = 36
PRODUCTS_SHOWN = 20
UNITS = (
    "opening", "sent", "received", "short", "damaged", "refused", "underway", "delivered", "reported",
    "excess", "sold", "confirmed", "awaiting", "disputed", "unsettled", "fetched", "returned", "lost",
    "found", "counted", "closing",
)  # fmt: skip
RUPIAH = (
    "gross_rupiah", "commission_rupiah", "charged_rupiah", "net_rupiah", "confirmed_rupiah",
    "awaiting_rupiah", "disputed_rupiah", "unsettled_rupiah",
)  # fmt: skip
ROW_COLUMNS = (
    "occurred_on", "kind", "change", "on_hand", "unit_price_rupiah", "is_reversal", "lot", "expires_on",
    "cause_kind", "cause_id", "borne_by", "settlement_number", "net_rupiah",
)  # fmt: skip
KIND_WORDS = {
    MovementKind.DELIVERY: N_("Barang masuk"),
    MovementKind.SALE: N_("Terjual"),
    MovementKind.RETURN: N_("Diretur"),
    MovementKind.LOSS: N_("Hilang"),
    MovementKind.FOUND: N_("Ditemukan"),
}


@dataclass(frozen=True)
class Said:
    """A difference in words, how urgent it is, and the documents that explain it."""

    text: str
    kind: str
    links: list[tuple[str, str]]


@blueprint.get(f"/<{ID}:agreement_id>/month")
@protected(Permission.AGREEMENT_VIEW)
def chosen(agreement_id: int) -> Response:
    """The month that was picked from the list; this month when none was."""
    first = month_of(request.args.get("month", "")) or clock.today().replace(day=1)
    return redirect(url_for(".month", agreement_id=agreement_id, month=f"{first:%Y-%m}"))


@blueprint.get(f"/<{ID}:agreement_id>/month/<month>")
@protected(Permission.AGREEMENT_VIEW)
def month(agreement_id: int, month: str) -> str | Response:
    """What the store reported, what the maker confirmed, what the ledger computes; ?format=csv or xlsx."""
    page = reads.agreement_month(current_actor(), agreement_id, _asked(month))
    if page is None:
        raise no_agreement()
    if request.args.get("format") in {"csv", "xlsx"}:
        return _file(request.args["format"], page)
    only = request.args.get("only") == "open"
    shown = page.unsettled if only else page.products
    number = page_within(len(shown), PRODUCTS_SHOWN)
    some = shown[(number - 1) * PRODUCTS_SHOWN : number * PRODUCTS_SHOWN]
    return render_template(
        "placements/month.html",
        page=page,
        shown=Page(some, number, len(shown), PRODUCTS_SHOWN),
        said={one.product_id: said(one) for one in some},
        links={one.product_id: _document_links(one) for one in some},
        only=only,
        **_months(page.agreement, page.first),
    )


def _asked(text: str) -> date:
    """The first day of the month in the address. Raises NotFound for nonsense and for what is to come."""
    first = month_of(text)
    if first is None or first > clock.today():
        raise NotFound(_("Bulan itu tidak ada catatannya. Pilih bulan lain."))
    return first


def _months(agreement: Agreement, first: date) -> dict[str, Any]:
    """The months to choose from, and the two beside this one."""
    today, begun = clock.today(), agreement.starts_on.replace(day=1)
    offered = months_between(min(agreement.starts_on, first), today, MONTHS_SHOWN)
    return {
        "months": offered if first in offered else [*offered, first],
        "before": month_before(first) if first > begun else None,
        "after": month_after(first) if month_after(first) <= today else None,
    }


def _file(file_format: str, page: AgreementMonth) -> Response:
    columns = ("product", "sku", *UNITS, *(RUPIAH if page.has_money else ()), "differences")
    return table_response(
        file_format, columns, _cells(page), f"bulan-{page.agreement.agreement_ref}-{page.first:%Y-%m}"
    )


def _cells(page: AgreementMonth) -> Iterator[list[Any]]:
    names = (*UNITS, *(RUPIAH if page.has_money else ()))
    for one in page.products:
        values = [getattr(one.figures, name) for name in names]
        yield [one.name, one.sku, *values, " ".join(words.text for words in said(one))]


# --- differences in words ----------------------------------------------------------------------------------


def said(product: ProductMonth) -> list[Said]:
    """Why the three sides of a product differ."""
    return [_said(mark, product) for mark in product.marks]


def _said(mark: Mark, product: ProductMonth) -> Said:
    of, units = product.figures, format_number(mark.units)
    words = {
        MarkKind.RECEIPT: lambda: _(
            "Dikirim %(sent)s, diterima %(received)s: "
            "kurang %(short)s, rusak %(damaged)s, ditolak %(refused)s.",
            sent=format_number(of.sent),
            received=format_number(of.received),
            short=format_number(of.short),
            damaged=format_number(of.damaged),
            refused=format_number(of.refused),
        ),
        MarkKind.UNDERWAY: lambda: _("%(units)s masih di jalan: belum diterima toko.", units=units),
        MarkKind.EXCESS: lambda: _(
            "Toko melaporkan %(units)s lebih banyak daripada yang tercatat di rak.", units=units
        ),
        MarkKind.DISPUTED: lambda: _(
            "%(units)s dalam baris penyelesaian yang dibantah penjual.", units=units
        ),
        MarkKind.AWAITING: lambda: _("%(units)s sudah di penyelesaian, menunggu kata penjual.", units=units),
        MarkKind.UNSETTLED: lambda: _("%(units)s terjual belum masuk penyelesaian.", units=units),
        MarkKind.ADDED: lambda: _(
            "%(rupiah)s ditambahkan atau dikurangi sesudah bantahan diputuskan; itu tidak ada di buku stok.",
            rupiah=format_rupiah(mark.units),
        ),
        MarkKind.LOST: lambda: _("%(units)s hilang atau dimusnahkan.", units=units),
        MarkKind.FOUND: lambda: _("%(units)s ditemukan lagi.", units=units),
        MarkKind.CORRECTED: lambda: _("%(units)s dicatat sesudah selisihnya diselesaikan.", units=units),
        MarkKind.OFFICE: lambda: _(
            "%(units)s dicatat Dinas dari daftar toko, bukan dari dokumen.", units=units
        ),
        MarkKind.UNEXPLAINED_IN: lambda: _(
            "%(units)s yang diterima menurut surat jalan tidak ada di catatan rak.", units=units
        ),
        MarkKind.UNEXPLAINED_SOLD: lambda: _(
            "%(units)s yang dilaporkan terjual tidak ada di catatan rak.", units=units
        ),
        MarkKind.UNEXPLAINED_RETURN: lambda: _(
            "%(units)s yang diambil menurut nota retur tidak ada di catatan rak.", units=units
        ),
    }
    sources = {
        MarkKind.RECEIPT: "receipt",
        MarkKind.EXCESS: "excess",
        MarkKind.DISPUTED: "settlement",
        MarkKind.ADDED: "settlement",
        MarkKind.AWAITING: "settlement",
        MarkKind.LOST: "count",
        MarkKind.FOUND: "count",
    }
    links = product.links.get(sources.get(mark.kind, ""), [])
    return Said(words[mark.kind](), mark.urgency.value, _named(links))


MOST_LINKS = 4


def _named(links: list[Link]) -> list[tuple[str, str]]:
    """(words, address) of some documents, what is open first."""
    some = sorted(links, key=lambda link: not link.is_open)[:MOST_LINKS]
    return [(_name(link), document_url(link.kind, link.id)) for link in some]


def _name(link: Link) -> str:
    words = link.number or document_words(link.kind)
    if link.kind == "difference":
        return _(
            "selisih %(units)s, %(state)s",
            units=link.units,
            state=_("terbuka") if link.is_open else _("selesai"),
        )
    return words


def _document_links(product: ProductMonth) -> dict[str, list[tuple[str, str]]]:
    return {what: _named(links) for what, links in product.links.items()}


# --- row by row --------------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}:agreement_id>/month/<month>/products/<{ID}:product_id>")
@protected(Permission.AGREEMENT_VIEW)
def product(agreement_id: int, month: str, product_id: int) -> str | Response:
    """The ledger of one product in that month, row by row, with its documents; ?format=csv or xlsx."""
    actor, first, number = current_actor(), _asked(month), page_number()
    is_file = request.args.get("format") in {"csv", "xlsx"}
    page = reads.product_rows(
        actor, agreement_id, first, product_id, number=1 if is_file else number,
        size=None if is_file else reads.ROWS_SIZE,
    )  # fmt: skip
    if page is None:
        raise NotFound(_("Barang itu tidak ada dalam perjanjian ini."))
    if is_file:
        columns = ROW_COLUMNS if page.has_money else ROW_COLUMNS[:-2]
        cells = ([getattr(row, name) for name in columns] for row in page.rows)
        name = f"catatan-{page.product.sku}-{first:%Y-%m}"
        return table_response(
            request.args["format"], columns, cells, name, {"kind": KIND_WORDS, "borne_by": BEARERS}
        )
    return render_template(
        "placements/month_rows.html",
        page=page,
        rows=Page(page.rows, number, page.total, reads.ROWS_SIZE),
        words=KIND_WORDS,
        document=lambda row: _cause(row, may_read_reports=actor.seller_id is None),
        month_words=format_month(first),
        count_words=ngettext("%(num)d baris catatan", "%(num)d baris catatan", page.total),
    )


def _cause(row: reads.LedgerRow, *, may_read_reports: bool) -> tuple[str, str]:
    """What a row came from, and its page for whoever may open it: a report tells of other makers' goods."""
    words = document_words(row.cause_kind)
    if not words or row.cause_id is None:
        return _("dicatat Dinas"), ""
    if row.cause_kind == "sales_report" and not may_read_reports:
        return words, ""
    return words, document_url(row.cause_kind, row.cause_id)
