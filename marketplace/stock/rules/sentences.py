"""What a person is told when the ledger says no: one sentence for each code, with the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import Conflict, InvalidInput, MarketplaceError, NotFound, RuleBroken
from ...i18n import _, format_day, format_number
from .movements import Refusal, RefusalCode

Details = dict[str, Any]

_SENTENCES: dict[RefusalCode, Callable[[Details], str]] = {
    RefusalCode.BAD_REF: lambda d: _(
        "Isi nomor rujukan, paling banyak %(limit)s huruf atau angka.", limit=d["limit"]
    ),
    RefusalCode.BAD_QUANTITY: lambda d: _(
        "Isi jumlah sebagai angka bulat dari 1 sampai %(limit)s.", limit=format_number(d["limit"])
    ),
    RefusalCode.BAD_PRICE: lambda d: _(
        "Isi harga satuan dari Rp0 sampai Rp%(limit)s.", limit=format_number(d["limit"])
    ),
    RefusalCode.BAD_LOT: lambda d: _(
        "Kode lot terlalu panjang; pakai paling banyak %(limit)s huruf.", limit=d["limit"]
    ),
    RefusalCode.BAD_TEXT: lambda d: _("Teks ini memuat tanda yang tidak bisa disimpan. Ketik ulang."),
    RefusalCode.FUTURE_DATE: lambda d: _(
        "Tanggal %(day)s belum tiba. Catat setelah benar-benar terjadi, paling lambat hari ini.",
        day=format_day(d["occurred_on"]),
    ),
    RefusalCode.UNKNOWN_SHELF: lambda d: _("Toko atau produk ini tidak dikenal. Daftarkan dulu."),
    RefusalCode.NOT_OF_SELLER: lambda d: _("Produk ini bukan milik UMKM itu. Periksa kode UMKM dan SKU-nya."),
    RefusalCode.BELOW_ZERO: lambda d: _(
        "Rak hanya punya %(free)s untuk diambil pada hari itu dan hari-hari sesudahnya, diminta %(wanted)s. "
        "Kurangi jumlahnya, atau catat dulu kiriman yang belum tercatat.",
        free=format_number(d["free"]),
        wanted=format_number(d["wanted"]),
    ),
    RefusalCode.LOT_SHORT: lambda d: _(
        "Lot %(lot)s hanya punya %(free)s, diminta %(wanted)s. Kurangi jumlahnya atau kosongkan lotnya.",
        lot=d["lot"],
        free=format_number(d["free"]),
        wanted=format_number(d["wanted"]),
    ),
    RefusalCode.EXPIRED: lambda d: _(
        "Yang akan terjual sudah kedaluwarsa pada %(day)s. Tarik dari rak dan catat sebagai retur.",
        day=format_day(d["expires_on"]),
    ),
    RefusalCode.SHELF_FULL: lambda d: _(
        "Isi rak akan melebihi %(limit)s. Periksa jumlahnya.", limit=format_number(d["limit"])
    ),
    RefusalCode.CONFLICT: lambda d: _(
        "Nomor rujukan %(ref)s sudah dipakai untuk catatan lain. Catatan stok tidak bisa diubah: "
        "balikkan yang lama, lalu catat yang baru dengan nomor lain.",
        ref=d["ref"],
    ),
    RefusalCode.UNKNOWN_MOVEMENT: lambda d: _("Tidak ada catatan stok dengan nomor %(ref)s.", ref=d["ref"]),
    RefusalCode.ALREADY_REVERSED: lambda d: _("Catatan %(ref)s sudah pernah dibalik.", ref=d["ref"]),
    RefusalCode.REVERSAL_OF_REVERSAL: lambda d: _(
        "Catatan %(ref)s adalah pembalikan dan tidak bisa dibalik lagi. Buat catatan baru.", ref=d["ref"]
    ),
    RefusalCode.BEFORE_ORIGINAL: lambda d: _(
        "Pembalikan tidak boleh sebelum %(day)s, hari catatan asalnya.", day=format_day(d["original_on"])
    ),
}

_ERRORS: dict[RefusalCode, type[MarketplaceError]] = {
    RefusalCode.BAD_REF: InvalidInput,
    RefusalCode.BAD_QUANTITY: InvalidInput,
    RefusalCode.BAD_PRICE: InvalidInput,
    RefusalCode.BAD_LOT: InvalidInput,
    RefusalCode.BAD_TEXT: InvalidInput,
    RefusalCode.UNKNOWN_SHELF: NotFound,
    RefusalCode.UNKNOWN_MOVEMENT: NotFound,
    RefusalCode.CONFLICT: Conflict,
    RefusalCode.ALREADY_REVERSED: Conflict,
}


def sentence_of(refusal: Refusal) -> str:
    """The refusal in words: what is wrong and what to do next."""
    return str(_SENTENCES[refusal.code](refusal.details))


def error_of(refusal: Refusal) -> MarketplaceError:
    """The refusal as an error of the family; its code and numbers go along."""
    details = {name: value for name, value in refusal.details.items() if isinstance(value, int | str)}
    sentence = sentence_of(refusal)
    error_class = _ERRORS.get(refusal.code, RuleBroken)
    if error_class is InvalidInput:
        return InvalidInput(sentence, {refusal.column: sentence}, code=refusal.code.value, **details)
    return error_class(sentence, code=refusal.code.value, **details)
