"""A seller's own files: which columns matter for which kind of goods, and which photo of a ZIP is whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ...i18n import N_, _

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 2_000_000_000
_IGNORED = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_NUMBER = re.compile(r"[ _.\-]*\(?\d{1,3}\)?")
_SEPARATOR = re.compile(r"[\s/\\_]+")

MOVED = N_("Produk yang sudah ada tidak bisa dijadikan varian, dan varian tidak bisa dipindah.")
NO_VARIANT_OF_A_VARIANT = N_("Varian tidak punya varian lagi. Tulis kode produk utamanya.")
NAMELESS_VARIANT = N_("Tulis nama variannya, misalnya 250 g.")
ONE_OR_NONE = N_("Tulis alergennya, atau none, bukan keduanya.")
BASE = (
    "sku", "name", "category", "price_rupiah", "unit", "retail_price_rupiah", "min_order", "order_multiple",
    "price_tiers", "capacity_per_week", "lead_time_days", "offers_consignment", "description",
)  # fmt: skip
"""What every seller is asked."""
REST = ("origin", "season_from", "season_to", "gtin", "main_sku", "variant_axis", "variant_name")


@dataclass(frozen=True)
class Family:
    """A kind of goods: the columns that its buyers ask for, and an example of each that is invented."""

    code: str
    label: Any
    columns: tuple[str, ...]
    example: Mapping[str, str]


FAMILIES = (
    Family(
        "food",
        N_("Makanan dan minuman"),
        (
            *BASE,
            "net_weight_g",
            "shelf_life_days",
            "storage",
            "ingredients",
            "allergens",
            "pirt_number",
            "halal_number",
            "bpom_number",
            *REST,
        ),
        {},
    ),
    Family(
        "craft",
        N_("Kerajinan dan cenderamata"),
        (*BASE, "material", "length_mm", "width_mm", "height_mm", "net_weight_g", "is_made_to_order", *REST),
        {
            "sku": "WYG-01",
            "name": "Gantungan kunci wayang contoh",
            "category": "Kerajinan / Cenderamata",
            "price_rupiah": "12000",
            "unit": "buah",
            "retail_price_rupiah": "18000",
            "min_order": "24",
            "order_multiple": "12",
            "price_tiers": "60=11000; 120=10000",
            "capacity_per_week": "300",
            "lead_time_days": "5",
            "description": "Kulit sapi tatah tangan, dua sisi.",
            "material": "kulit sapi",
            "length_mm": "90",
            "width_mm": "40",
            "height_mm": "4",
            "net_weight_g": "20",
            "is_made_to_order": "tidak",
        },
    ),
    Family(
        "fashion",
        N_("Batik dan busana"),
        (*BASE, "material", "length_mm", "width_mm", "net_weight_g", "is_made_to_order", *REST),
        {
            "sku": "BTK-01",
            "name": "Kain batik cap contoh",
            "category": "Fesyen / Batik",
            "price_rupiah": "135000",
            "unit": "lembar",
            "retail_price_rupiah": "185000",
            "min_order": "5",
            "order_multiple": "1",
            "price_tiers": "20=128000",
            "capacity_per_week": "40",
            "lead_time_days": "7",
            "description": "Cap tembaga, pewarna alam.",
            "material": "katun prima",
            "length_mm": "2400",
            "width_mm": "1100",
            "net_weight_g": "350",
            "is_made_to_order": "tidak",
        },
    ),
    Family(
        "furniture",
        N_("Mebel"),
        (*BASE, "material", "length_mm", "width_mm", "height_mm", "net_weight_g", "is_made_to_order", *REST),
        {
            "sku": "KRS-01",
            "name": "Kursi rotan contoh",
            "category": "Mebel / Kursi",
            "price_rupiah": "650000",
            "unit": "buah",
            "retail_price_rupiah": "900000",
            "min_order": "2",
            "order_multiple": "1",
            "price_tiers": "10=610000",
            "capacity_per_week": "12",
            "lead_time_days": "21",
            "description": "Rangka rotan utuh, dudukan anyam.",
            "material": "rotan",
            "length_mm": "550",
            "width_mm": "600",
            "height_mm": "850",
            "net_weight_g": "6500",
            "is_made_to_order": "ya",
        },
    ),
)


def sku_of_entry(name: str, skus: Mapping[str, str]) -> str | None:
    """Whose photo a file of a ZIP is: 'KT-250.jpg', 'foto/KT-250 (3).png', 'KT-250/depan.jpg'.

    `skus` gives each code by `plain_code`. Answers the code as the seller writes it, None when none fits.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    stem = plain_code(path.name.removesuffix(path.suffix))
    if stem in skus:
        return skus[stem]
    fitting = [
        code for code in skus if stem.startswith(code) and _NUMBER.fullmatch(stem[len(code) :]) is not None
    ]
    if fitting:
        return skus[max(fitting, key=len)]
    folder = plain_code(path.parent.name)
    return skus.get(folder) if folder else None


def plain_code(text: str) -> str:
    """A code as it is compared with a file's name, which may not hold every character."""
    return _SEPARATOR.sub("-", text.strip().casefold())


def is_ignored(name: str) -> bool:
    """Whether an entry is what a computer adds by itself, or a folder."""
    low = name.replace("\\", "/").casefold()
    last = low.rpartition("/")[2]
    return not last or last.startswith(".") or any(mark in low for mark in _IGNORED)


def entry_problem(name: str, size: int, max_bytes: int, *, is_locked: bool) -> str:
    """Why an entry of a ZIP is not looked at; '' when it is."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or ":" in name:
        return _("Nama berkasnya menunjuk ke luar ZIP. Buat ulang ZIP-nya.")
    if is_locked:
        return _("Berkas ini dikunci kata sandi. Buat ZIP tanpa kata sandi.")
    if size > max_bytes:
        return _("Lebih besar dari %(most)d MB. Perkecil dulu.", most=max_bytes // 1_000_000)
    return ""


def zip_problem(sizes: Iterable[int]) -> str:
    """Why a whole ZIP is not opened; '' when it is."""
    found: Sequence[int] = list(sizes)
    if len(found) > MAX_ENTRIES:
        return _("ZIP ini berisi lebih dari %(most)d berkas. Bagi menjadi beberapa ZIP.", most=MAX_ENTRIES)
    if sum(found) > MAX_UNPACKED_BYTES:
        return _(
            "Isi ZIP ini lebih dari %(most)d MB. Bagi menjadi beberapa ZIP.",
            most=MAX_UNPACKED_BYTES // 1_000_000,
        )
    return ""
