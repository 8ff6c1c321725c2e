"""What may stand on an order's delivery note, and what a buyer may say of it, over plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...i18n import _, format_day, format_number

MAX_LINES = 500
MAX_LOT = 64
LONGEST_LIFE_YEARS = 20


@dataclass(frozen=True, slots=True)
class Packed:
    """Units of one order line in one lot, as the maker writes them; `field` is where a sentence about it is
    shown."""

    order_line_id: int
    quantity: int
    lot_code: str = ""
    expires_on: date | None = None
    field: str = "lines"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a buyer found of one line of a delivery note; what is neither is short."""

    accepted: int
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line taken in: accepted + short + damaged = written."""

    accepted: int
    short: int
    damaged: int


def wrong_with_packing(lines: Sequence[Packed], ordered: Mapping[int, int], today: date) -> dict[str, str]:
    """What cannot go on a delivery note, by field: more than ordered, nothing at all, expired lots.

    Fewer than ordered is allowed: what does not come is not billed.
    """
    if not lines:
        return {"lines": _("Isi jumlah paling sedikit satu barang yang dikirim.")}
    if len(lines) > MAX_LINES:
        return {"lines": _("Paling banyak %(count)d baris dalam satu surat jalan.", count=MAX_LINES)}
    wrong: dict[str, str] = {}
    packed: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        packed[line.order_line_id] += max(line.quantity, 0)
        sentence = _wrong_with(line, ordered.get(line.order_line_id), packed[line.order_line_id], today)
        if sentence:
            wrong.setdefault(line.field, sentence)
    return wrong


def _wrong_with(line: Packed, ordered: int | None, packed: int, today: date) -> str:
    if ordered is None:
        return _("Barang ini tidak ada dalam pesanan.")
    if line.quantity < 1:
        return _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
    if packed > ordered:
        return _("Dipesan %(ordered)s. Lebih dari itu tidak bisa dikirim.", ordered=format_number(ordered))
    if len(line.lot_code) > MAX_LOT:
        return _("Kode lot paling panjang 64 huruf.")
    if line.expires_on is not None and line.expires_on < today:
        return _(
            "Lot ini kedaluwarsa %(day)s. Barang kedaluwarsa tidak boleh dikirim.",
            day=format_day(line.expires_on),
        )
    if line.expires_on is not None and line.expires_on.year > today.year + LONGEST_LIFE_YEARS:
        return _("Periksa tahun kedaluwarsanya.")
    return ""


def receipt_of(written: int, found: Taken | None) -> Receipt | str:
    """What becomes of a line: all accepted where nothing was said; a sentence where it cannot be."""
    if found is None:
        return Receipt(written, 0, 0)
    if found.accepted < 0 or found.damaged < 0:
        return _("Tulis jumlah dengan angka bulat, 0 atau lebih.")
    if found.accepted + found.damaged > written:
        return _(
            "Di surat jalan %(written)s. Yang baik dan yang rusak bersama tidak bisa lebih dari itu.",
            written=format_number(written),
        )
    return Receipt(found.accepted, written - found.accepted - found.damaged, found.damaged)
