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
from .readiness import ProductFacts, ReadinessItem, checklist, missing, score
from .seasons import check_season, is_in_season
from .sections import Section, is_craft, suiting
from .tiers import MAX_TIERS, check_tiers, price_for, sorted_tiers
from .words import ALLERGENS, AXES, NO_ALLERGENS, STATES, STORAGE, UNITS

__all__ = [
    "ALLERGENS",
    "AXES",
    "MAX_NUMBER_LENGTH",
    "MAX_PRICE_RUPIAH",
    "MAX_TIERS",
    "NO_ALLERGENS",
    "STATES",
    "STORAGE",
    "UNITS",
    "Certificate",
    "Check",
    "Paper",
    "PirtParts",
    "ProductFacts",
    "ReadinessItem",
    "Section",
    "category_names",
    "check_bpom",
    "check_gtin",
    "check_halal",
    "check_min_order",
    "check_pirt",
    "check_price",
    "check_retail_price",
    "check_season",
    "check_tiers",
    "checklist",
    "gtin_check_digit",
    "is_craft",
    "is_in_season",
    "missing",
    "missing_papers",
    "papers_of",
    "picture_form",
    "picture_path",
    "pirt_parts",
    "price_for",
    "product_path",
    "score",
    "slug",
    "sorted_tiers",
    "sounds_like_food",
    "suiting",
    "tidy_digits",
    "tidy_path",
    "write_pirt",
]
