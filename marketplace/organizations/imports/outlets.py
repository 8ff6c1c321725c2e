"""The exchange file of outlets, and of the retailers that run them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, legal
from ...i18n import N_, _
from ...importing import Batch, Book, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ...importing.book import plain
from ...regions import queries as regions
from ...tabular import Cell
from .. import rules, services, versions
from ..models import Operator, Outlet, OutletFacts, OutletKind
from .common import find_places, place_refusal

CARD = ("name", "address", "floor_area_m2", "stars", "latitude", "longitude")
FACTS = ("kind", "region_code", "opened_on", "closed_on")
SLICE = 900
KIND_WORDS: dict[str, tuple[str, ...]] = {
    OutletKind.MINIMARKET.value: ("mini market", "toko swalayan kecil"),
    OutletKind.SUPERMARKET.value: ("super market", "swalayan", "toko swalayan"),
    OutletKind.HYPERMARKET.value: ("hyper market", "hipermarket"),
    OutletKind.DEPARTMENT_STORE.value: ("department store", "toserba", "departemen store"),
    OutletKind.WHOLESALE.value: ("perkulakan", "grosir", "toko grosir"),
    OutletKind.HOTEL.value: ("hotel berbintang",),
    OutletKind.SOUVENIR_CENTRE.value: (
        "souvenir center",
        "pusat oleh-oleh",
        "pusat oleh oleh",
        "toko oleh-oleh",
    ),
}
_STARS = re.compile(r"(?:hotel\s+)?(?:bintang|\*)?\s*([0-5])(?:\s*(?:bintang|\*))?", re.IGNORECASE)
_NO_STARS = {"melati", "non_bintang", "nonbintang", "tidak_berbintang", "losmen", "homestay", "guest_house"}


def read_stars(cell: Cell) -> int | None:
    """0 to 5; 'Bintang 4' is 4, and a hotel without stars ('Melati') has none."""
    if isinstance(cell, str):
        text = values.read_text(cell, values.MAX_NAME)
        if values.fold(text) in _NO_STARS:
            return None
        if match := _STARS.fullmatch(text):
            return int(match.group(1))
    return values.whole(0, 5)(cell)


def check(row: Mapping[str, Any]) -> dict[str, str]:
    """What only several columns together show."""
    opened, closed = row.get("opened_on"), row.get("closed_on")
    if opened and closed and closed < opened:
        return {"closed_on": _("Tanggal tutup tidak boleh sebelum tanggal buka.")}
    if "latitude" in row and "longitude" in row:
        problem = rules.coordinates_problem(row["latitude"], row["longitude"])
        if problem:
            return {"latitude": problem}
    return {}


def apply(batch: Batch) -> list[Verdict]:
    """Judge outlets row by row, then write retailers and outlets that changed."""
    refs = {row["outlet_ref"] for row in batch.rows}
    places = find_places(batch)
    operators = _Operators(batch)
    book = Book(batch, stored(batch.session, refs), "outlet")
    book.recall(refs)
    limits = legal.values_on(batch.session, clock.today())
    verdicts: list[Verdict] = []
    changed: list[tuple[str, dict[str, Any]]] = []
    for row in batch.rows:
        state = book.state(row["outlet_ref"])
        refusal = place_refusal(batch, row, places, state) or _state_refusal(row, state)
        if refusal is not None:
            verdicts.append(refusal)
            continue
        _note_oddities(batch, row, limits)
        outcome = operators.name(row)
        news = _news(row, places[row["region_code"]])
        of_outlet = book.put(row["outlet_ref"], news)
        if of_outlet is not Outcome.UNCHANGED:
            outcome = of_outlet
            changed.append((row["outlet_ref"], news))
        verdicts.append(outcome)
    book.save()
    operators.save()
    if not batch.dry:
        _write(batch, operators, changed)
    return verdicts


def _write(batch: Batch, operators: _Operators, changed: list[tuple[str, dict[str, Any]]]) -> None:
    needed = {ref: operators.names[ref] for _ref, news in changed if (ref := news["operator_ref"])}
    ids = services.upsert_operators(batch.session, {**needed, **operators.changed})
    rows = [
        services.BulkRow(
            ref,
            card={name: news[name] for name in CARD if name in news},
            facts={
                **{name: news[name] for name in FACTS if name in news},
                "operator_id": ids[news["operator_ref"]],
            },
        )
        for ref, news in changed
    ]
    services.upsert_outlets(batch.session, rows, actor=batch.actor)


def _news(row: Row, region_code: str) -> dict[str, Any]:
    news = {name: row[name] for name in ("operator_ref", *CARD, *FACTS) if row.has(name)}
    news["region_code"] = region_code
    if "address" in news and news["address"] is None:
        news["address"] = ""
    return news


class _Operators:
    """The retailers that a file names: the first row that names one decides what it is called."""

    def __init__(self, batch: Batch) -> None:
        refs = {row["operator_ref"] for row in batch.rows}
        self.batch = batch
        self.names = _operator_names(batch.session, refs)
        self.decided: dict[str, str] = batch.notes.get_many(f"operator|{ref}" for ref in sorted(refs))
        for key, name in self.decided.items():
            self.names[key.split("|", 1)[1]] = name
        self.changed: dict[str, str] = {}
        self._news: dict[str, str] = {}

    def name(self, row: Row) -> Outcome:
        """Take over a retailer's name; UPDATED when that changes a known one."""
        ref, name = row["operator_ref"], row["operator_name"]
        key, known = f"operator|{ref}", self.names.get(ref)
        if key in self.decided:
            if name != known:
                sentence = _(
                    "Peritel %(ref)s bernama “%(name)s” di baris lain; nama itu yang dipakai.",
                    ref=ref,
                    name=known,
                )
                self.batch.warn(row, "operator_name", sentence)
            return Outcome.UNCHANGED
        self.decided[key] = self._news[key] = self.names[ref] = name
        if name == known:
            return Outcome.UNCHANGED
        self.changed[ref] = name
        return Outcome.UNCHANGED if known is None else Outcome.UPDATED

    def save(self) -> None:
        """Note who was named, for the batches to come."""
        if self._news:
            self.batch.notes.put_many(self._news)


def _operator_names(session: Session, refs: set[str]) -> dict[str, str]:
    wanted, found = sorted(refs), {}
    for start in range(0, len(wanted), SLICE):
        query = select(Operator.operator_ref, Operator.name).where(
            Operator.operator_ref.in_(wanted[start : start + SLICE])
        )
        found.update(dict(session.execute(query).all()))
    return found


def _state_refusal(row: Row, state: Mapping[str, Any] | None) -> Refusal | None:
    """What contradicts what is stored where the file does not say it."""
    if state is None:
        return None
    closed = plain(row["closed_on"]) if row.has("closed_on") else state.get("closed_on")
    if closed is not None and closed < row["opened_on"].isoformat():
        return Refusal("opened_on", _("Toko ini tercatat tutup sebelum tanggal buka itu."))
    return None


def _note_oddities(batch: Batch, row: Row, limits: Mapping[str, int]) -> None:
    sentence = rules.area_warning(row["kind"], row.get("floor_area_m2"), limits)
    if sentence:
        batch.warn(row, "floor_area_m2", sentence)
    sentence = rules.coordinates_warning(row.get("latitude"), row.get("longitude"))
    if sentence:
        batch.warn(row, "latitude", sentence)


def stored(session: Session, refs: set[str]) -> dict[str, dict[str, Any]]:
    """What is stored of outlets, by reference."""
    wanted, found = sorted(refs), {}
    names = ("operator_ref", *CARD, *FACTS)
    for start in range(0, len(wanted), SLICE):
        query = _selected(names).where(Outlet.outlet_ref.in_(wanted[start : start + SLICE]))
        for ref, *state in session.execute(query):
            found[ref] = dict(zip(names, state, strict=True))
    return found


def _selected(names: Sequence[str]) -> Any:
    columns = [_column(name) for name in names]
    return (
        select(Outlet.outlet_ref, *columns)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(versions.is_current(OutletFacts), OutletFacts.valid_to == versions.LAST_DAY)
    )


def _column(name: str) -> Any:
    if name == "operator_ref":
        return Operator.operator_ref
    if name == "operator_name":
        return Operator.name
    return getattr(Outlet if name in CARD else OutletFacts, name)


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every outlet of a region by reference."""
    names = [column.name for column in KIND.columns if column.name != "outlet_ref"]
    query = (
        _selected(names).where(regions.within(OutletFacts.region_code, region)).order_by(Outlet.outlet_ref)
    )
    yield from session.execute(query.execution_options(yield_per=2000))


KIND = Kind(
    name="outlets",
    label=N_("Toko, hotel, dan pusat oleh-oleh"),
    columns=(
        Column(
            "outlet_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=("kode", "kode_toko", "kode_gerai", "id", "id_toko"),
            meaning=N_("Kode toko di daftar kota; tidak pernah berubah."),
            example="T0001",
        ),
        Column(
            "operator_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=("kode_peritel", "kode_perusahaan", "kode_pengelola"),
            meaning=N_("Kode perusahaan pengelola; toko satu perusahaan memakai kode yang sama."),
            example="OP01",
        ),
        Column(
            "operator_name",
            values.name,
            required=True,
            synonyms=("peritel", "nama_peritel", "perusahaan", "nama_perusahaan", "pengelola"),
            meaning=N_("Nama perusahaan pengelola."),
            example="PT Contoh Ritel",
        ),
        Column(
            "name",
            values.name,
            required=True,
            synonyms=("nama", "nama_toko", "nama_hotel", "nama_gerai"),
            meaning=N_("Nama toko."),
            example="Contoh Mart Jebres",
        ),
        Column(
            "kind",
            values.choice(KIND_WORDS),
            required=True,
            synonyms=("jenis", "jenis_toko", "tipe"),
            meaning=N_(
                "minimarket, supermarket, hypermarket, department_store, wholesale, hotel, souvenir_centre."
            ),
            example="minimarket",
        ),
        Column(
            "region_code",
            values.text(values.MAX_NAME),
            required=True,
            synonyms=("kode_wilayah", "wilayah", "kelurahan", "desa", "kode_kelurahan"),
            meaning=N_("Kode Kemendagri tempat toko; di browser boleh nama kelurahan."),
            example="33.72.04.1010",
        ),
        Column(
            "opened_on",
            values.day,
            required=True,
            synonyms=("dibuka_pada", "tanggal_buka", "buka_sejak", "mulai_buka"),
            meaning=N_("Hari pertama buka."),
            example="2019-01-01",
        ),
        Column(
            "closed_on",
            values.day,
            synonyms=("ditutup_pada", "tanggal_tutup", "tutup_pada"),
            meaning=N_("Hari pertama tutup; kosong bila masih buka."),
            example="",
        ),
        Column(
            "address",
            values.description,
            synonyms=("alamat",),
            meaning=N_("Alamat toko."),
            example="Jl. Contoh No. 2, Jebres",
        ),
        Column(
            "floor_area_m2",
            values.decimal(2, 0, 9_999_999),
            synonyms=("luas", "luas_lantai", "luas_m2", "luas_lantai_m2"),
            meaning=N_("Luas lantai penjualan dalam meter persegi."),
            example="220",
        ),
        Column(
            "stars",
            read_stars,
            synonyms=("bintang", "kelas", "kategori", "kategori_hotel"),
            meaning=N_("Bintang hotel, 0 sampai 5."),
            example="",
        ),
        Column(
            "latitude",
            values.decimal(6, -90, 90),
            synonyms=("lat", "lintang"),
            meaning=N_("Lintang dalam derajat; selatan bertanda minus."),
            example="-7.559",
        ),
        Column(
            "longitude",
            values.decimal(6, -180, 180),
            synonyms=("lng", "lon", "long", "bujur"),
            meaning=N_("Bujur dalam derajat."),
            example="110.842",
        ),
    ),
    apply=apply,
    check=check,
    export=export,
    batch_size=1000,
    position=40,
)
