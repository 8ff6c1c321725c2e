"""The exchange file of a seller's own products: the same columns go out and come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..db import db
from ..i18n import MONTHS, N_, _
from ..importing import Batch, Column, Kind, Verdict, values
from ..money import parse_whole
from ..permissions import Actor, Permission
from ..tabular import Cell
from . import imports, queries, rules
from .queries.bulk import file_states
from .rules.bulk import FAMILIES, Family
from .services import bulk

MAX_COUNT = 1_000_000
MAX_INGREDIENTS = 2_000
YES, NO = "ya", "tidak"
_TRUTH = values.choice(
    {YES: ("yes", "y", "true", "benar", "1", "v", "x"), NO: ("no", "t", "false", "salah", "0", "-")}
)
_ALLERGENS = values.choices(
    {**{code: (str(code),) for code in rules.ALLERGENS}, rules.NO_ALLERGENS: ("tidak ada", "nihil", "none")}
)
_STORAGE = values.choice(
    {
        "room": ("suhu ruang", "ruang", "biasa"),
        "cool": ("sejuk", "sejuk dan kering", "tempat sejuk"),
        "chilled": ("kulkas", "dingin", "chiller"),
        "frozen": ("beku", "freezer"),
    }
)
_MONTHS = {values.fold(name): number for number, name in enumerate(MONTHS["id"], start=1)}


def truth(cell: Cell) -> bool:
    """Yes or no."""
    if isinstance(cell, bool):
        return cell
    return _TRUTH(values.shown(cell)) == YES


def month(cell: Cell) -> int:
    """A month by its number or name."""
    word = values.fold(values.read_text(cell, 20))
    if word in _MONTHS:
        return _MONTHS[word]
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= 12:
        return int(word)
    raise values.BadValue(_("Bukan bulan. Tulis angka 1 sampai 12, atau namanya."))


def tiers(cell: Cell) -> list[list[int]]:
    """Wholesale prices such as '12=14000; 48=13500'."""
    found = []
    for part in values.read_text(cell, 300).split(";"):
        if not part.strip():
            continue
        quantity, _sign, price = part.partition("=")
        try:
            found.append([parse_whole(quantity.strip()), parse_whole(price.strip())])
        except ValueError:
            raise values.BadValue(_("Tulis jumlah=harga, misalnya 12=14000; 48=13500.")) from None
        if not (1 < found[-1][0] <= MAX_COUNT and 0 < found[-1][1] <= rules.MAX_PRICE_RUPIAH):
            raise values.BadValue(_("Tulis jumlah=harga, misalnya 12=14000; 48=13500."))
    if len(found) > rules.MAX_TIERS:
        raise values.BadValue(_("Paling banyak %(most)d harga grosir.", most=rules.MAX_TIERS))
    return sorted(found)


def origin(cell: Cell) -> str:
    """A village by its code or its name."""
    text = values.read_text(cell, values.MAX_NAME)
    places = queries.places_named(text)
    if len(places) == 1:
        return places[0].code
    if places:
        names = "; ".join(place.label for place in places[:3])
        raise values.BadValue(
            _("Ada beberapa tempat dengan nama ini. Tulis lengkap: %(names)s.", names=names)
        )
    if text.replace(".", "").isdecimal() and queries.is_village(text):
        return text
    raise values.BadValue(_("Tempat ini tidak ditemukan. Tulis nama kelurahan atau desanya saja."))


def _column(name: str, **changes: Any) -> Column:
    """A column of the office's file, as a seller is asked for it."""
    return replace(imports.KIND.column(name), required=False, **changes)


COLUMNS = (
    replace(
        imports.KIND.column("sku"),
        meaning=N_("Kode produk Anda. Kode yang sudah ada mengubah produk itu, kode baru membuat konsep."),
    ),
    _column("name"),
    _column("category"),
    _column("price_rupiah", read=values.whole(1, rules.MAX_PRICE_RUPIAH)),
    _column("unit"),
    _column("retail_price_rupiah", read=values.whole(1, rules.MAX_PRICE_RUPIAH)),
    _column("min_order", read=values.whole(1, MAX_COUNT)),
    _column("order_multiple", read=values.whole(1, MAX_COUNT)),
    Column(
        "price_tiers",
        tiers,
        synonyms=("harga_bertingkat", "grosir", "tingkat_harga"),
        meaning=N_("Harga grosir: jumlah=harga, dengan titik koma di antaranya."),
        example="24=14500; 100=14000",
    ),
    Column(
        "capacity_per_week",
        values.whole(1, MAX_COUNT),
        synonyms=("kapasitas", "kesanggupan", "kapasitas_per_minggu"),
        meaning=N_("Berapa sanggup dibuat seminggu."),
        example="150",
    ),
    Column(
        "lead_time_days",
        values.whole(0, 365),
        synonyms=("siap_kirim", "lama_siap", "waktu_siap_hari"),
        meaning=N_("Berapa hari sampai siap dikirim."),
        example="3",
    ),
    Column(
        "offers_consignment",
        truth,
        synonyms=("konsinyasi", "bisa_titip", "titip_jual"),
        meaning=N_("Bisa dititip di toko (konsinyasi): ya atau tidak; kosong berarti ya."),
        example=YES,
    ),
    _column("description"),
    _column("net_weight_g", read=values.whole(1, 1_000_000_000)),
    _column("shelf_life_days", read=values.whole(1, 36_500)),
    Column(
        "storage",
        _STORAGE,
        synonyms=("simpan", "cara_simpan", "penyimpanan"),
        meaning=N_("Cara menyimpan: suhu ruang, sejuk, kulkas, atau beku."),
        example="suhu ruang",
    ),
    Column(
        "ingredients",
        values.text(MAX_INGREDIENTS, keep_lines=True),
        synonyms=("bahan_bahan", "komposisi"),
        meaning=N_("Bahan-bahan seperti di label, dari yang terbanyak."),
        example="tempe kedelai, tepung beras, daun jeruk, garam",
    ),
    Column(
        "allergens",
        _ALLERGENS,
        synonyms=("alergen",),
        meaning=N_("Alergen dengan titik koma di antaranya, atau none bila tidak ada."),
        example="soy",
    ),
    Column(
        "material",
        values.text(300),
        synonyms=("bahan", "bahan_utama"),
        meaning=N_("Dibuat dari apa."),
        example="",
    ),
    *(
        Column(name, values.whole(1, 100_000), synonyms=(word, f"{word}_mm"), meaning=meaning, example="")
        for name, word, meaning in (
            ("length_mm", "panjang", N_("Panjang dalam milimeter.")),
            ("width_mm", "lebar", N_("Lebar dalam milimeter.")),
            ("height_mm", "tinggi", N_("Tinggi dalam milimeter.")),
        )
    ),
    Column(
        "is_made_to_order",
        truth,
        synonyms=("dibuat_setelah_dipesan", "pre_order", "po"),
        meaning=N_("Dibuat setelah dipesan: ya atau tidak."),
        example="",
    ),
    _column("pirt_number"),
    _column("halal_number"),
    _column("bpom_number"),
    Column(
        "origin",
        origin,
        synonyms=("asal", "kelurahan", "desa", "tempat_dibuat"),
        meaning=N_("Kelurahan atau desa tempat produk dibuat: nama atau kodenya."),
        example="Mojosongo",
    ),
    Column(
        "season_from",
        month,
        synonyms=("mulai_bulan", "musim_mulai"),
        meaning=N_("Bulan pertama bila hanya dibuat musiman."),
        example="",
    ),
    Column(
        "season_to",
        month,
        synonyms=("sampai_bulan", "musim_selesai"),
        meaning=N_("Bulan terakhir bila hanya dibuat musiman."),
        example="",
    ),
    _column("gtin"),
    Column(
        "main_sku",
        values.ref,
        synonyms=("kode_utama", "produk_utama", "induk"),
        meaning=N_("Untuk varian: kode produk utamanya. Harga, barcode dan berat milik varian sendiri."),
        example="",
    ),
    Column(
        "variant_axis",
        values.text(40),
        synonyms=("jenis_varian", "beda_dalam"),
        meaning=N_("Apa yang membedakan variannya, misalnya Ukuran atau Rasa."),
        example="",
    ),
    Column(
        "variant_name",
        values.text(80),
        synonyms=("varian", "nama_varian"),
        meaning=N_("Nama variannya, misalnya 250 g atau Pedas."),
        example="",
    ),
)


def apply(batch: Batch) -> list[Verdict]:
    """Judge the rows of a seller's file and store those that say something new."""
    return bulk.apply(batch)


def order(row: Mapping[str, Any]) -> str:
    """Main products before their variants."""
    return "1" if row.get("main_sku") else "0"


KIND = Kind(
    name="own_products",
    label=N_("Produk saya"),
    columns=COLUMNS,
    apply=apply,
    order=order,
    permission=Permission.PRODUCT_EDIT,
    batch_size=50,
    for_sellers=True,
    finished=bulk.promise_photos,
)


def form_of(family: Family) -> Kind:
    """The kind with only the columns that matter for a family, and its own example."""
    columns = {column.name: column for column in COLUMNS}
    chosen = tuple(replace(columns[name], example=_example(family, columns[name])) for name in family.columns)
    return replace(KIND, columns=chosen, label=family.label)


def _example(family: Family, column: Column) -> str:
    """A family without examples of its own takes those of the columns, which are of food."""
    return family.example.get(column.name, "") if family.example else column.example


FORMS = {family.code: form_of(family) for family in FAMILIES}


def cells(state: Mapping[str, Any]) -> list[Any]:
    """A stored product as a row of the file."""
    return [_cell(name, state.get(name)) for name in KIND.column_names]


def rows_of(actor: Actor) -> Iterator[Sequence[Any]]:
    """All products of the actor's own seller as rows of the file."""
    states = file_states(db.session(), actor.seller_id or 0)
    yield from (cells(state.columns) for state in states.values())


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return YES if value else NO
    if name == "price_tiers":
        return "; ".join(f"{quantity}={price}" for quantity, price in value or ())
    if isinstance(value, list | tuple):
        return "; ".join(value)
    return value
