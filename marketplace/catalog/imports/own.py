"""A seller's own file of products: the same columns go out and come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...db import db
from ...i18n import N_
from ...importing import Batch, Column, Kind, Verdict, values
from ...permissions import Actor, Permission
from .. import rules
from ..queries.bulk import file_states
from ..rules.bulk import FAMILIES, Family
from ..services import bulk
from . import cells
from .columns import column, order

COLUMNS = (
    "sku", "name", "category", "price_rupiah", "unit", "retail_price_rupiah", "min_order", "order_multiple",
    "price_tiers", "capacity_per_week", "lead_time_days", "offers_consignment", "description", "net_weight_g",
    "shelf_life_days", "storage", "ingredients", "allergens", "material", "length_mm", "width_mm",
    "height_mm", "is_made_to_order", "pirt_number", "halal_number", "bpom_number", "origin", "season_from",
    "season_to", "gtin", "main_sku", "variant_axis", "variant_name",
)  # fmt: skip
"""What a seller's file says of a product, in this order."""
SKU_MEANING = N_("Kode produk Anda. Kode yang sudah ada mengubah produk itu, kode baru membuat konsep.")
STRICTER: Mapping[str, dict[str, Any]] = {
    "sku": {"required": True, "meaning": SKU_MEANING},
    "price_rupiah": {"read": values.whole(1, rules.MAX_PRICE_RUPIAH)},
    "retail_price_rupiah": {"read": values.whole(1, rules.MAX_PRICE_RUPIAH)},
    "min_order": {"read": values.whole(1, cells.MAX_PIECES)},
    "order_multiple": {"read": values.whole(1, cells.MAX_PIECES)},
    "net_weight_g": {"read": values.whole(1, 1_000_000_000)},
    "shelf_life_days": {"read": values.whole(1, 36_500)},
}
"""Where a seller is asked otherwise than the office."""


def apply(batch: Batch) -> list[Verdict]:
    """Judge the rows of a seller's file and store those that say something new."""
    return bulk.apply(batch)


KIND = Kind(
    name="own_products",
    label=N_("Produk saya"),
    columns=tuple(column(name, **{"required": False, **STRICTER.get(name, {})}) for name in COLUMNS),
    apply=apply,
    order=order,
    permission=Permission.PRODUCT_EDIT,
    batch_size=50,
    for_sellers=True,
    home_label=N_("Banyak produk sekaligus"),
    finished=bulk.promise_photos,
)


def form_of(family: Family) -> Kind:
    """The kind with only the columns that matter for a family, and its own example."""
    asked = (KIND.column(name) for name in family.columns)
    chosen = tuple(replace(one, example=_example(family, one)) for one in asked)
    return replace(KIND, columns=chosen, label=family.label)


def _example(family: Family, column: Column) -> str:
    """A family without examples of its own takes those of the columns, which are of food."""
    return family.example.get(column.name, "") if family.example else column.example


FORMS = {family.code: form_of(family) for family in FAMILIES}


def row_of(state: Mapping[str, Any]) -> list[Any]:
    """A stored product as a row of the file."""
    return [cells.written(name, state.get(name)) for name in KIND.column_names]


def rows_of(actor: Actor) -> Iterator[Sequence[Any]]:
    """All products of the actor's own seller as rows of the file."""
    states = file_states(db.session(), actor.seller_id or 0)
    yield from (row_of(state.columns) for state in states.values())
