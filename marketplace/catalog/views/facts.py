"""The facts of a product in words, in one order: for its page, for comparing, for papers."""

from __future__ import annotations

from dataclasses import dataclass

from ...i18n import MONTHS, N_, _, format_number, language
from ...money import format_rupiah
from .. import rules
from ..queries import ProductPage

HALAL = {
    "certified": N_("Bersertifikat halal, menurut pembuatnya"),
    "in_process": N_("Sertifikat halal sedang diurus"),
    "non_halal": N_("Mengandung bahan tidak halal"),
    "exempt": N_("Tidak wajib bersertifikat halal"),
}


@dataclass(frozen=True)
class Fact:
    """One line: what it is called and what it is; '' where the seller says nothing."""

    key: str
    label: str
    value: str


def facts_of(page: ProductPage) -> list[Fact]:
    """Every fact but price and name, also those that nothing is said of."""
    return [*_trade(page), *_goods(page), *_codes(page)]


def said(page: ProductPage) -> list[Fact]:
    """The facts that something is said of."""
    return [fact for fact in facts_of(page) if fact.value]


def _trade(page: ProductPage) -> list[Fact]:
    """What a buyer asks first: how many, how soon, on what terms."""
    unit = page.card.unit
    weekly = page.capacity_per_week
    return [
        Fact("min_order", _("Pesanan terkecil"), _count(page.min_order, unit)),
        Fact(
            "multiple",
            _("Kelipatan pesanan"),
            _count(page.order_multiple, unit) if page.order_multiple > 1 else "",
        ),
        Fact(
            "capacity",
            _("Sanggup kirim"),
            _("%(count)s tiap minggu", count=_count(weekly, unit)) if weekly else "",
        ),
        Fact("lead_time", _("Waktu pesan"), _lead_time(page)),
        Fact(
            "consignment", _("Titip jual"), _("Bersedia") if page.offers_consignment else _("Beli putus saja")
        ),
        Fact(
            "retail",
            _("Harga eceran yang disarankan"),
            format_rupiah(page.retail_price_rupiah) if page.retail_price_rupiah else "",
        ),
    ]


def _goods(page: ProductPage) -> list[Fact]:
    """What it is made of, how large, how long it keeps."""
    days, grams = page.shelf_life_days, page.card.net_weight_g
    return [
        Fact("net_weight", _("Isi bersih"), f"{format_number(grams)} g" if grams else ""),
        Fact("dimensions", _("Ukuran"), _dimensions(page)),
        Fact("material", _("Bahan"), page.material),
        Fact("made_to_order", _("Cara buat"), _("Dibuat setelah dipesan") if page.is_made_to_order else ""),
        Fact("season", _("Musim"), _season(page)),
        Fact("shelf_life", _("Masa simpan"), _("%(count)s hari", count=format_number(days)) if days else ""),
        Fact("storage", _("Penyimpanan"), str(rules.STORAGE.get(page.storage or "", ""))),
        Fact("ingredients", _("Komposisi"), page.ingredients),
        Fact("allergens", _("Alergen"), _allergens(page.allergens)),
        Fact("halal", _("Halal"), str(HALAL.get(page.halal_state or "", ""))),
        Fact("origin", _("Dibuat di"), page.origin or page.village),
    ]


def _codes(page: ProductPage) -> list[Fact]:
    return [
        Fact("sku", _("Kode produk"), page.card.sku),
        Fact("gtin", _("Barcode (GTIN)"), page.gtin or ""),
    ]


def _count(number: int, unit: str) -> str:
    return f"{format_number(number)} {unit}".strip()


def _lead_time(page: ProductPage) -> str:
    if page.lead_time_days is None:
        return ""
    return _("%(count)s hari", count=page.lead_time_days) if page.lead_time_days else _("Siap hari itu juga")


def _dimensions(page: ProductPage) -> str:
    """Length, width and height in centimetres, as far as they are told."""
    told = [format_number(side / 10, 1 if side % 10 else 0) for side in page.dimensions_mm if side]
    return f"{' × '.join(told)} cm" if told else ""


def _season(page: ProductPage) -> str:
    if page.season is None:
        return ""
    names = MONTHS[language()]
    first, last = (names[month - 1] for month in page.season)
    return _("%(first)s sampai %(last)s", first=first, last=last)


def _allergens(codes: list[str]) -> str:
    if codes == [rules.NO_ALLERGENS]:
        return _("Tidak ada")
    return ", ".join(str(rules.ALLERGENS.get(code, code)) for code in codes)
