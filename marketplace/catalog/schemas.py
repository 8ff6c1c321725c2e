"""What programs send to and get from the catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_RUPIAH = 2**63 - 1
MAX_WHOLE = 2**31 - 1


class ProductQuery(BaseModel):
    """Filters; an empty one is off."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field(
        "", max_length=200, description="Words, with typing errors, stems and synonyms of Indonesian"
    )
    category: str = Field("", max_length=900, description="Path with ' / '; finds what lies below too")
    district: str = Field(
        "", max_length=300, description="Kemendagri code of any level, or a district's name"
    )
    seller_ref: str = Field("", max_length=64)
    min_price: int | None = Field(None, ge=0, le=MAX_RUPIAH)
    max_price: int | None = Field(None, ge=0, le=MAX_RUPIAH)
    certificate: Literal["", "halal", "pirt", "bpom", "sni", "trademark"] = ""
    min_capacity: int | None = Field(None, ge=1, le=MAX_WHOLE, description="Units that can be made a week")
    max_lead_days: int | None = Field(None, ge=1, le=MAX_WHOLE, description="Days from order to delivery")
    consignment: bool = Field(False, description="Only what is offered on consignment")
    sort: Literal["", "relevance", "newest", "name", "-name", "price", "-price"] = Field(
        "", description="relevance is the default with q, newest without"
    )
    limit: int = Field(24, ge=1, le=100)
    cursor: str = Field("", max_length=2000, description="next_cursor of the stretch before")


class ProductItem(BaseModel):
    """A product in a list."""

    sku: str
    seller_ref: str
    name: str
    category: str
    price_rupiah: int
    url: str
    id: int
    unit: str
    seller_name: str
    region_code: str
    image_url: str


class FacetItem(BaseModel):
    """A value that a filter can take, and how many products have it."""

    value: str
    label: str
    count: int


class ProductList(BaseModel):
    """One stretch of a search. `corrected`: what was searched instead of words that nobody writes."""

    items: list[ProductItem]
    total: int
    facets: dict[str, list[FacetItem]]
    next_cursor: str | None
    corrected: str


class ProductDetail(ProductItem):
    """A product with all that its page says."""

    description: str
    retail_price_rupiah: int | None
    min_order: int
    order_multiple: int
    lead_time_days: int | None
    capacity_per_week: int | None
    offers_consignment: bool
    gtin: str | None
    net_weight_g: int | None
    shelf_life_days: int | None
    certificates: list[str]
    updated_at: datetime


class CategoryItem(BaseModel):
    """A category that holds live products, in it or below."""

    path: str
    name: str
    parent: str | None
    products: int


class CategoryList(BaseModel):
    """Every category with live products, parents before children."""

    items: list[CategoryItem]


class SuggestionQuery(BaseModel):
    """What is typed so far."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=100)


class SuggestionList(BaseModel):
    """Questions that go on so, and the first products of what is typed."""

    questions: list[str]
    items: list[ProductItem]
    total: int
