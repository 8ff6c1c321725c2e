"""How ready a product is for a store's buyer: what is missing, why it matters, where to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...i18n import _

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
    title: str
    why: str
    weight: int
    is_done: bool


def checklist(facts: ProductFacts) -> list[ReadinessItem]:
    """Everything that counts for this kind of product, in the order of the form."""
    items = [*_first_look(facts), *_for_stores(facts)]
    if facts.is_food:
        items += _food(facts)
    if facts.is_craft:
        items += _craft(facts)
    return items


def score(items: Sequence[ReadinessItem]) -> int:
    """0 to 100: the weight of what is done, of all."""
    whole = sum(item.weight for item in items)
    return sum(item.weight for item in items if item.is_done) * 100 // whole if whole else 0


def missing(items: Sequence[ReadinessItem]) -> list[ReadinessItem]:
    """What is not done, the weightiest first."""
    return sorted((item for item in items if not item.is_done), key=lambda item: -item.weight)


def _first_look(facts: ProductFacts) -> list[ReadinessItem]:
    return [
        ReadinessItem(
            "foto",
            _("Tambah foto"),
            _("Pembeli toko melewati produk tanpa foto."),
            20,
            facts.photos > 0,
        ),
        ReadinessItem(
            "foto",
            _("Lengkapi sampai %(count)d foto", count=GOOD_PHOTOS),
            _("Depan, belakang dengan label, dan isinya: yang dilihat pembeli di rak."),
            8,
            facts.photos >= GOOD_PHOTOS,
        ),
        ReadinessItem(
            "name", _("Tulis nama produk"), _("Nama di kemasan, supaya mudah dicari."), 8, bool(facts.name)
        ),
        ReadinessItem(
            "category",
            _("Pilih jenis produk"),
            _("Toko mencari menurut jenis."),
            6,
            facts.has_category,
        ),
        ReadinessItem(
            "price_rupiah",
            _("Isi harga ke toko"),
            _("Tanpa harga, toko tidak bisa membandingkan."),
            10,
            facts.price_rupiah > 0,
        ),
        ReadinessItem(
            "unit", _("Isi satuan"), _("Toko memesan per bungkus, botol atau lembar."), 5, bool(facts.unit)
        ),
        ReadinessItem(
            "description",
            _("Ceritakan produknya"),
            _("Cerita yang dipakai toko di kartu rak. Dua kalimat sudah cukup."),
            8,
            len(facts.story) >= GOOD_STORY,
        ),
    ]


def _for_stores(facts: ProductFacts) -> list[ReadinessItem]:
    return [
        ReadinessItem(
            "capacity_per_week",
            _("Isi kesanggupan seminggu"),
            _("Toko takut barang “hari ini ada, dua minggu habis”."),
            8,
            facts.capacity_per_week is not None,
        ),
        ReadinessItem(
            "lead_time_days",
            _("Isi lama siap kirim"),
            _("Toko menghitung kapan harus memesan lagi."),
            6,
            facts.lead_time_days is not None,
        ),
        ReadinessItem(
            "retail_price_rupiah",
            _("Sarankan harga eceran"),
            _("Dengan itu toko tahu untungnya."),
            4,
            facts.retail_price_rupiah is not None,
        ),
        ReadinessItem(
            "origin",
            _("Pilih kelurahan asal"),
            _("Toko dan hotel ingin barang setempat, dan harus bisa menunjukkannya."),
            4,
            facts.has_origin,
        ),
        ReadinessItem(
            "gtin",
            _("Isi barcode"),
            _("Kasir toko modern memindai barcode."),
            3,
            bool(facts.gtin),
        ),
    ]


def _food(facts: ProductFacts) -> list[ReadinessItem]:
    permit = ReadinessItem(
        "pirt_number",
        _("Isi nomor P-IRT atau BPOM"),
        _("Hampir semua toko memintanya untuk makanan yang dikemas."),
        12,
        facts.has_permit,
    )
    return [
        *([permit] if facts.needs_permit else []),
        ReadinessItem(
            "halal_number",
            _("Isi sertifikat halal"),
            _("Pembeli menanyakannya, dan wajib menurut PP 42/2024."),
            10,
            facts.has_halal,
        ),
        ReadinessItem(
            "net_weight_g",
            _("Isi berat bersih"),
            _("Ada di setiap label, dan dipakai membandingkan harga."),
            4,
            bool(facts.net_weight_g),
        ),
        ReadinessItem(
            "shelf_life_days",
            _("Isi masa simpan"),
            _("Toko menolak barang yang terlalu dekat kedaluwarsa."),
            8,
            bool(facts.shelf_life_days),
        ),
        ReadinessItem(
            "storage",
            _("Pilih cara menyimpan"),
            _("Toko perlu tahu: rak biasa, kulkas atau pembeku."),
            3,
            facts.storage is not None,
        ),
        ReadinessItem(
            "ingredients",
            _("Tulis bahan-bahan"),
            _("Ada di setiap label, dan pembeli hotel menanyakannya."),
            6,
            bool(facts.ingredients),
        ),
        ReadinessItem(
            "allergens",
            _("Tandai alergen"),
            _("Tamu yang alergi bisa sakit. Tandai juga bila tidak ada."),
            4,
            bool(facts.allergens),
        ),
    ]


def _craft(facts: ProductFacts) -> list[ReadinessItem]:
    return [
        ReadinessItem(
            "material",
            _("Tulis bahannya"),
            _("Pembeli membandingkan bahan sebelum harga."),
            8,
            bool(facts.material),
        ),
        ReadinessItem(
            "length_mm",
            _("Isi ukuran"),
            _("Toko menghitung tempat di rak dan ongkos kirim."),
            6,
            facts.has_size,
        ),
    ]
