"""Decisions of curation over plain values: what waits for the office, what is enough, what was seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...i18n import N_, _
from .words import NO_ALLERGENS

HELD_COLUMNS = frozenset(
    {"name", "variant_name", "category_id", "ingredients", "allergens", "photos", "price_rupiah"}
)
"""What buyers chose a product by. Everything else (stock, lead time, story, ...) applies at once."""

READY_REASONS = {
    "photo": N_("Foto kurang jelas atau bukan produk Anda. Ambil foto baru di tempat terang."),
    "name": N_("Nama belum jelas. Tulis nama barangnya, rasanya, dan isinya."),
    "price": N_("Harga perlu diperiksa lagi. Pastikan harga ini untuk satu satuan."),
    "ingredients": N_("Komposisi belum lengkap. Tulis semua bahan seperti di kemasan."),
    "papers": N_("Izin edar belum ada atau nomornya salah. Tambahkan P-IRT, BPOM, atau halal."),
    "label": N_("Label kemasan belum lengkap: nama, isi bersih, produsen, dan tanggal kedaluwarsa."),
    "own": N_("Kami belum yakin barang ini buatan Anda sendiri. Ceritakan cara membuatnya."),
    "category": N_("Jenis produk kurang tepat. Pilih jenis yang sesuai."),
}
"""What officers say most when they send a product back, each with what to do next."""

OFF_SALE_REASONS = {
    "papers": N_("Izin edar atau sertifikatnya tidak berlaku lagi. Tambahkan yang baru."),
    "safety": N_("Ada laporan tentang keamanan produk ini. Hubungi Dinas sebelum mengajukan lagi."),
    "claim": N_("Keterangan, foto, atau komposisinya tidak sesuai dengan barangnya. Perbaiki dulu."),
    "brand": N_("Nama atau gambarnya memakai merek orang lain. Ganti dengan milik Anda."),
    "own": READY_REASONS["own"],
    "label": READY_REASONS["label"],
}
"""What officers say most when they take a product off sale, each with what to do next."""


CHANGED_SINCE = N_(
    "Penjual mengubah isinya setelah Anda membuka halaman ini. Lihat dulu yang baru, lalu putuskan."
)


@dataclass(frozen=True)
class Wish:
    """One criterion as a decision needs it."""

    id: int
    label: str
    is_essential: bool


@dataclass(frozen=True)
class Split:
    """What of a change applies now, what waits, and which waiting columns were taken back."""

    now: dict[str, Any]
    held: dict[str, Any]
    taken_back: frozenset[str]


def split_change(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    waiting: Iterable[str],
    approved_price_rupiah: int,
    price_limit_percent: int,
) -> Split:
    """Part a change of a product on sale into what applies now and what waits for the office.

    A column that is what it was before takes back what waited of it. A price within the limit of the
    price that the office last saw applies, and takes back a price that waited. Allergens that are added
    apply at once, for somebody's safety hangs on them; allergens that are taken away wait.
    """
    open_columns = set(waiting)
    now: dict[str, Any] = {}
    held: dict[str, Any] = {}
    taken_back = set()
    for name, value in after.items():
        if name not in HELD_COLUMNS:
            now[name] = value
        elif value == before.get(name):
            taken_back |= {name} & open_columns
        elif _applies(name, before.get(name), value, approved_price_rupiah, price_limit_percent):
            now[name] = value
            taken_back |= {name} & open_columns
        else:
            held[name] = value
    return Split(now, held, frozenset(taken_back))


def _applies(name: str, before: Any, after: Any, approved_price_rupiah: int, percent: int) -> bool:
    if name == "price_rupiah":
        return within_limit(approved_price_rupiah, int(after), percent)
    return name == "allergens" and _only_adds(set(before or ()), set(after or ()))


def _only_adds(before: set[str], after: set[str]) -> bool:
    """Whether more allergens are named than before; that there are none is a claim, and waits."""
    says_none = NO_ALLERGENS in after and NO_ALLERGENS not in before
    return not says_none and before - {NO_ALLERGENS} <= after


def within_limit(approved_price_rupiah: int, price_rupiah: int, percent: int) -> bool:
    """Whether a price lies within so many percent of the one that the office last saw; the bound counts."""
    return abs(price_rupiah - approved_price_rupiah) * 100 <= percent * approved_price_rupiah


def shortfall(criteria: Sequence[Wish], met: Iterable[int], others_needed: int) -> tuple[list[str], int]:
    """What is missing for a product to go live: labels of essential criteria, and how many others."""
    ticked = set(met)
    essential = [wish.label for wish in criteria if wish.is_essential and wish.id not in ticked]
    others = [wish for wish in criteria if not wish.is_essential]
    have = sum(wish.id in ticked for wish in others)
    return essential, max(min(others_needed, len(others)) - have, 0)


def reason_text(codes: Iterable[str], words: str, ready: Mapping[str, Any] = READY_REASONS) -> str:
    """Ready-made reasons and the officer's own words as one text; '' when neither was given."""
    sentences = [str(ready[code]) for code in dict.fromkeys(codes) if code in ready]
    return "\n".join([*sentences, *([words.strip()] if words.strip() else [])])


def suggested(*, is_food: bool, photos: int, ingredients: str, lacks_permit: bool) -> list[str]:
    """Codes of READY_REASONS that a look at the figures alone suggests for a new product."""
    found = [] if photos else ["photo"]
    if is_food and not ingredients.strip():
        found.append("ingredients")
    if is_food and lacks_permit:
        found.append("papers")
    return found


def stamp(seen: Mapping[str, Any]) -> str:
    """What an officer has on the screen as a short mark; any change of it makes another mark."""
    text = json.dumps(seen, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def missing_to_submit(name: str, price_rupiah: int, *, has_category: bool) -> dict[str, str]:
    """What a product needs before the office can look at it: a sentence for each field."""
    missing = {}
    if not name.strip():
        missing["name"] = _("Tulis nama produk, misalnya Keripik tempe daun jeruk.")
    if not has_category:
        missing["category"] = _("Pilih atau tulis jenis produk.")
    if price_rupiah < 1:
        missing["price_rupiah"] = _("Tulis harga lebih dari nol, misalnya 15.000.")
    return missing
