"""Every write of the catalogue."""

from .products import (
    change_product,
    checks_of,
    create_product,
    ensure_category,
    pause_product,
    resume_product,
)

__all__ = [
    "change_product",
    "checks_of",
    "create_product",
    "ensure_category",
    "pause_product",
    "resume_product",
]
