"""What programs send to and get from the catalogue."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

MAX_RUPIAH = 2**63 - 1


class ProductQuery(BaseModel):
    """Filters; an empty one is off."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=200, description="Words in name, seller, category or description")
    category: str = Field("", max_length=900, description="Path with ' / '; finds what lies below too")
    district: str = Field(
        "", max_length=300, description="Kemendagri code of any level, or a district's name"
    )
    seller_ref: str = Field("", max_length=64)
    min_price: int | None = Field(None, ge=0, le=MAX_RUPIAH)
    max_price: int | None = Field(None, ge=0, le=MAX_RUPIAH)
    certificate: str = Field("", max_length=20, description="pirt, halal or bpom")
    sort: str = Field("", max_length=20, description="newest (default), name, -name, price, -price")
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
    """One stretch of a search."""

    items: list[ProductItem]
    total: int
    facets: dict[str, list[FacetItem]]
    next_cursor: str | None
