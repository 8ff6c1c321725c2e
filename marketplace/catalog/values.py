"""A product as a person writes it, before it is stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProductValues:
    """What a seller says of a product. Prices in whole rupiah; an empty sku gets a number."""

    name: str
    category: str
    price_rupiah: int
    sku: str = ""
    retail_price_rupiah: int | None = None
    unit: str = ""
    min_order: int = 1
    order_multiple: int = 1
    gtin: str | None = None
    net_weight_g: int | None = None
    shelf_life_days: int | None = None
    description: str = ""
    pirt_number: str | None = None
    halal_number: str | None = None
    bpom_number: str | None = None
