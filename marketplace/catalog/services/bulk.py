"""A seller's whole file of products going in, row by row through the same services as the screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import outbox
from ...errors import InvalidInput, MarketplaceError
from ...i18n import _
from ...importing import Batch, Book, ImportRun, Outcome, Refusal, Row, Verdict, files
from ...importing.book import plain
from ...permissions import Actor
from ...regions import queries as regions
from .. import rules
from ..models import Product, ProductImport, ProductImportRow, ProductState
from ..queries.bulk import FileState, file_states
from ..rules import Check
from ..rules.bulk import MOVED, NAMELESS_VARIANT, NO_VARIANT_OF_A_VARIANT, ONE_OR_NONE
from ..values import ProductValues, TierValues, VariantValues
from .access import variants_of
from .columns import checks_of
from .products import change_product, create_product
from .variants import save_variants

PHOTOS = "bulk.photos"
BLANKS: dict[str, Any] = {
    "name": "",
    "category": "",
    "price_rupiah": 0,
    "unit": "",
    "retail_price_rupiah": None,
    "min_order": 1,
    "order_multiple": 1,
    "price_tiers": [],
    "capacity_per_week": None,
    "lead_time_days": None,
    "offers_consignment": True,
    "description": "",
    "net_weight_g": None,
    "shelf_life_days": None,
    "storage": None,
    "ingredients": "",
    "allergens": [],
    "material": "",
    "length_mm": None,
    "width_mm": None,
    "height_mm": None,
    "is_made_to_order": False,
    "pirt_number": None,
    "halal_number": None,
    "bpom_number": None,
    "origin": None,
    "season_from": None,
    "season_to": None,
    "gtin": None,
    "main_sku": None,
    "variant_axis": "",
    "variant_name": "",
}
"""What a new product says of what the file does not name, and what an empty cell means."""
OF_VARIANT = ("variant_name", "price_rupiah", "gtin", "net_weight_g")
"""What a variant has of its own; the rest it shares with its main product."""


def apply(batch: Batch) -> list[Verdict]:
    """Judge the rows of a seller's file in turn, and store those that say something new."""
    actor = batch.actor
    assert actor.seller_id is not None
    skus = {row["sku"] for row in batch.rows} | {row.get("main_sku") for row in batch.rows} - {None}
    known = file_states(batch.session, actor.seller_id, sorted(skus))
    mains = {state.columns["main_sku"] for state in known.values()} - {None, *skus}
    known |= file_states(batch.session, actor.seller_id, sorted(mains))
    book = Book(batch, {sku: state.columns for sku, state in known.items()}, "own")
    book.recall(skus | mains)
    desk = _Desk(batch, actor, book, known)
    verdicts = [desk.judge(row) for row in batch.rows]
    book.save()
    return verdicts


class _Desk:
    """One batch on its way in: what is known of its products, and where they are written."""

    def __init__(self, batch: Batch, actor: Actor, book: Book, known: dict[str, FileState]) -> None:
        self.batch, self.actor, self.book, self.known = batch, actor, book, known

    def judge(self, row: Row) -> Verdict:
        """What becomes of a row; it is written unless this is a trial."""
        try:
            return self._variant(row) if self._main_of(row) else self._product(row)
        except InvalidInput as error:
            name, sentence = next(iter(error.fields.items()), ("", error.message))
            return Refusal(_column_of(name), sentence)
        except MarketplaceError as error:
            return Refusal("sku", error.message)

    def _main_of(self, row: Row) -> str | None:
        state = self.book.state(row["sku"])
        named = row.get("main_sku")
        if state is None or not row.has("main_sku"):
            return named or (state or {}).get("main_sku")
        if named != state.get("main_sku"):
            raise InvalidInput(str(MOVED), fields={"main_sku": str(MOVED)})
        return named

    def _product(self, row: Row) -> Verdict:
        sku, state = row["sku"], self.book.state(row["sku"])
        news = _news(row, [name for name in BLANKS if name not in {"variant_axis", "variant_name"}])
        merged = {**BLANKS, **(state or {}), **news, "sku": sku}
        values = values_of(merged)
        refusal = self._problem(row, values, state is None or self._state_of(sku) == ProductState.DRAFT)
        if refusal is not None:
            return refusal
        outcome = self.book.put(sku, merged if state is None else news)
        if outcome is not Outcome.UNCHANGED and not self.batch.dry:
            before = dict(self.known[sku].columns) if sku in self.known else None
            self._write(sku, values, before)
        return outcome

    def _state_of(self, sku: str) -> str:
        return self.known[sku].state if sku in self.known else ProductState.DRAFT

    def _problem(self, row: Row, values: ProductValues, is_draft: bool) -> Refusal | None:
        """The first thing wrong with a row; what is merely odd is noted."""
        if not values.name:
            return Refusal("name", _("Tulis nama produk, misalnya Keripik tempe daun jeruk."))
        if not is_draft:
            for name, sentence in rules.missing_essentials(
                values.name, values.category, values.price_rupiah
            ).items():
                return Refusal(_column_of(name), sentence)
        if values.origin_code and not regions.exists(self.batch.session, values.origin_code):
            return Refusal("origin", _("Tempat ini tidak dikenal. Tulis nama kelurahan atau desa."))
        if len(values.allergens) > 1 and rules.NO_ALLERGENS in values.allergens:
            return Refusal("allergens", str(ONE_OR_NONE))
        return self._note(row, checks_of(values))

    def _note(self, row: Row, checks: Mapping[str, Check]) -> Refusal | None:
        for name, check in checks.items():
            column = _column_of(name)
            if not check.ok:
                return Refusal(column, check.sentence)
            if check.sentence and row.has(column):
                self.batch.warn(row, column, check.sentence)
        return None

    def _write(self, sku: str, values: ProductValues, before: dict[str, Any] | None) -> None:
        assert self.actor.seller_id is not None
        if before is None:
            product = create_product(actor=self.actor, seller_id=self.actor.seller_id, values=values)
        else:
            product_id = self.known[sku].product_id
            product = change_product(actor=self.actor, product_id=product_id, values=values)
        self._remember(sku, product.id, before)

    def _remember(self, sku: str, product_id: int, before: dict[str, Any] | None) -> None:
        """Read the product as it is now, and keep what this import made of it."""
        assert self.actor.seller_id is not None
        session = self.batch.session
        session.flush()
        now = file_states(session, self.actor.seller_id, [sku])[sku]
        self.known[sku] = now
        if self.batch.run_id is not None:
            note_change(session, self.batch.run_id, now, before)

    # --- variants -------------------------------------------------------------------------------------------

    def _variant(self, row: Row) -> Verdict:
        sku, main_sku = row["sku"], self._main_of(row)
        state, main = self.book.state(sku), self.book.state(main_sku or "")
        if main is None:
            return Refusal(
                "main_sku", _("Produk utama dengan kode ini belum ada di berkas atau di rak Anda.")
            )
        if main.get("main_sku"):
            return Refusal("main_sku", str(NO_VARIANT_OF_A_VARIANT))
        news = _news(row, OF_VARIANT)
        start = {**BLANKS, "price_rupiah": main.get("price_rupiah") or 0}
        merged = {**start, **(state or {}), **news, "main_sku": main_sku}
        refusal = self._variant_problem(merged)
        if refusal is not None:
            return refusal
        outcome = self.book.put(sku, merged if state is None else news)
        if outcome is not Outcome.UNCHANGED and not self.batch.dry:
            before = dict(self.known[sku].columns) if sku in self.known else None
            axis = row.get("variant_axis") or main.get("variant_axis") or _("Ukuran")
            self._write_variant(sku, str(main_sku), axis, merged)
            self._remember(sku, 0, before)
        return outcome

    def _variant_problem(self, merged: Mapping[str, Any]) -> Refusal | None:
        if not merged["variant_name"]:
            return Refusal("variant_name", str(NAMELESS_VARIANT))
        price, gtin = rules.check_price(merged["price_rupiah"] or 0), rules.check_gtin(merged["gtin"])
        if not price.ok:
            return Refusal("price_rupiah", price.sentence)
        return None if gtin.ok else Refusal("gtin", gtin.sentence)

    def _write_variant(self, sku: str, main_sku: str, axis: str, merged: Mapping[str, Any]) -> None:
        main_id = self.known[main_sku].product_id
        wanted = VariantValues(
            name=merged["variant_name"],
            price_rupiah=merged["price_rupiah"],
            product_id=self.known[sku].product_id if sku in self.known else None,
            sku=sku,
            gtin=merged["gtin"],
            net_weight_g=merged["net_weight_g"],
        )
        rows = [
            wanted if variant.sku == sku else as_it_is(variant)
            for variant in variants_of(self.batch.session, main_id)
            if not variant.is_dropped
        ]
        if wanted.product_id is None:
            rows.append(wanted)
        save_variants(actor=self.actor, product_id=main_id, axis=axis, rows=rows)


def as_it_is(variant: Product) -> VariantValues:
    """A stored variant as `save_variants` takes it."""
    return VariantValues(
        name=variant.variant_name,
        price_rupiah=variant.price_rupiah,
        product_id=variant.id,
        sku=variant.sku,
        gtin=variant.gtin,
        net_weight_g=variant.net_weight_g,
    )


def _news(row: Row, names: Any) -> dict[str, Any]:
    """What a row says; an empty cell says what a new product says."""
    found = {name: row[name] for name in names if row.has(name)}
    return {name: BLANKS[name] if value is None else value for name, value in found.items()}


def values_of(columns: Mapping[str, Any]) -> ProductValues:
    """The columns of the file as the services take them."""
    plain_names = {
        name: columns[name]
        for name in BLANKS
        if name
        not in {"price_tiers", "allergens", "origin", "main_sku", "variant_axis", "variant_name", "category"}
    }
    texts = {name: columns[name] or "" for name in ("name", "unit", "description", "ingredients", "material")}
    return ProductValues(
        **plain_names
        | texts
        | {
            "sku": columns["sku"],
            "category": columns["category"] or "",
            "price_rupiah": columns["price_rupiah"] or 0,
            "allergens": tuple(columns["allergens"] or ()),
            "origin_code": columns["origin"],
            "tiers": tuple(TierValues(quantity, price) for quantity, price in columns["price_tiers"] or ()),
        }
    )


def _column_of(field: str) -> str:
    """The column of the file that a field of a form is."""
    if field.startswith("tiers"):
        return "price_tiers"
    if field.startswith("rows-"):
        return {"name": "variant_name"}.get(field.rpartition("-")[2], field.rpartition("-")[2])
    return {"axis": "variant_axis", "origin_code": "origin"}.get(field, field)


def note_change(session: Session, run_id: int, now: FileState, before: Mapping[str, Any] | None) -> None:
    """Keep what an import made of a product: once for each product, from before its first row to now."""
    query = select(ProductImportRow).where(
        ProductImportRow.run_id == run_id, ProductImportRow.product_id == now.product_id
    )
    known = session.scalar(query)
    row = known or ProductImportRow(
        run_id=run_id,
        product_id=now.product_id,
        was_created=before is None,
        before={},
        after={},
        photo_ids=[],
    )
    row.sku, row.name = now.columns["sku"], now.columns["name"]
    then = {**(before or {}), **row.before}
    names = [name for name, value in now.columns.items() if plain(then.get(name)) != plain(value)]
    row.before = {name: then.get(name) for name in names} if not row.was_created else {}
    row.after = {name: now.columns[name] for name in (now.columns if row.was_created else names)}
    session.add(row)
    session.flush()


def promise_photos(session: Session, run: ImportRun) -> None:
    """An import has written: keep its sheet, and have the photos of its ZIP taken."""
    has_zip = run.status == "done" and files.photos_of(run).exists()
    session.add(ProductImport(run_id=run.id, photos_state="waiting" if has_zip else "none"))
    if has_zip:
        outbox.enqueue(session, PHOTOS, {"run_id": run.id})
