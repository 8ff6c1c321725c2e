"""The exchange file of sellers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...crypto import mask
from ...i18n import N_, _
from ...importing import Batch, Book, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ...importing.book import plain
from ...regions import queries as regions
from .. import rules, services, versions
from ..models import KbliCode, Seller, SellerFacts
from .common import find_places, identifier, odd_email, odd_phone, phone, place_refusal

CARD = (
    "name",
    "nib",
    "npwp",
    "kbli_code",
    "kbli_version",
    "phone",
    "email",
    "address",
    "coached_since",
    "coached_until",
)
FACTS = (
    "region_code", "owner_nik", "capital_rupiah", "annual_sales_rupiah", "verified_on", "revoked_on",
    "closed_on", "affiliated_operator_ref",
)  # fmt: skip
BLANKS: dict[str, Any] = {"address": "", "kbli_version": "2020"}
"""What an empty cell of these columns means."""
SLICE = 900


def apply(batch: Batch) -> list[Verdict]:
    """Judge sellers row by row, then write those that changed."""
    refs = {row["seller_ref"] for row in batch.rows}
    places = find_places(batch)
    oddities = _Oddities(batch)
    book = Book(batch, stored(batch.session, refs), "seller")
    book.recall(refs)
    verdicts: list[Verdict] = []
    changed: list[services.BulkRow] = []
    for row in batch.rows:
        ref = row["seller_ref"]
        state = book.state(ref)
        refusal = place_refusal(batch, row, places, state) or _coaching_refusal(row, state)
        if refusal is not None:
            verdicts.append(refusal)
            continue
        news = _news(row, places[row["region_code"]])
        oddities.note(row, state)
        outcome = book.put(ref, news)
        if outcome is not Outcome.UNCHANGED:
            changed.append(_bulk_row(ref, news))
        verdicts.append(outcome)
    book.save()
    if not batch.dry:
        services.upsert_sellers(batch.session, changed, actor=batch.actor)
    return verdicts


def _news(row: Row, region_code: str) -> dict[str, Any]:
    """What a row says, in the columns' own terms."""
    news = {name: row[name] for name in (*CARD, *FACTS) if row.has(name)}
    news["region_code"] = region_code
    for name, blank in BLANKS.items():
        if name in news and news[name] is None:
            news[name] = blank
    return news


def _bulk_row(ref: str, news: Mapping[str, Any]) -> services.BulkRow:
    card = {name: news[name] for name in CARD if name in news}
    facts = {name: news[name] for name in FACTS if name in news}
    return services.BulkRow(ref, card=card, facts=facts)


def _coaching_refusal(row: Row, state: Mapping[str, Any] | None) -> Refusal | None:
    """Coaching that ends must have begun."""
    known = state or {}
    since = plain(row["coached_since"]) if row.has("coached_since") else known.get("coached_since")
    until = plain(row["coached_until"]) if row.has("coached_until") else known.get("coached_until")
    if until is not None and since is None:
        return Refusal("coached_until", _("Isi juga coached_since, tanggal mulai dibina."))
    if until is not None and since is not None and until < since:
        return Refusal("coached_until", _("Tidak boleh sebelum coached_since."))
    return None


class _Oddities:
    """What is odd about rows that go in: NIK of no province, KBLI class that is not in the list, masks."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.provinces = {place.code for place in regions.children(None)}
        self.classes = _known_classes(batch)

    def note(self, row: Row, state: Mapping[str, Any] | None) -> None:
        """Warn about one row."""
        nik = row.get("owner_nik")
        if nik and (sentence := rules.nik_warning(nik, self.provinces)):
            self.batch.warn(row, "owner_nik", sentence)
        code, version = row.get("kbli_code"), row.get("kbli_version", "2020")
        if code and (version, code) not in self.classes:
            self.batch.warn(row, "kbli_code", _("Kode KBLI ini tidak ada di daftar %(year)s.", year=version))
        if state is None:
            for name in row.masked:
                sentence = _("Nilainya disamarkan, sehingga usaha baru ini masuk tanpa nilai itu.")
                self.batch.warn(row, name, sentence)


def _known_classes(batch: Batch) -> set[tuple[str, str]]:
    codes = sorted({code for row in batch.rows if (code := row.get("kbli_code"))})
    found: set[tuple[str, str]] = set()
    for start in range(0, len(codes), SLICE):
        query = select(KbliCode.version, KbliCode.code).where(KbliCode.code.in_(codes[start : start + SLICE]))
        found.update((version, code) for version, code in batch.session.execute(query))
    return found


def stored(session: Session, refs: set[str]) -> dict[str, dict[str, Any]]:
    """What is stored of sellers, by reference: the card, and the facts that an import changes."""
    wanted, found = sorted(refs), {}
    columns = [getattr(Seller, name) for name in CARD] + [getattr(SellerFacts, name) for name in FACTS]
    for start in range(0, len(wanted), SLICE):
        query = (
            select(Seller.seller_ref, *columns)
            .join(SellerFacts, SellerFacts.seller_id == Seller.id)
            .where(
                Seller.seller_ref.in_(wanted[start : start + SLICE]),
                versions.is_current(SellerFacts),
                SellerFacts.valid_to == versions.LAST_DAY,
            )
        )
        for ref, *state in session.execute(query):
            found[ref] = dict(zip((*CARD, *FACTS), state, strict=True))
    return found


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every seller of a region by reference, personal numbers masked."""
    names = [column.name for column in KIND.columns if column.name != "seller_ref"]
    columns = [getattr(Seller if name in CARD else SellerFacts, name) for name in names]
    query = (
        select(Seller.seller_ref, *columns)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(
            versions.is_current(SellerFacts),
            SellerFacts.valid_to == versions.LAST_DAY,
            regions.within(SellerFacts.region_code, region),
        )
        .order_by(Seller.seller_ref)
        .execution_options(yield_per=2000)
    )
    masked = {names.index(name) + 1 for name in ("owner_nik", "npwp")}
    for row in session.execute(query):
        yield [mask(value) if index in masked else value for index, value in enumerate(row)]


KIND = Kind(
    name="sellers",
    label=N_("Penjual (UMKM)"),
    columns=(
        Column(
            "seller_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=(
                "kode",
                "kode_penjual",
                "kode_umkm",
                "id",
                "id_umkm",
                "no_registrasi",
                "nomor_registrasi",
            ),
            meaning=N_("Kode usaha di daftar kota; tidak pernah berubah."),
            example="U00001",
        ),
        Column(
            "name",
            values.name,
            required=True,
            synonyms=("nama", "nama_usaha", "nama_umkm", "nama_penjual", "merek"),
            meaning=N_("Nama usaha."),
            example="Keripik Contoh Bu Sri",
        ),
        Column(
            "region_code",
            values.text(values.MAX_NAME),
            required=True,
            synonyms=("kode_wilayah", "wilayah", "kelurahan", "desa", "kode_kelurahan"),
            meaning=N_("Kode Kemendagri tempat usaha; di browser boleh nama kelurahan."),
            example="33.72.01.1002",
        ),
        Column(
            "owner_nik",
            identifier(rules.nik_problem),
            is_masked=True,
            synonyms=("nik", "nik_pemilik"),
            meaning=N_("NIK pemilik, 16 angka. Beberapa usaha boleh memakai NIK yang sama."),
            example="3372014203850001",
        ),
        Column(
            "nib",
            identifier(rules.nib_problem),
            synonyms=("nomor_induk_berusaha",),
            meaning=N_("Nomor Induk Berusaha, 13 angka."),
            example="1234567890123",
        ),
        Column(
            "npwp",
            identifier(rules.npwp_problem),
            is_masked=True,
            synonyms=("nomor_npwp", "no_npwp"),
            meaning=N_("NPWP, 15 atau 16 angka."),
            example="012345674123000",
        ),
        Column(
            "kbli_code",
            identifier(rules.kbli_problem),
            synonyms=("kbli", "kode_kbli"),
            meaning=N_("Kode kegiatan usaha, 5 angka."),
            example="10794",
        ),
        Column(
            "kbli_version",
            values.text(4),
            synonyms=("versi_kbli", "tahun_kbli"),
            meaning=N_("Tahun daftar KBLI; kosong berarti 2020."),
            example="2020",
        ),
        Column(
            "capital_rupiah",
            values.whole(0),
            synonyms=("modal", "modal_usaha", "modal_rupiah"),
            meaning=N_("Modal usaha dalam rupiah, tanpa tanah dan bangunan."),
            example="15000000",
        ),
        Column(
            "annual_sales_rupiah",
            values.whole(0),
            synonyms=("omzet", "omset", "penjualan_tahunan", "omzet_tahunan", "hasil_penjualan_tahunan"),
            meaning=N_("Penjualan setahun dalam rupiah; bila diisi, ini yang menentukan ukuran usaha."),
            example="120000000",
        ),
        Column(
            "phone",
            phone,
            warn=odd_phone,
            synonyms=(
                "telepon",
                "no_telepon",
                "nomor_telepon",
                "hp",
                "no_hp",
                "nomor_hp",
                "whatsapp",
                "no_wa",
            ),
            meaning=N_("Nomor telepon."),
            example="0812-3456-7890",
        ),
        Column(
            "email",
            values.text(320),
            warn=odd_email,
            synonyms=("surel", "e_mail"),
            meaning=N_("Alamat e-mail."),
            example="bu.sri@contoh.example",
        ),
        Column(
            "address",
            values.description,
            synonyms=("alamat", "alamat_usaha"),
            meaning=N_("Alamat usaha."),
            example="Jl. Contoh No. 1, Laweyan",
        ),
        Column(
            "coached_since",
            values.day,
            synonyms=("dibina_sejak", "mulai_dibina"),
            meaning=N_("Tanggal mulai dibina Dinas."),
            example="2024-02-01",
        ),
        Column(
            "coached_until",
            values.day,
            synonyms=("dibina_sampai", "selesai_dibina"),
            meaning=N_("Hari terakhir dibina; kosong bila masih."),
            example="",
        ),
        Column(
            "verified_on",
            values.day,
            synonyms=("diverifikasi_pada", "tanggal_verifikasi", "terverifikasi"),
            meaning=N_("Tanggal disahkan sebagai UMKM; kosong bila belum."),
            example="2024-03-15",
        ),
        Column(
            "revoked_on",
            values.day,
            synonyms=("dicabut_pada", "tanggal_dicabut"),
            meaning=N_("Hari pertama tanpa pengesahan."),
            example="",
        ),
        Column(
            "closed_on",
            values.day,
            synonyms=("tutup_pada", "tanggal_tutup"),
            meaning=N_("Hari pertama usaha tutup."),
            example="",
        ),
        Column(
            "affiliated_operator_ref",
            values.ref,
            is_ref=True,
            synonyms=("kode_peritel_terafiliasi", "terafiliasi", "afiliasi"),
            meaning=N_("Kode perusahaan toko yang memiliki atau menguasai usaha ini."),
            example="",
        ),
    ),
    apply=apply,
    export=export,
    batch_size=1000,
    position=30,
)
