"""A product as a person writes it, before it is stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TierValues:
    """From `min_quantity` units on, one unit costs `price_rupiah`."""

    min_quantity: int
    price_rupiah: int


@dataclass(frozen=True)
class ProductValues:
    """What a seller says of a product. Prices in whole rupiah; an empty sku gets a number.

    A draft may lack name, category ('') and price (0).
    """

    name: str
    category: str
    price_rupiah: int
    sku: str = ""
    retail_price_rupiah: int | None = None
    unit: str = ""
    min_order: int = 1
    order_multiple: int = 1
    lead_time_days: int | None = None
    capacity_per_week: int | None = None
    offers_consignment: bool = True
    gtin: str | None = None
    net_weight_g: int | None = None
    shelf_life_days: int | None = None
    storage: str | None = None
    origin_code: str | None = None
    ingredients: str = ""
    allergens: tuple[str, ...] = ()
    material: str = ""
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    is_made_to_order: bool = False
    season_from: int | None = None
    season_to: int | None = None
    description: str = ""
    pirt_number: str | None = None
    halal_number: str | None = None
    bpom_number: str | None = None
    tiers: tuple[TierValues, ...] = ()


@dataclass(frozen=True)
class VariantValues:
    """One size, flavour or colour. `product_id` None is a new one; an empty sku gets a number."""

    name: str
    price_rupiah: int
    product_id: int | None = None
    sku: str = ""
    gtin: str | None = None
    net_weight_g: int | None = None
    is_dropped: bool = False
