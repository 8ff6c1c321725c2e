"""From what a person wrote to the columns of a product, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import clock
from ...errors import InvalidInput
from ...i18n import _
from ...regions import queries as regions
from .. import rules
from ..models import PriceTier, Product, ProductState
from ..rules import Check
from ..values import ProductValues
from .categories import ensure_category

PLAIN = (
    "name", "price_rupiah", "retail_price_rupiah", "unit", "min_order", "order_multiple", "lead_time_days",
    "capacity_per_week", "offers_consignment", "net_weight_g", "shelf_life_days", "storage", "origin_code",
    "ingredients", "material", "length_mm", "width_mm", "height_mm", "is_made_to_order", "season_from",
    "season_to", "description",
)  # fmt: skip
"""Columns that are stored as they were written."""
FIELDS = ("sku", "category_id", *PLAIN, "allergens", "gtin", "pirt_number", "halal_number", "bpom_number")


def checks_of(values: ProductValues, region_names: Mapping[str, str] | None = None) -> dict[str, Check]:
    """What the rules say of what was written: a refusal stops the product, a warning is shown beside it."""
    today = clock.today()
    checks = {
        "retail_price_rupiah": rules.check_retail_price(values.price_rupiah, values.retail_price_rupiah),
        "min_order": rules.check_min_order(values.min_order, values.order_multiple),
        "gtin": rules.check_gtin(values.gtin),
        "pirt_number": rules.check_pirt(values.pirt_number, today, region_names),
        "halal_number": rules.check_halal(values.halal_number),
        "bpom_number": rules.check_bpom(values.bpom_number),
    }
    wrong = rules.check_tiers(values.price_rupiah, values.min_order, values.tiers)
    wrong |= rules.check_season(values.season_from, values.season_to)
    return checks | {name: Check(None, ok=False, sentence=sentence) for name, sentence in wrong.items()}


def columns_of(
    session: Session, seller_id: int, values: ProductValues, product: Product | None, state: str
) -> dict[str, Any]:
    """Every column that the values speak of, and 'tiers' as [[quantity, price], ...].

    Only in the state of a draft may the essentials be missing. Raises InvalidInput with a sentence for each
    wrong field.
    """
    checks = checks_of(values)
    wrong = {name: check.sentence for name, check in checks.items() if not check.ok}
    if values.origin_code and not regions.exists(session, values.origin_code):
        wrong["origin"] = _("Tempat ini tidak dikenal. Tulis nama kelurahan atau desa.")
    if state != ProductState.DRAFT:
        wrong |= rules.missing_essentials(values.name, values.category, values.price_rupiah)
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)
    category = ensure_category(session, values.category) if rules.tidy_path(values.category) else None
    return {
        "sku": values.sku or (product.sku if product else next_sku(session, seller_id)),
        "category_id": category.id if category else None,
        **{name: getattr(values, name) for name in PLAIN},
        "allergens": list(values.allergens),
        **{name: checks[name].value for name in ("gtin", "pirt_number", "halal_number", "bpom_number")},
        "tiers": [[tier.min_quantity, tier.price_rupiah] for tier in values.tiers],
    }


def stored_columns(session: Session, product: Product) -> dict[str, Any]:
    """The same of a stored product."""
    return {name: getattr(product, name) for name in FIELDS} | {"tiers": stored_tiers(session, product.id)}


def stored_tiers(session: Session, product_id: int) -> list[list[int]]:
    """The wholesale prices of a product, the smallest quantity first."""
    query = select(PriceTier.min_quantity, PriceTier.price_rupiah).where(PriceTier.product_id == product_id)
    return [list(row) for row in session.execute(query.order_by(PriceTier.min_quantity))]


def write_columns(session: Session, product: Product, columns: Mapping[str, Any]) -> None:
    """Store columns as `columns_of` gives them, the tiers too."""
    for name, value in columns.items():
        if name != "tiers":
            setattr(product, name, value)
    flush_sku(session, product.sku)
    if "tiers" in columns:
        session.execute(delete(PriceTier).where(PriceTier.product_id == product.id))
        for quantity, price in columns["tiers"]:
            session.add(PriceTier(product_id=product.id, min_quantity=quantity, price_rupiah=price))
        session.flush()


def next_sku(session: Session, seller_id: int) -> str:
    """A number for a product without a code of its own: P-001, P-002, ... (the seller's row is locked)."""
    taken = set(session.scalars(select(Product.sku).where(Product.seller_id == seller_id)))
    number = (session.scalar(select(func.count()).where(Product.seller_id == seller_id)) or 0) + 1
    while f"P-{number:03d}" in taken:
        number += 1
    return f"P-{number:03d}"


def flush_sku(session: Session, sku: str, field: str = "sku") -> None:
    """Write what waits; say it at the field when the code is taken."""
    try:
        session.flush()
    except IntegrityError as error:
        if "sku" not in str(error.orig):
            raise
        sentence = _("Kode “%(sku)s” sudah dipakai produk Anda yang lain. Tulis kode lain.", sku=sku)
        raise InvalidInput(sentence, fields={field: sentence}) from error
