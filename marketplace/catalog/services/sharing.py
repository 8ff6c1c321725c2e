"""What a product and its variants share, repeated on the variants' own rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from ..models import Product
from .access import variants_of

SHARED = ("name", "category_id", "unit", "offers_consignment")
"""What a variant's own row repeats of its main one, so that stock and agreements can name it."""


def variant_full_name(name: str, variant_name: str) -> str:
    """'Keripik tempe, 250 g'."""
    return f"{name}, {variant_name}"[:300] if name else variant_name


def share_with_variants(session: Session, product: Product, changed: Mapping[str, Any]) -> None:
    """Repeat on the variants what changed on their main product."""
    shared = {name: changed[name] for name in SHARED if name in changed}
    for variant in variants_of(session, product.id) if shared else ():
        for name, value in shared.items():
            setattr(variant, name, value)
        variant.name = variant_full_name(product.name, variant.variant_name)
