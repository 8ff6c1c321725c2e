"""The catalogue for programs: products, one product, categories, suggestions."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..api import blueprint as api_blueprint
from ..errors import Conflict, InvalidInput, NotFound
from ..i18n import _
from ..permissions import current_actor, public
from ..texts import one_line
from . import queries, rules
from .queries import FacetValue, Search
from .schemas import (
    CategoryList,
    ProductDetail,
    ProductList,
    ProductQuery,
    SuggestionList,
    SuggestionQuery,
)

blueprint = api_blueprint("catalog", tag="Products")
ID = "int(max=9223372036854775807)"


@blueprint.get("/products")
@public
@blueprint.input(ProductQuery, location="query", arg_name="asked")
@blueprint.output(ProductList)
@blueprint.doc(summary="Live products that match, with counts for each filter", operation_id="listProducts")
def products(asked: ProductQuery) -> dict[str, Any]:
    """Live products that match, by key; repeat with `cursor` until `next_cursor` is null."""
    search = _search(asked)
    matches = queries.matches(search)
    try:
        found = queries.live_products(search, limit=asked.limit, cursor=asked.cursor or None, found=matches)
    except InvalidInput as refusal:  # the only thing left that can be wrong is the cursor: begin again
        raise Conflict(str(refusal), code="unknown_cursor") from refusal
    return {
        "items": [_item(card) for card in found.items],
        "total": found.total,
        "facets": {
            name: [_facet(value) for value in values]
            for name, values in queries.facets(search, matches).items()
        },
        "next_cursor": found.next_cursor,
        "corrected": found.corrected,
    }


@blueprint.get(f"/products/<{ID}:product_id>")
@public
@blueprint.output(ProductDetail)
@blueprint.doc(summary="One product", operation_id="readProduct")
def product(product_id: int) -> dict[str, Any]:
    """A live product for everybody; any of one's own for its seller and its office."""
    page = queries.product_page(current_actor(), product_id)
    if page is None:
        raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))
    plain = (
        "description", "retail_price_rupiah", "min_order", "order_multiple", "lead_time_days",
        "capacity_per_week", "offers_consignment", "gtin", "shelf_life_days", "updated_at",
    )  # fmt: skip
    badges = queries.badges_of([product_id], clock.today()).get(product_id, [])
    return {
        **_item(page.card),
        **{name: getattr(page, name) for name in plain},
        "net_weight_g": page.card.net_weight_g,
        "certificates": [badge.kind for badge in badges],
    }


@blueprint.get("/categories")
@public
@blueprint.output(CategoryList)
@blueprint.doc(summary="Every category with live products", operation_id="listCategories")
def categories() -> dict[str, Any]:
    """Every category with live products, parents before children."""
    steps = [(value, rules.category_names(value.value)[-1]) for value in queries.facets(Search())["category"]]
    return {
        "items": [
            {"path": path, "name": name, "parent": parent, "products": value.count}
            for value, (path, name, parent) in steps
        ]
    }


@blueprint.get("/search/suggestions")
@public
@blueprint.input(SuggestionQuery, location="query", arg_name="asked")
@blueprint.output(SuggestionList)
@blueprint.doc(summary="What typed letters may become", operation_id="suggest")
def suggestions(asked: SuggestionQuery) -> dict[str, Any]:
    """Questions that go on so, and the first products of what is typed."""
    found = queries.suggest(one_line(asked.q))
    return {
        "questions": found.questions,
        "items": [_item(card) for card in found.products],
        "total": found.total,
    }


def _search(asked: ProductQuery) -> Search:
    def one(text: str) -> tuple[str, ...]:
        return (one_line(text),) if one_line(text) else ()

    q = one_line(asked.q)
    return Search(
        q=q,
        categories=one(asked.category),
        districts=one(asked.district),
        certificates=one(asked.certificate),
        seller_ref=one_line(asked.seller_ref),
        min_price=asked.min_price,
        max_price=asked.max_price,
        min_capacity=asked.min_capacity,
        max_lead_days=asked.max_lead_days,
        consignment=asked.consignment,
        sort=asked.sort or ("relevance" if q else "newest"),
    )


def _item(card: queries.ProductCard) -> dict[str, Any]:
    return {
        "sku": card.sku,
        "seller_ref": card.seller_ref,
        "name": card.name,
        "category": card.category,
        "price_rupiah": card.price_rupiah,
        "url": card.url,
        "id": card.id,
        "unit": card.unit,
        "seller_name": card.seller_name,
        "region_code": card.region_code,
        "image_url": card.image_url,
    }


def _facet(value: FacetValue) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "count": value.count}
