"""How ready a product is for a store's buyer: what is missing, why it matters, where to mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...i18n import N_

GOOD_PHOTOS = 3
GOOD_STORY = 60
"""So many characters of story say more than a name does."""


@dataclass(frozen=True)
class ProductFacts:
    """What readiness looks at."""

    name: str
    has_category: bool
    price_rupiah: int
    unit: str
    photos: int
    story: str
    is_food: bool
    is_craft: bool
    has_permit: bool
    has_halal: bool
    needs_permit: bool
    net_weight_g: int | None
    shelf_life_days: int | None
    storage: str | None
    ingredients: str
    allergens: Sequence[str]
    material: str
    has_size: bool
    capacity_per_week: int | None
    lead_time_days: int | None
    retail_price_rupiah: int | None
    has_origin: bool
    gtin: str | None


@dataclass(frozen=True)
class ReadinessItem:
    """One thing that buyers look for. `field` is the place on the form that mends it."""

    field: str
    title: Any
    why: Any
    weight: int
    is_done: bool


@dataclass(frozen=True)
class _Wish:
    """What buyers look for, whatever the product; words are said only when somebody reads them."""

    field: str
    title: Any
    why: Any
    weight: int
    is_done: Callable[[ProductFacts], bool]
    concerns: Callable[[ProductFacts], bool] = lambda _facts: True


def _is_food(facts: ProductFacts) -> bool:
    return facts.is_food


def _is_craft(facts: ProductFacts) -> bool:
    return facts.is_craft


WISHES = (
    _Wish(
        "foto", N_("Tambah foto"), N_("Pembeli toko melewati produk tanpa foto."), 20, lambda f: f.photos > 0
    ),
    _Wish(
        "foto",
        N_("Lengkapi sampai %(count)d foto", count=GOOD_PHOTOS),
        N_("Depan, belakang dengan label, dan isinya: yang dilihat pembeli di rak."),
        8,
        lambda f: f.photos >= GOOD_PHOTOS,
    ),
    _Wish(
        "name",
        N_("Tulis nama produk"),
        N_("Nama di kemasan, supaya mudah dicari."),
        8,
        lambda f: bool(f.name),
    ),
    _Wish(
        "category",
        N_("Pilih jenis produk"),
        N_("Toko mencari menurut jenis."),
        6,
        lambda f: f.has_category,
    ),
    _Wish(
        "price_rupiah",
        N_("Isi harga ke toko"),
        N_("Tanpa harga, toko tidak bisa membandingkan."),
        10,
        lambda f: f.price_rupiah > 0,
    ),
    _Wish(
        "unit",
        N_("Isi satuan"),
        N_("Toko memesan per bungkus, botol atau lembar."),
        5,
        lambda f: bool(f.unit),
    ),
    _Wish(
        "description",
        N_("Ceritakan produknya"),
        N_("Cerita yang dipakai toko di kartu rak. Dua kalimat sudah cukup."),
        8,
        lambda f: len(f.story) >= GOOD_STORY,
    ),
    _Wish(
        "capacity_per_week",
        N_("Isi kesanggupan seminggu"),
        N_("Toko takut barang “hari ini ada, dua minggu habis”."),
        8,
        lambda f: f.capacity_per_week is not None,
    ),
    _Wish(
        "lead_time_days",
        N_("Isi lama siap kirim"),
        N_("Toko menghitung kapan harus memesan lagi."),
        6,
        lambda f: f.lead_time_days is not None,
    ),
    _Wish(
        "retail_price_rupiah",
        N_("Sarankan harga eceran"),
        N_("Dengan itu toko tahu untungnya."),
        4,
        lambda f: f.retail_price_rupiah is not None,
    ),
    _Wish(
        "origin",
        N_("Pilih kelurahan asal"),
        N_("Toko dan hotel ingin barang setempat, dan harus bisa menunjukkannya."),
        4,
        lambda f: f.has_origin,
    ),
    _Wish("gtin", N_("Isi barcode"), N_("Kasir toko modern memindai barcode."), 3, lambda f: bool(f.gtin)),
    _Wish(
        "pirt_number",
        N_("Isi nomor P-IRT atau BPOM"),
        N_("Hampir semua toko memintanya untuk makanan yang dikemas."),
        12,
        lambda f: f.has_permit,
        lambda f: f.is_food and f.needs_permit,
    ),
    _Wish(
        "halal_number",
        N_("Isi sertifikat halal"),
        N_("Pembeli menanyakannya, dan wajib menurut PP 42/2024."),
        10,
        lambda f: f.has_halal,
        _is_food,
    ),
    _Wish(
        "net_weight_g",
        N_("Isi berat bersih"),
        N_("Ada di setiap label, dan dipakai membandingkan harga."),
        4,
        lambda f: bool(f.net_weight_g),
        _is_food,
    ),
    _Wish(
        "shelf_life_days",
        N_("Isi masa simpan"),
        N_("Toko menolak barang yang terlalu dekat kedaluwarsa."),
        8,
        lambda f: bool(f.shelf_life_days),
        _is_food,
    ),
    _Wish(
        "storage",
        N_("Pilih cara menyimpan"),
        N_("Toko perlu tahu: rak biasa, kulkas atau pembeku."),
        3,
        lambda f: f.storage is not None,
        _is_food,
    ),
    _Wish(
        "ingredients",
        N_("Tulis bahan-bahan"),
        N_("Ada di setiap label, dan pembeli hotel menanyakannya."),
        6,
        lambda f: bool(f.ingredients),
        _is_food,
    ),
    _Wish(
        "allergens",
        N_("Tandai alergen"),
        N_("Tamu yang alergi bisa sakit. Tandai juga bila tidak ada."),
        4,
        lambda f: bool(f.allergens),
        _is_food,
    ),
    _Wish(
        "material",
        N_("Tulis bahannya"),
        N_("Pembeli membandingkan bahan sebelum harga."),
        8,
        lambda f: bool(f.material),
        _is_craft,
    ),
    _Wish(
        "length_mm",
        N_("Isi ukuran"),
        N_("Toko menghitung tempat di rak dan ongkos kirim."),
        6,
        lambda f: f.has_size,
        _is_craft,
    ),
)


def checklist(facts: ProductFacts) -> list[ReadinessItem]:
    """Everything that counts for this kind of product, in the order of the form."""
    return [
        ReadinessItem(wish.field, wish.title, wish.why, wish.weight, wish.is_done(facts))
        for wish in WISHES
        if wish.concerns(facts)
    ]


def score(items: Sequence[ReadinessItem]) -> int:
    """0 to 100: the weight of what is done, of all."""
    whole = sum(item.weight for item in items)
    return sum(item.weight for item in items if item.is_done) * 100 // whole if whole else 0


def missing(items: Sequence[ReadinessItem]) -> list[ReadinessItem]:
    """What is not done, the weightiest first."""
    return sorted((item for item in items if not item.is_done), key=lambda item: -item.weight)
