"""Decisions of the catalogue over plain values: identifiers, prices, categories, addresses."""

from .addresses import picture_path, product_path, slug
from .checks import Check
from .gtin import check_gtin, gtin_check_digit
from .identifiers import (
    MAX_NUMBER_LENGTH,
    Certificate,
    Paper,
    PirtParts,
    check_bpom,
    check_halal,
    check_pirt,
    papers_of,
    pirt_parts,
    tidy_digits,
    write_pirt,
)
from .offers import (
    MAX_PRICE_RUPIAH,
    category_names,
    check_min_order,
    check_price,
    check_retail_price,
    missing_papers,
    picture_form,
    sounds_like_food,
    tidy_path,
)

__all__ = [
    "MAX_NUMBER_LENGTH",
    "MAX_PRICE_RUPIAH",
    "Certificate",
    "Check",
    "Paper",
    "PirtParts",
    "category_names",
    "check_bpom",
    "check_gtin",
    "check_halal",
    "check_min_order",
    "check_pirt",
    "check_price",
    "check_retail_price",
    "gtin_check_digit",
    "missing_papers",
    "papers_of",
    "picture_form",
    "picture_path",
    "pirt_parts",
    "product_path",
    "slug",
    "sounds_like_food",
    "tidy_digits",
    "tidy_path",
    "write_pirt",
]
