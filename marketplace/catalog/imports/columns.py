"""Every column that a file of products may have, with its names, its meaning and an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...i18n import N_
from ...importing import Column, values
from .. import rules
from . import cells

MAX_COUNT = 2**31 - 1
MAX_INGREDIENTS = 2_000
_COLUMNS = (
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
        cells.read_category,
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
    Column("unit", values.text(32), synonyms=("satuan", "kemasan"), meaning=N_("Satuan."), example="bungkus"),
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
        cells.read_gtin,
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
        cells.permit(cells.check_pirt),
        warn=cells.odd(cells.check_pirt),
        synonyms=("pirt", "p_irt", "nomor_pirt", "no_pirt"),
        meaning=N_("Nomor P-IRT."),
        example="2063372010123-29",
    ),
    Column(
        "halal_number",
        cells.permit(rules.check_halal),
        warn=cells.odd(rules.check_halal),
        synonyms=("halal", "nomor_halal", "no_halal", "sertifikat_halal"),
        meaning=N_("Nomor sertifikat halal BPJPH."),
        example="ID33110002356912",
    ),
    Column(
        "bpom_number",
        cells.permit(rules.check_bpom),
        warn=cells.odd(rules.check_bpom),
        synonyms=("bpom", "nomor_bpom", "no_bpom", "md"),
        meaning=N_("Nomor izin edar BPOM."),
        example="",
    ),
    Column(
        "price_tiers",
        cells.read_tiers,
        synonyms=("harga_bertingkat", "grosir", "tingkat_harga"),
        meaning=N_("Harga grosir: jumlah=harga, dengan titik koma di antaranya."),
        example="24=14500; 100=14000",
    ),
    Column(
        "capacity_per_week",
        values.whole(1, cells.MAX_PIECES),
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
        cells.read_truth,
        synonyms=("konsinyasi", "bisa_titip", "titip_jual"),
        meaning=N_("Bisa dititip di toko (konsinyasi): ya atau tidak; kosong berarti ya."),
        example=cells.YES,
    ),
    Column(
        "storage",
        cells.read_storage,
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
        cells.read_allergens,
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
        cells.read_truth,
        synonyms=("dibuat_setelah_dipesan", "pre_order", "po"),
        meaning=N_("Dibuat setelah dipesan: ya atau tidak."),
        example="",
    ),
    Column(
        "origin",
        cells.read_origin,
        synonyms=("asal", "kelurahan", "desa", "tempat_dibuat"),
        meaning=N_("Kelurahan atau desa tempat produk dibuat: nama atau kodenya."),
        example="Mojosongo",
    ),
    Column(
        "season_from",
        cells.read_month,
        synonyms=("mulai_bulan", "musim_mulai"),
        meaning=N_("Bulan pertama bila hanya dibuat musiman."),
        example="",
    ),
    Column(
        "season_to",
        cells.read_month,
        synonyms=("sampai_bulan", "musim_selesai"),
        meaning=N_("Bulan terakhir bila hanya dibuat musiman."),
        example="",
    ),
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
_NAMED = {column.name: column for column in _COLUMNS}


def column(name: str, **changes: Any) -> Column:
    """A column by its name, as one of the files has it."""
    return replace(_NAMED[name], **changes)


def order(row: Mapping[str, Any]) -> str:
    """Main products before their variants."""
    return "1" if row.get("main_sku") else "0"
