"""The exchange file of agreements. An imported agreement counts as accepted by both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...i18n import N_, _, format_day_short
from ...importing import Batch, Book, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...regions import queries as regions
from .. import rules, services
from ..models import Agreement, AgreementState, Basis
from .calendar import Calendar, Dates, Pair, dates_of
from .known import TERMS, agreements_by_ref, outlets_by_ref, sellers_by_ref

BASES: dict[str, tuple[str, ...]] = {
    Basis.CONSIGNMENT.value: ("konsinyasi", "titip jual", "titip"),
    Basis.OUTRIGHT.value: ("beli putus", "putus", "jual putus"),
}


def check(row: Mapping[str, Any]) -> dict[str, str]:
    """What only several columns together show."""
    starts, ends = row.get("starts_on"), row.get("ends_on")
    if starts and ends and ends < starts:
        return {"ends_on": _("Hari terakhir tidak boleh sebelum hari pertama (starts_on).")}
    return {}


@dataclass(frozen=True)
class _Known:
    """What the database holds that a batch needs."""

    outlets: Mapping[str, tuple[int, str]]
    sellers: Mapping[str, int]
    agreements: Mapping[str, Mapping[str, Any]]


def apply(batch: Batch) -> list[Verdict]:
    """Judge agreements row by row, then write those that are new or changed."""
    return _Judge(batch).run()


class _Judge:
    """One batch of agreements."""

    def __init__(self, batch: Batch) -> None:
        self.batch, session = batch, batch.session
        refs = {row["agreement_ref"] for row in batch.rows}
        outlets = outlets_by_ref(session, {row["outlet_ref"] for row in batch.rows})
        sellers = sellers_by_ref(session, {row["seller_ref"] for row in batch.rows})
        if not batch.dry:
            services.lock_outlets(session, (number for number, _place in outlets.values()))
        self.known = _Known(outlets, sellers, agreements_by_ref(session, refs))
        self.book = Book(batch, self.known.agreements, "agreement")
        self.book.recall(refs)
        self.calendar = Calendar(batch, self._pairs())
        self.made: dict[str, dict[str, Any]] = {}
        self.changed: dict[str, dict[str, Any]] = {}
        self.evidence: dict[int, date] = {}

    def _pairs(self) -> set[Pair]:
        """Every pair and basis that a row of the batch may touch."""
        found: set[Pair] = set()
        for row in self.batch.rows:
            outlet = self.known.outlets.get(row["outlet_ref"])
            seller = self.known.sellers.get(row["seller_ref"])
            if outlet and seller:
                found.add((outlet[0], seller, row["basis"]))
        return found

    def run(self) -> list[Verdict]:
        """A verdict for each row, in order."""
        verdicts = [self._judge(row) for row in self.batch.rows]
        self.book.save()
        self.calendar.save()
        if not self.batch.dry:
            services.write_agreements(
                self.batch.session,
                made=list(self.made.values()),
                changed=list(self.changed.values()),
                evidence=self.evidence,
                actor=self.batch.actor,
            )
        return verdicts

    def _judge(self, row: Row) -> Verdict:
        outlet = self.known.outlets.get(row["outlet_ref"])
        seller_id = self.known.sellers.get(row["seller_ref"])
        if outlet is None:
            return Refusal(
                "outlet_ref", _("Toko ini belum ada. Impor berkas toko lebih dulu, atau periksa kodenya.")
            )
        if not self.batch.actor.sees_region(outlet[1]):
            return Refusal("outlet_ref", _("Toko ini di luar wilayah kerja Anda."))
        if seller_id is None:
            return Refusal(
                "seller_ref",
                _("Penjual ini belum ada. Impor berkas penjual lebih dulu, atau periksa kodenya."),
            )
        ref, state = row["agreement_ref"], self.book.state(row["agreement_ref"])
        pair: Pair = (outlet[0], seller_id, row["basis"])
        refusal = _refusal_by_state(row, state)
        if refusal is not None:
            return refusal
        news = {name: row[name] for name in TERMS if row.has(name)}
        dates = dates_of({**(state or {}), **news})
        if dates[1] is not None and dates[1] < dates[0]:
            return Refusal(
                "starts_on", _("Hari pertama tidak boleh sesudah hari terakhir (ends_on) yang tersimpan.")
            )
        other = self.calendar.conflict(pair, ref, dates)
        if other is not None:
            return _overlap(other)
        identity = {"outlet_ref": row["outlet_ref"], "seller_ref": row["seller_ref"], "basis": row["basis"]}
        outcome = self.book.put(ref, {**identity, "state": AgreementState.ACCEPTED.value, **news})
        if outcome is not Outcome.UNCHANGED:
            self._write(row, pair, news, state is None, dates)
        return outcome

    def _write(self, row: Row, pair: Pair, news: dict[str, Any], is_new: bool, dates: Dates) -> None:
        ref = row["agreement_ref"]
        before = self.calendar.put(pair, ref, dates)
        first = min(dates[0], before[0]) if before else dates[0]
        self.evidence[pair[0]] = min(self.evidence.get(pair[0], first), first)
        if is_new or ref in self.made:
            fresh = {"agreement_ref": ref, "outlet_id": pair[0], "seller_id": pair[1], "basis": pair[2]}
            self.made.setdefault(ref, fresh).update(news)
        elif not self.batch.dry:
            number = self.known.agreements[ref]["id"]
            self.changed.setdefault(ref, {"id": number}).update(news)


def _refusal_by_state(row: Row, state: Mapping[str, Any] | None) -> Refusal | None:
    """Why a known agreement may not become what the row says."""
    if state is None:
        return None
    if state["state"] != AgreementState.ACCEPTED.value:
        return Refusal(
            "agreement_ref",
            _("Tawaran dengan kode ini belum disetujui. Jawab tawarannya di halaman Perjanjian."),
        )
    for name in ("outlet_ref", "seller_ref", "basis"):
        if row[name] != state[name]:
            return Refusal(
                name,
                _(
                    "Toko, penjual, dan cara jual sebuah perjanjian tidak boleh berubah (kini: %(value)s). "
                    "Buat perjanjian baru dengan kode lain.",
                    value=state[name],
                ),
            )
    return None


def _overlap(other: tuple[str, Dates]) -> Refusal:
    ref, (starts, ends, terminated) = other
    days = rules.days_in_force(starts, ends, terminated)
    is_open = days.end == rules.LAST_DAY
    return Refusal(
        "starts_on",
        _(
            "Harinya tumpang tindih dengan perjanjian %(ref)s (%(first)s sampai %(last)s). Akhiri yang itu "
            "dulu, atau ubah tanggalnya.",
            ref=ref,
            first=format_day_short(days.first),
            last=_("seterusnya") if is_open else format_day_short(days.end - rules.ONE_DAY),
        ),
    )


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every accepted agreement of a region's outlets, by reference."""
    special: Mapping[str, Any] = {"outlet_ref": Outlet.outlet_ref, "seller_ref": Seller.seller_ref}
    query = (
        select(*(special.get(name, getattr(Agreement, name, None)) for name in KIND.column_names))
        .select_from(Agreement)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(Seller, Seller.id == Agreement.seller_id)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .where(
            facts_on(OutletFacts, clock.today()),
            regions.within(OutletFacts.region_code, region),
            Agreement.state == AgreementState.ACCEPTED.value,
        )
        .order_by(Agreement.agreement_ref)
        .execution_options(yield_per=2000)
    )
    yield from session.execute(query)


KIND = Kind(
    name="agreements",
    label=N_("Perjanjian"),
    columns=(
        Column(
            "agreement_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=("kode", "kode_perjanjian", "no_perjanjian", "nomor_perjanjian", "id"),
            meaning=N_("Kode perjanjian; tidak pernah berubah."),
            example="A000001",
        ),
        Column(
            "outlet_ref",
            values.ref,
            required=True,
            is_ref=True,
            synonyms=("kode_toko", "kode_gerai", "id_toko", "toko"),
            meaning=N_("Kode toko."),
            example="T0001",
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
            "basis",
            values.choice(BASES),
            required=True,
            synonyms=("cara_jual", "jenis", "sistem", "dasar"),
            meaning=N_("Cara jual: consignment (titip jual) atau outright (beli putus)."),
            example="consignment",
        ),
        Column(
            "starts_on",
            values.day,
            required=True,
            synonyms=("mulai", "tanggal_mulai", "berlaku_mulai"),
            meaning=N_("Hari pertama berlaku."),
            example="2026-01-01",
        ),
        Column(
            "ends_on",
            values.day,
            synonyms=("sampai", "tanggal_berakhir", "berlaku_sampai", "berakhir"),
            meaning=N_("Hari terakhir berlaku; kosong bila tanpa batas."),
            example="2026-12-31",
        ),
        Column(
            "terminated_on",
            values.day,
            synonyms=("diakhiri", "tanggal_diakhiri", "dihentikan"),
            meaning=N_("Hari pertama sesudah perjanjian diakhiri lebih awal."),
            example="",
        ),
        Column(
            "commission_percent",
            values.decimal(2, 0, 100),
            synonyms=("komisi", "komisi_persen"),
            meaning=N_("Komisi toko dalam persen."),
            example="20",
        ),
        Column(
            "settlement_days",
            values.whole(0, 366),
            synonyms=("hari_bayar", "tempo", "jangka_pembayaran"),
            meaning=N_("Dibayar paling lama berapa hari sesudah laporan."),
            example="30",
        ),
    ),
    apply=apply,
    check=check,
    export=export,
    batch_size=2000,
    position=60,
)
