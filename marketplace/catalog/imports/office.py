"""The office's file of products: whose they are is a column, and new ones are live at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ... import clock
from ...i18n import N_, _
from ...importing import Batch, Book, Kind, Outcome, Refusal, Row, Verdict
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from ...regions import queries as regions
from .. import bulk, rules
from ..models import Category, Product
from .columns import column

SLICE = 400
COLUMNS = (
    "sku", "seller_ref", "name", "category", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "order_multiple", "gtin", "net_weight_g", "shelf_life_days", "description", "pirt_number", "halal_number",
    "bpom_number",
)  # fmt: skip
"""What the office's file says of a product, in this order."""
PLAIN = [name for name in COLUMNS if name not in {"sku", "seller_ref", "category"}]
"""Columns that are stored as they are read."""


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
    columns=tuple(column(name) for name in COLUMNS),
    apply=apply,
    export=export,
    batch_size=1000,
    position=50,
)
