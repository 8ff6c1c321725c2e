"""The exchange file of regulations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..clock import LAST_DAY
from ..i18n import N_, _, format_day_short
from ..importing import Batch, Book, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ..importing.book import plain
from ..organizations.models import OutletKind
from ..permissions import Permission
from ..placements.models import Basis
from ..regions import queries as regions
from ..regions.imports import read_code
from . import rules, services
from .models import Regulation
from .rules import Binding

MAX_DAYS = 3_660
MAX_SELLERS = 10_000
DEFAULTS: dict[str, Any] = {
    "valid_to": LAST_DAY,
    "binding": Binding.MANDATORY.value,
    "counted_bases": [Basis.CONSIGNMENT.value],
    "display_window_days": 30,
    "outright_window_days": 90,
    "grace_days": 0,
    "citation": "",
}
"""What an empty cell means, and what a new regulation says of what the file does not name."""
NAMES = (
    "region_code", "outlet_kinds", "min_sellers", "valid_from", "valid_to", "binding", "counted_bases",
    "display_window_days", "outright_window_days", "grace_days", "citation",
)  # fmt: skip
KINDS: dict[str, tuple[str, ...]] = {
    OutletKind.MINIMARKET.value: ("mini market",),
    OutletKind.SUPERMARKET.value: ("super market", "swalayan"),
    OutletKind.HYPERMARKET.value: ("hipermarket",),
    OutletKind.DEPARTMENT_STORE.value: ("department store", "toserba"),
    OutletKind.WHOLESALE.value: ("perkulakan", "grosir"),
    OutletKind.HOTEL.value: (),
    OutletKind.SOUVENIR_CENTRE.value: ("souvenir center", "pusat oleh-oleh"),
}
BASES: dict[str, tuple[str, ...]] = {
    Basis.CONSIGNMENT.value: ("konsinyasi", "titip jual"),
    Basis.OUTRIGHT.value: ("beli putus",),
}
BINDINGS: dict[str, tuple[str, ...]] = {
    Binding.MANDATORY.value: ("wajib", "mengikat"),
    Binding.TARGET.value: ("sasaran", "target"),
}


def check(row: Mapping[str, Any]) -> dict[str, str]:
    """What only several columns together show."""
    if row.get("valid_to") and row["valid_to"] <= row["valid_from"]:
        return {"valid_to": _("Harus sesudah valid_from: ini hari pertama tanpa aturan itu.")}
    return {}


def apply(batch: Batch) -> list[Verdict]:
    """Judge and write regulations one by one, in file order."""
    known = regions.known_codes(batch.session, {row["region_code"] for row in batch.rows})
    refs = {row["regulation_ref"] for row in batch.rows}
    book = Book(batch, stored(batch.session, refs), "regulation")
    book.recall(refs)
    calendar = _Calendar(batch, {row["region_code"] for row in batch.rows})
    verdicts: list[Verdict] = []
    for row in batch.rows:
        state = book.state(row["regulation_ref"])
        refusal = _place_refusal(batch, row, known, state)
        if refusal is None:
            refusal = _state_refusal(row, state)
        news = {} if refusal else _news(row, is_new=state is None)
        if refusal is None:
            refusal = calendar.refusal(row["regulation_ref"], {**_typed(state), **news})
        if refusal is not None:
            verdicts.append(refusal)
            continue
        outcome = book.put(row["regulation_ref"], news)
        if outcome is not Outcome.UNCHANGED:
            calendar.put(row["regulation_ref"], {**_typed(state), **news})
            if not batch.dry:
                _write(batch, row["regulation_ref"], news)
        verdicts.append(outcome)
    book.save()
    calendar.save()
    return verdicts


def _news(row: Row, *, is_new: bool) -> dict[str, Any]:
    news = {name: row[name] for name in NAMES if row.has(name)}
    for name, default in DEFAULTS.items():
        if (name in news and news[name] is None) or (is_new and name not in news):
            news[name] = default
    return news


def _typed(state: Mapping[str, Any] | None) -> dict[str, Any]:
    """A state of the book with its days as days again."""
    days = ("valid_from", "valid_to")
    return {
        name: date.fromisoformat(value) if name in days and isinstance(value, str) else value
        for name, value in (state or {}).items()
    }


def _place_refusal(
    batch: Batch, row: Row, known: set[str], state: Mapping[str, Any] | None
) -> Refusal | None:
    if row["region_code"] not in known:
        return Refusal("region_code", _("Wilayah ini tidak dikenal. Tulis kode Kemendagri, misalnya 33.72."))
    if not batch.actor.sees_region(row["region_code"]):
        return Refusal("region_code", _("Wilayah ini di luar wilayah kerja Anda."))
    if state is not None and not batch.actor.sees_region(state["region_code"]):
        return Refusal("regulation_ref", _("Kode ini dipakai aturan wilayah lain. Pilih kode lain."))
    return None


def _state_refusal(row: Row, state: Mapping[str, Any] | None) -> Refusal | None:
    """A regulation in force may only be ended in the future; one that is over stays as it is."""
    today = clock.today()
    if state is None or date.fromisoformat(state["valid_from"]) > today:
        return None
    news = _news(row, is_new=False)
    for name, value in news.items():
        if name != "valid_to" and plain(value) != state.get(name):
            return Refusal(
                name,
                _(
                    "Aturan ini sudah berlaku sejak %(day)s; hanya tanggal berakhirnya yang boleh berubah. "
                    "Akhiri aturan ini, lalu tambahkan yang baru dengan kode lain.",
                    day=format_day_short(date.fromisoformat(state["valid_from"])),
                ),
            )
    if "valid_to" not in news or plain(news["valid_to"]) == state["valid_to"]:
        return None
    if date.fromisoformat(state["valid_to"]) <= today:
        return Refusal(
            "valid_to", _("Aturan ini sudah berakhir dan tidak dapat diubah. Tambahkan aturan baru.")
        )
    if news["valid_to"] <= today:
        return Refusal(
            "valid_to",
            _(
                "Aturan yang sudah berlaku hanya dapat diakhiri sesudah hari ini, %(day)s.",
                day=format_day_short(today),
            ),
        )
    return None


class _Calendar:
    """The regulations of the regions in a batch, kept up to date while rows are judged."""

    def __init__(self, batch: Batch, codes: set[str]) -> None:
        self.batch = batch
        self.rules: dict[str, dict[str, Any]] = {}
        query = select(Regulation).where(Regulation.region_code.in_(sorted(codes)))
        for row in batch.session.scalars(query):
            self.rules[row.regulation_ref] = {name: getattr(row, name) for name in NAMES}
        if batch.dry:
            remembered = batch.memory.get_many(["regulations"]).get("regulations", {})
            self.rules.update({ref: _typed(state) for ref, state in remembered.items()})
        self._news: set[str] = set()

    def refusal(self, ref: str, state: Mapping[str, Any]) -> Refusal | None:
        """Why these days are taken: another regulation holds for the same place and kind."""
        mine = _rule(ref, state)
        if mine.valid_to <= mine.valid_from:
            return Refusal("valid_from", _("Harus sebelum tanggal berakhir (valid_to) yang tersimpan."))
        for other, known in self.rules.items():
            if other != ref and rules.overlaps(mine, _rule(other, known)):
                return Refusal(
                    "valid_from",
                    _(
                        "Untuk wilayah dan jenis toko itu sudah ada aturan %(ref)s sejak %(day)s. Akhiri "
                        "aturan itu dulu, atau ubah tanggalnya.",
                        ref=other,
                        day=format_day_short(known["valid_from"]),
                    ),
                )
        return None

    def put(self, ref: str, state: Mapping[str, Any]) -> None:
        """Take over a regulation."""
        self.rules[ref] = dict(state)
        self._news.add(ref)

    def save(self) -> None:
        """Have a dry run remember them."""
        if self.batch.dry and self._news:
            remembered = self.batch.memory.get_many(["regulations"]).get("regulations", {})
            remembered |= {
                ref: {name: plain(value) for name, value in self.rules[ref].items()} for ref in self._news
            }
            self.batch.memory.put_many({"regulations": remembered})


def _rule(ref: str, state: Mapping[str, Any]) -> rules.Rule:
    return rules.Rule(
        regulation_ref=ref,
        region_code=state["region_code"],
        outlet_kinds=frozenset(state["outlet_kinds"]),
        min_sellers=state["min_sellers"],
        valid_from=state["valid_from"],
        valid_to=state["valid_to"],
        binding=state["binding"],
        grace_days=state["grace_days"],
    )


def _write(batch: Batch, ref: str, news: Mapping[str, Any]) -> None:
    """Make, end or rewrite one regulation."""
    session = batch.session
    row = session.scalar(select(Regulation).where(Regulation.regulation_ref == ref))
    if row is None:
        services.add_regulation(actor=batch.actor, regulation_ref=ref, **news)
    elif row.valid_from <= clock.today():
        services.end_regulation(actor=batch.actor, regulation_id=row.id, valid_to=news["valid_to"])
    else:
        services.rewrite_planned(session, actor=batch.actor, regulation_id=row.id, values=news)


def stored(session: Session, refs: set[str]) -> dict[str, dict[str, Any]]:
    """What is stored of regulations, by reference."""
    wanted, found = sorted(refs), {}
    for start in range(0, len(wanted), 900):
        query = select(Regulation).where(Regulation.regulation_ref.in_(wanted[start : start + 900]))
        for row in session.scalars(query):
            found[row.regulation_ref] = {name: getattr(row, name) for name in NAMES}
            found[row.regulation_ref]["outlet_kinds"] = [kind for kind in KINDS if kind in row.outlet_kinds]
            found[row.regulation_ref]["counted_bases"] = [base for base in BASES if base in row.counted_bases]
    return found


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every regulation of a region, by reference."""
    query = select(Regulation).where(regions.within(Regulation.region_code, region))
    for row in session.scalars(query.order_by(Regulation.regulation_ref)):
        cells = {name: getattr(row, name) for name in KIND.column_names}
        cells["valid_to"] = None if row.valid_to == LAST_DAY else row.valid_to
        yield list(cells.values())


KIND = Kind(
    name="regulations",
    label=N_("Aturan"),
    columns=(
        Column(
            "regulation_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=("kode", "kode_aturan"),
            meaning=N_("Kode aturan."),
            example="PERDA-5-2011",
        ),
        Column(
            "region_code",
            read_code,
            required=True,
            synonyms=("kode_wilayah", "wilayah"),
            meaning=N_("Berlaku untuk setiap wilayah yang kodenya berawal dengan ini."),
            example="33.72",
        ),
        Column(
            "outlet_kinds",
            values.choices(KINDS),
            required=True,
            synonyms=("jenis_toko", "jenis"),
            meaning=N_("Jenis toko, dengan ; di antaranya."),
            example="minimarket;supermarket;hypermarket",
        ),
        Column(
            "min_sellers",
            values.whole(0, MAX_SELLERS),
            required=True,
            synonyms=("minimal_umkm", "jumlah_minimal", "kuota"),
            meaning=N_("Paling sedikit berapa UMKM."),
            example="5",
        ),
        Column(
            "valid_from",
            values.day,
            required=True,
            synonyms=("berlaku_mulai", "mulai"),
            meaning=N_("Hari pertama berlaku."),
            example="2011-10-26",
        ),
        Column(
            "valid_to",
            values.day,
            synonyms=("berlaku_sampai", "sampai"),
            meaning=N_("Hari pertama tidak berlaku lagi; kosong bila masih berlaku."),
            example="",
        ),
        Column(
            "binding",
            values.choice(BINDINGS),
            synonyms=("sifat", "kekuatan"),
            meaning=N_("mandatory (wajib) atau target (sasaran); kosong berarti wajib."),
            example="mandatory",
        ),
        Column(
            "counted_bases",
            values.choices(BASES),
            synonyms=("cara_jual_dihitung", "dasar_dihitung"),
            meaning=N_("Cara jual yang dihitung, dengan ; di antaranya; kosong berarti consignment."),
            example="consignment",
        ),
        Column(
            "display_window_days",
            values.whole(0, MAX_DAYS),
            synonyms=("jendela_pajang_hari",),
            meaning=N_("Berapa hari penjualan terakhir masih menjadi bukti pajang; kosong berarti 30."),
            example="30",
        ),
        Column(
            "outright_window_days",
            values.whole(0, MAX_DAYS),
            synonyms=("jendela_beli_putus_hari",),
            meaning=N_("Berapa hari pengiriman terakhir masih dihitung pada beli putus; kosong berarti 90."),
            example="90",
        ),
        Column(
            "grace_days",
            values.whole(0, MAX_DAYS),
            synonyms=("masa_tenggang_hari", "masa_tenggang"),
            meaning=N_("Masa tenggang toko baru dalam hari; kosong berarti 0."),
            example="0",
        ),
        Column(
            "citation",
            values.description,
            synonyms=("dasar_hukum", "sumber", "kutipan"),
            meaning=N_("Dasar hukumnya."),
            example="Perda Kota Surakarta 5/2011",
        ),
    ),
    apply=apply,
    check=check,
    export=export,
    permission=Permission.REGULATION_EDIT,
    batch_size=200,
    position=20,
)
