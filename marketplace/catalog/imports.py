"""The exchange file of products."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import N_, _
from ..importing import Batch, Book, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ..organizations.models import Seller, SellerFacts
from ..organizations.versions import facts_on
from ..regions import queries as regions
from ..tabular import Cell
from . import bulk, rules
from .models import Category, Product
from .rules import Check

MAX_PATH = 900
MAX_COUNT = 2**31 - 1
SLICE = 400
PLAIN = (
    "name", "price_rupiah", "retail_price_rupiah", "unit", "min_order", "order_multiple", "gtin",
    "net_weight_g", "shelf_life_days", "description", "pirt_number", "halal_number", "bpom_number",
)  # fmt: skip


def read_category(cell: Cell) -> str:
    """A path of categories with ' / ' between them."""
    path = rules.tidy_path(values.read_text(cell, MAX_PATH))
    if not path:
        raise values.BadValue(_("Tulis jenis produk, misalnya Makanan / Camilan."))
    if any(len(name) > values.MAX_NAME for name in path.split(" / ")):
        raise values.BadValue(_("Satu nama jenis paling panjang 300 karakter. Persingkat."))
    return path


def read_gtin(cell: Cell) -> str:
    """A GTIN with a right check digit."""
    check = rules.check_gtin(values.number_text()(cell))
    if not check.ok or check.value is None:
        raise values.BadValue(check.sentence)
    return check.value


def certificate(check: Callable[[str], Check]) -> Callable[[Cell], str]:
    """A reader of a permit's number, tidied where it is recognised."""
    written = values.number_text()

    def read(cell: Cell) -> str:
        text = written(cell)
        return (check(text).value or text)[: values.MAX_REF]

    return read


def odd(check: Callable[[str], Check]) -> Callable[[str], str]:
    """What is odd about a permit's number."""

    def warn(number: str) -> str:
        return check(number).sentence

    return warn


def _pirt(text: str) -> Check:
    return rules.check_pirt(text, clock.today())


def apply(batch: Batch) -> list[Verdict]:
    """Judge products row by row, then write those that changed."""
    sellers = _sellers(batch.session, {row["seller_ref"] for row in batch.rows})
    keys = {_key(row) for row in batch.rows}
    book = Book(batch, stored(batch.session, keys), "product")
    book.recall(keys)
    verdicts: list[Verdict] = []
    changed: list[bulk.BulkProduct] = []
    for row in batch.rows:
        seller_id, place = sellers.get(row["seller_ref"], (0, ""))
        refusal = _seller_refusal(batch, seller_id, place)
        if refusal is not None:
            verdicts.append(refusal)
            continue
        news = _news(row)
        _note_oddities(batch, row)
        outcome = book.put(_key(row), news)
        if outcome is not Outcome.UNCHANGED:
            changed.append(bulk.BulkProduct(seller_id, row["sku"], news))
        verdicts.append(outcome)
    book.save()
    if not batch.dry:
        bulk.upsert_products(batch.session, changed)
    return verdicts


def _key(row: Row) -> str:
    return f"{row['seller_ref']}\n{row['sku']}"


def _seller_refusal(batch: Batch, seller_id: int, place: str) -> Refusal | None:
    if not seller_id:
        return Refusal(
            "seller_ref", _("Penjual ini belum ada. Impor berkas penjual lebih dulu, atau periksa kodenya.")
        )
    if not batch.actor.sees_region(place):
        return Refusal("seller_ref", _("Penjual ini terdaftar di wilayah lain."))
    return None


def _news(row: Row) -> dict[str, Any]:
    news = {name: row[name] for name in ("category", *PLAIN) if row.has(name)}
    for name, blank in bulk.BLANKS.items():
        if name in news and news[name] is None:
            news[name] = blank
    return news


def _note_oddities(batch: Batch, row: Row) -> None:
    retail = rules.check_retail_price(row["price_rupiah"], row.get("retail_price_rupiah"))
    if retail.sentence:
        batch.warn(row, "retail_price_rupiah", retail.sentence)
    least = rules.check_min_order(row.get("min_order", 1), row.get("order_multiple", 1))
    if least.sentence:
        batch.warn(row, "min_order", least.sentence)


def _sellers(session: Session, refs: set[str]) -> dict[str, tuple[int, str]]:
    """Id and village of today by seller_ref."""
    wanted, found = sorted(refs), {}
    for start in range(0, len(wanted), SLICE):
        query = (
            select(Seller.seller_ref, Seller.id, SellerFacts.region_code)
            .join(SellerFacts, SellerFacts.seller_id == Seller.id)
            .where(Seller.seller_ref.in_(wanted[start : start + SLICE]), facts_on(SellerFacts, clock.today()))
        )
        found.update({ref: (number, place) for ref, number, place in session.execute(query)})
    return found


def stored(session: Session, keys: set[str]) -> dict[str, dict[str, Any]]:
    """What is stored of products, by seller_ref and sku."""
    wanted = [tuple(key.split("\n", 1)) for key in sorted(keys)]
    columns = [Category.path, *(getattr(Product, name) for name in PLAIN)]
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), SLICE):
        query = (
            select(Seller.seller_ref, Product.sku, *columns)
            .join(Seller, Seller.id == Product.seller_id)
            .join(Category, Category.id == Product.category_id)
            .where(tuple_(Seller.seller_ref, Product.sku).in_(wanted[start : start + SLICE]))
        )
        for ref, sku, *state in session.execute(query):
            found[f"{ref}\n{sku}"] = dict(zip(("category", *PLAIN), state, strict=True))
    return found


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every product of a region's sellers, by seller and code."""
    special: Mapping[str, Any] = {"seller_ref": Seller.seller_ref, "category": Category.path}
    columns = [special.get(name, getattr(Product, name, None)) for name in KIND.column_names]
    query = (
        select(*columns)
        .select_from(Product)
        .join(Seller, Seller.id == Product.seller_id)
        .join(Category, Category.id == Product.category_id)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(facts_on(SellerFacts, clock.today()), regions.within(SellerFacts.region_code, region))
        .order_by(Seller.seller_ref, Product.sku)
        .execution_options(yield_per=2000)
    )
    yield from session.execute(query)


KIND = Kind(
    name="products",
    label=N_("Produk"),
    columns=(
        Column(
            "sku",
            values.ref,
            required=True,
            synonyms=("kode", "kode_produk", "kode_barang", "id", "id_produk"),
            meaning=N_("Kode produk, berbeda untuk setiap produk satu penjual."),
            example="KT-250",
        ),
        Column(
            "seller_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=("kode_penjual", "kode_umkm", "id_umkm", "penjual"),
            meaning=N_("Kode penjual."),
            example="U00001",
        ),
        Column(
            "name",
            values.name,
            required=True,
            synonyms=("nama", "nama_produk", "nama_barang"),
            meaning=N_("Nama produk."),
            example="Keripik Tempe Contoh 250 g",
        ),
        Column(
            "category",
            read_category,
            required=True,
            synonyms=("kategori", "jenis", "jenis_produk"),
            meaning=N_("Jenis produk, dari umum ke khusus dengan “ / ” di antaranya; jenis baru dibuat."),
            example="Makanan / Camilan",
        ),
        Column(
            "price_rupiah",
            values.whole(0, rules.MAX_PRICE_RUPIAH),
            required=True,
            synonyms=("harga", "harga_grosir", "harga_jual", "harga_satuan"),
            meaning=N_("Harga ke toko per satuan, dalam rupiah."),
            example="15000",
        ),
        Column(
            "retail_price_rupiah",
            values.whole(0, rules.MAX_PRICE_RUPIAH),
            synonyms=("harga_eceran", "het"),
            meaning=N_("Harga di rak yang disarankan."),
            example="18000",
        ),
        Column(
            "unit", values.text(32), synonyms=("satuan", "kemasan"), meaning=N_("Satuan."), example="bungkus"
        ),
        Column(
            "min_order",
            values.whole(1, MAX_COUNT),
            synonyms=("minimal_pesan", "pesanan_minimal", "min_pesan"),
            meaning=N_("Pesanan terkecil; kosong berarti 1."),
            example="10",
        ),
        Column(
            "order_multiple",
            values.whole(1, MAX_COUNT),
            synonyms=("kelipatan", "kelipatan_pesan", "isi_karton"),
            meaning=N_("Kelipatan pesanan; kosong berarti 1."),
            example="5",
        ),
        Column(
            "gtin",
            read_gtin,
            synonyms=("barcode", "ean", "kode_batang"),
            meaning=N_("Angka di bawah barcode."),
            example="8991002101234",
        ),
        Column(
            "net_weight_g",
            values.whole(0),
            synonyms=("berat", "berat_bersih", "berat_g", "netto", "berat_gram"),
            meaning=N_("Berat bersih dalam gram."),
            example="250",
        ),
        Column(
            "shelf_life_days",
            values.whole(0, MAX_COUNT),
            synonyms=("masa_simpan", "umur_simpan", "masa_simpan_hari"),
            meaning=N_("Berapa hari tahan sejak dibuat."),
            example="120",
        ),
        Column(
            "description",
            values.description,
            synonyms=("deskripsi", "keterangan"),
            meaning=N_("Keterangan, paling panjang 10.000 karakter."),
            example="Tempe tipis goreng, gurih.",
        ),
        Column(
            "pirt_number",
            certificate(_pirt),
            warn=odd(_pirt),
            synonyms=("pirt", "p_irt", "nomor_pirt", "no_pirt"),
            meaning=N_("Nomor P-IRT."),
            example="2063372010123-29",
        ),
        Column(
            "halal_number",
            certificate(rules.check_halal),
            warn=odd(rules.check_halal),
            synonyms=("halal", "nomor_halal", "no_halal", "sertifikat_halal"),
            meaning=N_("Nomor sertifikat halal BPJPH."),
            example="ID33110002356912",
        ),
        Column(
            "bpom_number",
            certificate(rules.check_bpom),
            warn=odd(rules.check_bpom),
            synonyms=("bpom", "nomor_bpom", "no_bpom", "md"),
            meaning=N_("Nomor izin edar BPOM."),
            example="",
        ),
    ),
    apply=apply,
    export=export,
    batch_size=1000,
    position=50,
)
