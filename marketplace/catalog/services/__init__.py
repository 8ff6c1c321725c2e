"""Every write of the catalogue."""

from .categories import ensure_category
from .columns import checks_of, missing_essentials
from .products import (
    change_product,
    create_draft,
    create_product,
    delete_draft,
    duplicate_product,
    pause_product,
    resume_product,
)
from .variants import MAX_VARIANTS, save_variants

__all__ = [
    "MAX_VARIANTS",
    "change_product",
    "checks_of",
    "create_draft",
    "create_product",
    "delete_draft",
    "duplicate_product",
    "ensure_category",
    "missing_essentials",
    "pause_product",
    "resume_product",
    "save_variants",
]
