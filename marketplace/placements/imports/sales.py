"""The kind `sales`: a retailer's own file of sales, line by line, for one outlet or for many."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product
from ...i18n import N_, _
from ...importing import Batch, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import Permission
from ...stock.models import ShelfBalance
from ...stock.rules import MAX_QUANTITY, MAX_RUPIAH, derived_ref
from ...stock.rules.sales import Line, LineCode
from ...stock.services import LineOutcome, Sales, judge_sales
from ..models import Agreement, AgreementState, ReportSource, SalesReport
from ..services.bulk import lock_outlets
from ..services.reports import open_report

SLICE = 400
COLUMNS = (
    Column(
        "outlet_ref", values.ref, required=True, synonyms=("kode_toko", "toko", "cabang", "store", "outlet"),
        meaning=N_("Kode toko; isi satu kali di bawah bila seluruh berkas dari satu toko"), example="T-001",
    ),
    Column(
        "occurred_on", values.day, required=True, synonyms=("tanggal", "tgl", "hari", "date"),
        meaning=N_("Hari terjual (WIB)"), example="2026-11-21",
    ),
    Column(
        "receipt", values.ref, synonyms=("nomor_struk", "struk", "no_struk", "nota", "no_nota", "transaksi"),
        meaning=N_("Nomor struk; berkas yang sama dua kali tetap dihitung satu kali, juga tanpa kolom ini"),
        example="S-00412",
    ),
    Column(
        "line_ref", values.ref, synonyms=("kode_baris", "id_baris"),
        meaning=N_("Nomor baris yang unik di toko itu, bila program kasir memberikannya"),
    ),
    Column(
        "sku", values.ref, synonyms=("kode_produk", "kode_barang", "plu", "kode"),
        meaning=N_("Kode produk; isi ini atau GTIN"), example="KRP-250",
    ),
    Column(
        "gtin", values.number_text(), synonyms=("barcode", "kode_batang", "ean"),
        meaning=N_("Kode batang (GTIN); isi ini atau SKU"), example="8991234567890",
    ),
    Column(
        "seller_ref", values.ref, synonyms=("kode_umkm", "umkm", "pemasok", "supplier"),
        meaning=N_("Kode UMKM; perlu hanya bila dua UMKM memakai SKU yang sama"), example="U-001",
    ),
    Column(
        "quantity", values.whole(1, MAX_QUANTITY), synonyms=("jumlah", "qty", "terjual", "kuantitas"),
        meaning=N_("Jumlah satuan terjual, bilangan bulat dari 1"), example="3", is_usual=True,
    ),
    Column(
        "unit_price_rupiah", values.whole(0, MAX_RUPIAH), synonyms=("harga", "harga_satuan", "price"),
        meaning=N_("Harga satuan dalam rupiah; kosong berarti harga perjanjian"), example="20000",
    ),
    Column(
        "reverses", values.ref, synonyms=("membatalkan", "batal"),
        meaning=N_("Nomor baris (line_ref) penjualan yang dibatalkan oleh baris ini"),
    ),
)  # fmt: skip
_FIELDS = {
    LineCode.INVALID_LINE_REF: "line_ref",
    LineCode.INVALID_DATE: "occurred_on",
    LineCode.FUTURE_DATE: "occurred_on",
    LineCode.INVALID_QUANTITY: "quantity",
    LineCode.INVALID_PRICE: "unit_price_rupiah",
    LineCode.UNKNOWN_SELLER: "seller_ref",
    LineCode.UNKNOWN_PRODUCT: "sku",
    LineCode.UNKNOWN_LINE: "reverses",
    LineCode.NOTHING_TO_REVERSE: "reverses",
    LineCode.ALREADY_REVERSED: "reverses",
    LineCode.BEFORE_SALE: "occurred_on",
}


def check_sale(row: Mapping[str, Any]) -> Mapping[str, str]:
    """What several columns of one row say together."""
    if row.get("reverses"):
        if not row.get("line_ref"):
            return {"line_ref": _("Baris pembatalan perlu nomor barisnya sendiri.")}
        return {}
    wrong = {}
    if row.get("quantity") is None:
        wrong["quantity"] = _("Wajib diisi.")
    if not row.get("sku") and not row.get("gtin"):
        wrong["sku"] = _("Isi SKU atau GTIN.")
    return wrong


def order(row: Mapping[str, Any]) -> str:
    """The order of the whole file: outlet, day, sales before what takes them back."""
    rank = "1" if row.get("reverses") else "0"
    return f"{row['outlet_ref']}|{row['occurred_on'].isoformat()}|{rank}"


def apply_sales(batch: Batch) -> Sequence[Verdict]:
    """Put a batch into the ledger, outlet by outlet; what the shelf does not hold is a difference."""
    outlets = _outlets(batch)
    if not batch.dry:
        lock_outlets(batch.session, outlets.values())
    verdicts: dict[int, Verdict] = {}
    by_outlet: dict[int, list[Row]] = {}
    for row in batch.rows:
        outlet_id = outlets.get(row["outlet_ref"])
        if outlet_id is None:
            sentence = _("Toko dengan kode ini bukan toko Anda. Periksa kodenya.")
            verdicts[row.line] = Refusal("outlet_ref", sentence)
        else:
            by_outlet.setdefault(outlet_id, []).append(row)
    for outlet_id in sorted(by_outlet):
        verdicts |= _apply_outlet(batch, outlet_id, by_outlet[outlet_id])
    return [verdicts[row.line] for row in batch.rows]


def _outlets(batch: Batch) -> dict[str, int]:
    """The retailer's outlets that the batch speaks of, by reference."""
    query = (
        select(Outlet.outlet_ref, Outlet.id)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .where(
            facts_on(OutletFacts, clock.today()),
            OutletFacts.operator_id == (batch.actor.operator_id or -1),
            Outlet.outlet_ref.in_({row["outlet_ref"] for row in batch.rows}),
        )
    )
    return {row[0]: row[1] for row in batch.session.execute(query)}


def _apply_outlet(batch: Batch, outlet_id: int, rows: Sequence[Row]) -> dict[int, Verdict]:
    products = _Products(batch.session, outlet_id, rows)
    refs = _line_refs(batch, outlet_id, rows)
    verdicts: dict[int, Verdict] = {}
    asked: list[Row] = []
    lines: list[Line] = []
    for row, ref in zip(rows, refs, strict=True):
        if row.get("reverses"):
            lines.append(Line(ref, row["occurred_on"].isoformat(), reverses=row["reverses"]))
        else:
            found = products.find(row)
            if isinstance(found, Refusal):
                verdicts[row.line] = found
                continue
            day, price = row["occurred_on"].isoformat(), row.get("unit_price_rupiah")
            lines.append(Line(ref, day, found.seller_ref, found.sku, row["quantity"], price))
        asked.append(row)
    if lines:
        for row, outcome in zip(asked, _judge(batch, outlet_id, lines), strict=True):
            verdicts[row.line] = _verdict(batch, row, outcome)
    return verdicts


def _judge(batch: Batch, outlet_id: int, lines: Sequence[Line]) -> list[LineOutcome]:
    user_id = batch.actor.user_id or 0
    if batch.dry:
        sales = Sales(outlet_id, lines)
        return judge_sales(batch.session, user_id=user_id, sales=sales, memory=batch.memory)
    report = batch.session.scalar(
        select(SalesReport).where(
            SalesReport.import_run_id == batch.run_id, SalesReport.outlet_id == outlet_id
        )
    ) or open_report(
        batch.session, outlet_id, ReportSource.FILE, user_id=batch.actor.user_id, import_run_id=batch.run_id
    )
    return judge_sales(batch.session, user_id=user_id, sales=Sales(outlet_id, lines, report_id=report.id))


def _verdict(batch: Batch, row: Row, outcome: LineOutcome) -> Verdict:
    if outcome.code is not None:
        return Refusal(_FIELDS.get(outcome.code, "line_ref"), outcome.message)
    for sentence in outcome.warnings:
        batch.warn(row, "quantity", sentence)
    return Outcome.CREATED if outcome.is_new else Outcome.UNCHANGED


# --- line references ----------------------------------------------------------------------------------------


def _line_refs(batch: Batch, outlet_id: int, rows: Sequence[Row]) -> list[str]:
    """The line_ref of each row: its own, or one made of what it says, so that the same row of the same
    file is the same line whenever it is sent. Rows that say the same are told apart by their turn."""
    contents = {row.line: _content(outlet_id, row) for row in rows if not row.get("line_ref")}
    known = batch.notes.get_many(f"turn:{line}" for line in contents)
    counts = batch.notes.get_many({f"count:{content}" for content in contents.values()})
    fresh: dict[str, int] = {}
    refs = []
    for row in rows:
        if row.get("line_ref"):
            refs.append(row["line_ref"])
            continue
        content, place = contents[row.line], f"turn:{row.line}"
        if place not in known:
            name = f"count:{content}"
            counts[name] = counts.get(name, 0) + 1
            known[place] = fresh[place] = counts[name]
            fresh[name] = counts[name]
        refs.append(derived_ref("file", content, known[place]))
    if fresh:
        batch.notes.put_many(fresh)
    return refs


def _content(outlet_id: int, row: Row) -> str:
    """What a row says, as a short text."""
    said = (
        outlet_id, row["occurred_on"].isoformat(), row.get("receipt"), row.get("seller_ref"), row.get("sku"),
        row.get("gtin"), row.get("quantity"), row.get("unit_price_rupiah"),
    )  # fmt: skip
    return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()


# --- products -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Product:
    """How stock knows a product."""

    product_id: int
    seller_ref: str
    sku: str
    gtin: str | None


class _Products:
    """The products that rows of one outlet may mean: on its shelf, or of makers it has agreements with."""

    def __init__(self, session: Session, outlet_id: int, rows: Sequence[Row]) -> None:
        skus = {row["sku"] for row in rows if row.get("sku")}
        gtins = {row["gtin"] for row in rows if row.get("gtin")}
        self.by_sku: dict[str, list[_Product]] = {}
        self.by_gtin: dict[str, list[_Product]] = {}
        for found in _find(session, outlet_id, Product.sku, sorted(skus)):
            self.by_sku.setdefault(found.sku, []).append(found)
        for found in _find(session, outlet_id, Product.gtin, sorted(gtins)):
            self.by_gtin.setdefault(found.gtin or "", []).append(found)

    def find(self, row: Row) -> _Product | Refusal:
        """The product that a row means, or what to mend."""
        column = "sku" if row.get("sku") else "gtin"
        named = self.by_sku if column == "sku" else self.by_gtin
        choices = named.get(row[column], [])
        if row.get("seller_ref"):
            choices = [one for one in choices if one.seller_ref == row["seller_ref"]]
        if not choices:
            return Refusal(
                column, _("Tidak ada produk dengan kode ini dari UMKM yang menitipkan di toko ini.")
            )
        if len(choices) > 1:
            return Refusal(
                "seller_ref", _("Beberapa UMKM memakai kode ini. Isi kode UMKM untuk membedakannya.")
            )
        return choices[0]


def _find(session: Session, outlet_id: int, column: Any, codes: Sequence[str]) -> list[_Product]:
    stands = select(ShelfBalance.product_id).where(ShelfBalance.outlet_id == outlet_id)
    agreed = select(Agreement.seller_id).where(
        Agreement.outlet_id == outlet_id, Agreement.state == AgreementState.ACCEPTED.value
    )
    here: ColumnElement[bool] = or_(Product.id.in_(stands), Product.seller_id.in_(agreed))
    found = []
    for start in range(0, len(codes), SLICE):
        query = (
            select(Product.id, Seller.seller_ref, Product.sku, Product.gtin)
            .join(Seller, Seller.id == Product.seller_id)
            .where(column.in_(codes[start : start + SLICE]), here)
        )
        found += [_Product(*row) for row in session.execute(query)]
    return found


SALES = Kind(
    name="sales",
    label=N_("Penjualan toko"),
    columns=COLUMNS,
    apply=apply_sales,
    order=order,
    check=check_sale,
    permission=Permission.SALES_REPORT,
    batch_size=2000,
    for_buyers=True,
    home_label=N_("Berkas penjualan"),
    note=N_("Baris yang sama tidak pernah dihitung dua kali; yang keliru dibatalkan dengan baris baru."),
)
