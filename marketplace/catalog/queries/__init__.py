"""Every read of the catalogue. Hot lists read columns, not objects, and page by key."""

from .card import ProductCard, closeness, is_open
from .filters import CategoryNode, FacetValue, category_paths, category_tree, facets, labels_of
from .products import (
    ListedProduct,
    ProductPage,
    cards,
    count_by_state,
    live_cards_of_sellers,
    own_product,
    permit_free_below_days,
    product_page,
    products_of_seller,
    regency_names,
    similar_products,
)
from .search import (
    CATALOGUE_SIZE,
    SORTS,
    Found,
    Search,
    count_live,
    in_category,
    live_products,
    page_of_products,
)

__all__ = [
    "CATALOGUE_SIZE",
    "SORTS",
    "CategoryNode",
    "FacetValue",
    "Found",
    "ListedProduct",
    "ProductCard",
    "ProductPage",
    "Search",
    "cards",
    "category_paths",
    "category_tree",
    "closeness",
    "count_by_state",
    "count_live",
    "facets",
    "in_category",
    "is_open",
    "labels_of",
    "live_cards_of_sellers",
    "live_products",
    "own_product",
    "page_of_products",
    "permit_free_below_days",
    "product_page",
    "products_of_seller",
    "regency_names",
    "similar_products",
]
