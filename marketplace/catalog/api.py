"""The catalogue for programs: GET /api/v1/products."""

from __future__ import annotations

from typing import Any

from ..api import blueprint as api_blueprint
from ..permissions import public
from ..texts import one_line
from . import queries
from .queries import FacetValue, Search
from .schemas import ProductList, ProductQuery

blueprint = api_blueprint("catalog", tag="Products")


@blueprint.get("/products")
@public
@blueprint.input(ProductQuery, location="query", arg_name="asked")
@blueprint.output(ProductList)
@blueprint.doc(summary="Live products that match, with counts for each filter", operation_id="listProducts")
def products(asked: ProductQuery) -> dict[str, Any]:
    """Live products that match, by key; repeat with `cursor` until `next_cursor` is null."""
    search = _search(asked)
    found = queries.live_products(search, limit=asked.limit, cursor=asked.cursor or None)
    return {
        "items": [_item(card) for card in found.items],
        "total": found.total,
        "facets": {
            name: [_facet(value) for value in values] for name, values in queries.facets(search).items()
        },
        "next_cursor": found.next_cursor,
    }


def _search(asked: ProductQuery) -> Search:
    def one(text: str) -> tuple[str, ...]:
        return (one_line(text),) if one_line(text) else ()

    return Search(
        q=one_line(asked.q),
        categories=one(asked.category),
        districts=one(asked.district),
        certificates=one(asked.certificate),
        seller_ref=one_line(asked.seller_ref),
        min_price=asked.min_price,
        max_price=asked.max_price,
        sort=asked.sort or "newest",
    )


def _item(card: queries.ProductCard) -> dict[str, Any]:
    return {
        "sku": card.sku,
        "seller_ref": card.seller_ref,
        "name": card.name,
        "category": card.category,
        "price_rupiah": card.price_rupiah,
        "url": card.url,
        "unit": card.unit,
        "seller_name": card.seller_name,
        "region_code": card.region_code,
        "image_url": card.image_url,
    }


def _facet(value: FacetValue) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "count": value.count}
