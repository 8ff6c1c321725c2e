"""The kind `movements` of exchange files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from .. import clock
from ..catalog.models import Product
from ..i18n import N_, _
from ..importing import Batch, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ..organizations.models import Outlet, OutletFacts, Seller
from ..organizations.versions import facts_on
from ..regions.queries import within
from . import queries
from .models import INBOUND, Lot, MovementKind, StockMovement
from .rules import (
    MAX_QUANTITY,
    MAX_RUPIAH,
    Movement,
    Posted,
    Posting,
    Reversal,
    sentence_of,
)
from .rules import Refusal as LedgerRefusal
from .services import write
from .services.rehearsal import rehearse

KINDS = {
    MovementKind.DELIVERY: ("kirim", "kiriman", "pengiriman", "masuk"),
    MovementKind.SALE: ("jual", "terjual", "penjualan"),
    MovementKind.RETURN: ("retur", "kembali", "pengembalian"),
    MovementKind.LOSS: ("hilang", "rusak", "susut"),
    MovementKind.FOUND: ("temuan", "ditemukan", "lebih"),
}
COLUMNS = (
    Column(
        "movement_ref", values.ref, required=True, synonyms=("kode_mutasi", "nomor"), is_ref=True,
        meaning=N_("Nomor mutasi, unik"), example="M-0001",
    ),
    Column(
        "occurred_on", values.day, required=True, synonyms=("tanggal",), meaning=N_("Hari kejadian (WIB)"),
        example="2026-11-02",
    ),
    Column(
        "kind", values.choice({kind.value: words for kind, words in KINDS.items()}), required=True,
        synonyms=("jenis",), meaning=N_("delivery, sale, return, loss atau found"), example="delivery",
    ),
    Column(
        "outlet_ref", values.ref, required=True, synonyms=("kode_toko", "toko"), is_ref=True,
        meaning=N_("Kode toko"), example="T-001",
    ),
    Column(
        "seller_ref", values.ref, required=True, synonyms=("kode_umkm", "umkm"), is_ref=True,
        meaning=N_("Kode UMKM"), example="U-001",
    ),
    Column(
        "sku", values.ref, required=True, synonyms=("kode_produk",), meaning=N_("Kode produk pada UMKM itu"),
        example="KRP-250",
    ),
    Column(
        "quantity", values.whole(1, MAX_QUANTITY), required=True, synonyms=("jumlah", "qty"),
        meaning=N_("Jumlah satuan, bilangan bulat di atas nol"), example="24",
    ),
    Column(
        "unit_price_rupiah", values.whole(0, MAX_RUPIAH), synonyms=("harga", "harga_satuan"),
        meaning=N_("Harga satuan dalam rupiah"), example="15000",
    ),
    Column("lot", values.ref, synonyms=("kode_lot", "batch"), meaning=N_("Kode lot"), example="L-2611"),
    Column(
        "expires_on", values.day, synonyms=("kedaluwarsa", "tanggal_kedaluwarsa"),
        meaning=N_("Hari terakhir baik digunakan"), example="2027-05-31",
    ),
    Column("note", values.text(1000), synonyms=("catatan", "keterangan"), meaning=N_("Catatan")),
    Column(
        "reverses", values.ref, synonyms=("membalik",), is_ref=True,
        meaning=N_("Nomor mutasi yang dibatalkan seluruhnya oleh baris ini"),
    ),
)  # fmt: skip


def order(row: Mapping[str, Any]) -> str:
    """The order of the whole file: day, inbound before outbound before reversals, reference by code point."""
    rank = "2" if row.get("reverses") else "0" if row["kind"] in INBOUND else "1"
    return f"{row['occurred_on'].isoformat()}|{rank}|{row['movement_ref']}"


def apply_movements(batch: Batch) -> Sequence[Verdict]:
    """Put a batch into the ledger: each row by itself, in order; a refused row leaves no trace."""
    known = _Known(batch)
    moment, today = clock.now(), clock.today()
    verdicts: list[Verdict | None] = []
    postings: list[Posting] = []
    for row in batch.rows:
        asked = known.movement_of(row)
        if isinstance(asked, Refusal):
            verdicts.append(asked)
        else:
            verdicts.append(None)
            postings.append(Posting((asked,), today, moment, batch.actor.user_id))
    if batch.dry:
        outcomes = iter(rehearse(batch.session, postings, batch.memory))
    else:
        outcomes = iter(write(batch.session, postings))
    return [
        verdict or _verdict(batch, row, next(outcomes))
        for row, verdict in zip(batch.rows, verdicts, strict=True)
    ]


def _verdict(batch: Batch, row: Row, outcome: tuple[Posted, ...] | LedgerRefusal) -> Verdict:
    if isinstance(outcome, LedgerRefusal):
        return Refusal(outcome.column, sentence_of(outcome))
    posted = outcome[0]
    if not posted.is_new:
        return Outcome.UNCHANGED
    if posted.took_expired:
        batch.warn(row, "expires_on", _("Yang terjual sudah kedaluwarsa pada hari itu."))
    return Outcome.CREATED


class _Known:
    """The outlets, sellers and products that a batch speaks of."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.outlets = queries.outlets_by_ref({row["outlet_ref"] for row in batch.rows})
        self.sellers = queries.sellers_by_ref({row["seller_ref"] for row in batch.rows})
        keys = {
            (self.sellers[row["seller_ref"]], row["sku"])
            for row in batch.rows
            if row["seller_ref"] in self.sellers
        }
        self.products = queries.products_by_key(keys)

    def movement_of(self, row: Row) -> Movement | Reversal | Refusal:
        """What a row asks of the ledger, or why it cannot be asked."""
        outlet = self.outlets.get(row["outlet_ref"])
        if outlet is None:
            return Refusal(
                "outlet_ref", _("Toko ini belum terdaftar. Impor tokonya dulu, atau betulkan kodenya.")
            )
        outlet_id, region_code = outlet
        if not self.batch.actor.sees_region(region_code):
            return Refusal("outlet_ref", _("Toko ini di luar wilayah kantor Anda."))
        seller_id = self.sellers.get(row["seller_ref"])
        if seller_id is None:
            return Refusal("seller_ref", _("UMKM ini belum terdaftar. Impor dulu, atau betulkan kodenya."))
        product_id = self.products.get((seller_id, row["sku"]))
        if product_id is None:
            return Refusal("sku", _("UMKM ini tidak punya produk dengan SKU itu. Impor produknya dulu."))
        if row.get("reverses"):
            return Reversal(
                movement_ref=row["movement_ref"],
                reverses_ref=row["reverses"],
                occurred_on=row["occurred_on"],
                note=row.get("note"),
                cause_kind="import",
                cause_id=self.batch.run_id,
            )
        return Movement(
            movement_ref=row["movement_ref"],
            kind=MovementKind(row["kind"]),
            outlet_id=outlet_id,
            seller_id=seller_id,
            product_id=product_id,
            quantity=row["quantity"],
            occurred_on=row["occurred_on"],
            unit_price_rupiah=row.get("unit_price_rupiah"),
            lot=row.get("lot"),
            expires_on=row.get("expires_on"),
            note=row.get("note"),
            cause_kind="import",
            cause_id=self.batch.run_id,
        )


def export_movements(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every movement at outlets of a region, one row for each reference, as it was once sent."""
    original = aliased(StockMovement)
    query = (
        select(
            StockMovement.movement_ref,
            StockMovement.occurred_on,
            StockMovement.kind,
            Outlet.outlet_ref,
            Seller.seller_ref,
            Product.sku,
            StockMovement.change,
            StockMovement.unit_price_rupiah,
            StockMovement.is_lot_named,
            Lot.code,
            Lot.expires_on,
            StockMovement.note,
            original.movement_ref,
        )
        .join(Outlet, Outlet.id == StockMovement.outlet_id)
        .join(Seller, Seller.id == StockMovement.seller_id)
        .join(Product, Product.id == StockMovement.product_id)
        .outerjoin(Lot, Lot.id == StockMovement.lot_id)
        .outerjoin(original, original.id == StockMovement.reverses_id)
        .order_by(StockMovement.movement_ref, StockMovement.part)
        .execution_options(yield_per=2000)
    )
    if region:
        here = select(OutletFacts.outlet_id).where(
            facts_on(OutletFacts, clock.today()), within(OutletFacts.region_code, region)
        )
        query = query.where(StockMovement.outlet_id.in_(here))
    for _ref, parts in groupby(session.execute(query), key=lambda row: row[0]):
        yield _exported(list(parts))


def _exported(parts: Sequence[Any]) -> Sequence[Any]:
    ref, day, kind, outlet, seller, sku, _change, price, is_named, code, _expires, note, reverses = parts[0]
    quantity = abs(sum(part[6] for part in parts))
    if not is_named or reverses is not None:
        code = expires_on = None
    else:
        expiries = {part[10] for part in parts}
        expires_on = expiries.pop() if len(expiries) == 1 else None
        expires_on = None if expires_on == clock.LAST_DAY else expires_on
    return ref, day, kind, outlet, seller, sku, quantity, price, code, expires_on, note, reverses


MOVEMENTS = Kind(
    name="movements",
    label=N_("Mutasi stok"),
    columns=COLUMNS,
    order=order,
    apply=apply_movements,
    export=export_movements,
    batch_size=4000,
    position=70,
    note=N_("Mutasi tidak bisa diubah setelah masuk; yang keliru dibalik dengan baris baru."),
)
