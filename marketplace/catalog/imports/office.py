"""The office's file of products: whose they are is a column, and new ones are live at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...i18n import N_, _
from ...importing import Batch, Book, Kind, Outcome, Refusal, Row, Verdict
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from .. import bulk, rules
from ..rules.bulk import MOVED, NAMELESS_VARIANT, NO_VARIANT_OF_A_VARIANT, ONE_OR_NONE
from ..values import TierValues
from .columns import column, order
from .stored import SLICE, key_of, products_by_key, products_within

ALWAYS = (
    "sku", "seller_ref", "name", "category", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "order_multiple", "gtin", "net_weight_g", "shelf_life_days", "description", "pirt_number", "halal_number",
    "bpom_number",
)  # fmt: skip
"""The columns of the first days, which other programs count on in this order."""
MORE = (
    "price_tiers", "capacity_per_week", "lead_time_days", "offers_consignment", "storage", "ingredients",
    "allergens", "material", "length_mm", "width_mm", "height_mm", "is_made_to_order", "origin",
    "season_from", "season_to", "main_sku", "variant_axis", "variant_name",
)  # fmt: skip
"""What stores ask for besides; looked up only for a file that has some of it."""
COLUMNS = (*ALWAYS, *MORE)


def apply(batch: Batch) -> list[Verdict]:
    """Judge products row by row, then write those that changed."""
    return _Desk(batch).run()


class _Desk:
    """One batch of the office's products: what is known of them, and what is to be written."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.sellers = _sellers(batch.session, {row["seller_ref"] for row in batch.rows})
        has_more = any(row.has(name) for row in batch.rows for name in MORE)
        keys = {key_of(row["seller_ref"], row["sku"]) for row in batch.rows}
        keys |= {key_of(row["seller_ref"], row["main_sku"]) for row in batch.rows if row.get("main_sku")}
        stored = products_by_key(batch.session, keys, COLUMNS if has_more else ALWAYS)
        self.book = Book(batch, stored, "product")
        self.book.recall(keys)
        self.changed: list[bulk.BulkProduct] = []

    def run(self) -> list[Verdict]:
        """A verdict for each row, in order."""
        verdicts = [self._judge(row) for row in self.batch.rows]
        self.book.save()
        if not self.batch.dry:
            bulk.upsert_products(self.batch.session, self.changed)
        return verdicts

    def _judge(self, row: Row) -> Verdict:
        seller_id, place = self.sellers.get(row["seller_ref"], (0, ""))
        key, news = key_of(row["seller_ref"], row["sku"]), _news(row)
        state = self.book.state(key)
        merged = {**bulk.BLANKS, **(state or {}), **news}
        refusal = (
            _seller_refusal(self.batch, seller_id, place)
            or _problem(row, merged)
            or self._family_problem(row, state, merged)
        )
        if refusal is not None:
            return refusal
        _note_oddities(self.batch, row)
        outcome = self.book.put(key, news)
        if outcome is not Outcome.UNCHANGED:
            self.changed.append(bulk.BulkProduct(seller_id, row["sku"], news))
        return outcome

    def _family_problem(
        self, row: Row, state: Mapping[str, Any] | None, merged: Mapping[str, Any]
    ) -> Refusal | None:
        """Why a row cannot be the variant of another product that it says it is."""
        named = merged["main_sku"]
        if state is not None and row.has("main_sku") and named != state.get("main_sku"):
            return Refusal("main_sku", str(MOVED))
        if not named or not row.has("main_sku"):
            return None
        main = self.book.state(key_of(row["seller_ref"], named))
        if main is None or named == row["sku"]:
            return Refusal(
                "main_sku", _("Produk utama dengan kode ini belum ada di berkas atau di rak penjual ini.")
            )
        if main.get("main_sku"):
            return Refusal("main_sku", str(NO_VARIANT_OF_A_VARIANT))
        return None if merged["variant_name"] else Refusal("variant_name", str(NAMELESS_VARIANT))


def _problem(row: Row, merged: Mapping[str, Any]) -> Refusal | None:
    """The first thing wrong with what a row says of prices, months and allergens."""
    if row.has("price_tiers"):
        tiers = [TierValues(quantity, price) for quantity, price in merged["price_tiers"] or ()]
        for sentence in rules.check_tiers(merged["price_rupiah"], merged["min_order"] or 1, tiers).values():
            return Refusal("price_tiers", sentence)
    if row.has("season_from") or row.has("season_to"):
        for name, sentence in rules.check_season(merged["season_from"], merged["season_to"]).items():
            return Refusal(name, sentence)
    if row.has("allergens") and len(merged["allergens"]) > 1 and rules.NO_ALLERGENS in merged["allergens"]:
        return Refusal("allergens", str(ONE_OR_NONE))
    return None


def _seller_refusal(batch: Batch, seller_id: int, place: str) -> Refusal | None:
    if not seller_id:
        return Refusal(
            "seller_ref", _("Penjual ini belum ada. Impor berkas penjual lebih dulu, atau periksa kodenya.")
        )
    if not batch.actor.sees_region(place):
        return Refusal("seller_ref", _("Penjual ini terdaftar di wilayah lain."))
    return None


def _news(row: Row) -> dict[str, Any]:
    """What a row says; an empty cell says what a new product says."""
    said = {name: row[name] for name in COLUMNS[2:] if row.has(name)}
    return {name: bulk.BLANKS.get(name) if value is None else value for name, value in said.items()}


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


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every product of a region's sellers, by seller and code."""
    yield from products_within(session, region, COLUMNS)


KIND = Kind(
    name="products",
    label=N_("Produk"),
    columns=tuple(column(name) for name in COLUMNS),
    apply=apply,
    order=order,
    export=export,
    batch_size=1000,
    position=50,
)
