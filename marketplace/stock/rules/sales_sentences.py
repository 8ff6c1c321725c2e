"""What a store's program is told about a line of its sales report."""

from __future__ import annotations

from datetime import date

from ...i18n import N_, _, format_day, format_number
from .movements import MAX_QUANTITY, MAX_RUPIAH, REF_LENGTH
from .sales import Line, LineCode

_SENTENCES = {
    LineCode.INVALID_LINE_REF: N_(
        "line_ref harus 1 sampai %(ref_length)s karakter, tanpa spasi di ujungnya."
    ),
    LineCode.INVALID_DATE: N_("occurred_on bukan tanggal. Tulis seperti 2026-11-22."),
    LineCode.INVALID_QUANTITY: N_("quantity harus bilangan bulat dari 1 sampai %(max_quantity)s."),
    LineCode.INVALID_PRICE: N_("unit_price_rupiah harus dari 0 sampai %(max_rupiah)s."),
    LineCode.INVALID_LINE: N_("Baris ini tidak bisa dicatat. Periksa isinya lalu kirim lagi."),
    LineCode.FUTURE_DATE: N_("Tanggal %(occurred_on)s belum tiba. Laporkan setelah terjual."),
    LineCode.UNKNOWN_SELLER: N_("UMKM dengan kode %(seller_ref)s tidak dikenal."),
    LineCode.UNKNOWN_PRODUCT: N_("Produk %(sku)s dari UMKM %(seller_ref)s tidak dikenal."),
    LineCode.UNKNOWN_LINE: N_("Tidak ada baris penjualan %(reverses)s di toko ini untuk dibatalkan."),
    LineCode.NOTHING_TO_REVERSE: N_("Dari baris %(reverses)s tidak ada barang yang tercatat terjual."),
    LineCode.ALREADY_REVERSED: N_("Penjualan %(reverses)s sudah pernah dibatalkan."),
    LineCode.BEFORE_SALE: N_("Pembatalan tidak boleh sebelum hari penjualannya."),
    LineCode.EXPIRED: N_(
        "Yang akan terjual sudah kedaluwarsa. Tarik dari rak dan catat sebagai retur; jangan dijual."
    ),
    LineCode.CONFLICT: N_("Baris %(line_ref)s sudah dikirim dengan isi lain. Pakai line_ref baru."),
}


def sentence_of_line(code: LineCode, line: Line) -> str:
    """Why a line was refused and what to do."""
    return str(_SENTENCES[code]) % {
        "line_ref": line.line_ref,
        "occurred_on": _day_words(line.occurred_on),
        "seller_ref": line.seller_ref or "-",
        "sku": line.sku or "-",
        "reverses": line.reverses or "-",
        "ref_length": REF_LENGTH,
        "max_quantity": format_number(MAX_QUANTITY),
        "max_rupiah": format_number(MAX_RUPIAH),
    }


def _day_words(text: str) -> str:
    """A day of a line as people read it; what is no day stays as it was sent."""
    try:
        return format_day(date.fromisoformat(text))
    except ValueError:
        return text


def sentence_of_difference(accepted: int, difference: int) -> str:
    """How a line differs from what the shelf held."""
    if accepted == 0:
        return _("Tidak ada barang ini di rak menurut catatan. Hitung ulang rak dan catat kirimannya.")
    return _(
        "Hanya %(accepted)s yang ada di rak menurut catatan; %(difference)s selebihnya belum tercatat.",
        accepted=format_number(accepted),
        difference=format_number(difference),
    )


def sentence_of_expired() -> str:
    """That what was sold had expired."""
    return _("Yang terjual sudah kedaluwarsa. Tarik sisanya dari rak.")
