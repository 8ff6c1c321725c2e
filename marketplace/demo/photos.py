"""Photos of some of the demo city's goods, taken by the same way as real ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ..catalog.models import Category, Product, ProductState
from ..catalog.services import add_photo, photo_files
from ..db import db
from ..organizations.models import Seller
from ..permissions import SYSTEM
from . import still_life

FACE = "U-001"
OF_FACE, OF_OTHERS, IN_GALLERY = 3, 6, 3


def fill() -> int:
    """Give some products on sale a photo, and one of them several; answers how many photos there are.

    Call it outside of a unit of work. Doing it again changes nothing.
    """
    made = 0
    for number, row in enumerate(_chosen()):
        for turn in range(IN_GALLERY if number == 0 else 1):
            picture = still_life.photo(f"{row.sku} {turn}", row.form, row.name, row.maker)
            photo = add_photo(actor=SYSTEM, product_id=row.id, content=picture, client_key=f"demo-{turn}")
            photo_files.prepare_photo({"photo_id": photo.id})
            made += 1
    return made


def _chosen() -> list[Any]:
    """The first goods of the seller whose account is shown, and one of some others, that can be drawn."""
    query = (
        select(
            Product.id,
            Product.sku,
            Product.name,
            Seller.seller_ref,
            Seller.name.label("maker"),
            Category.picture_form.label("form"),
        )
        .join(Seller, Seller.id == Product.seller_id)
        .join(Category, Category.id == Product.category_id)
        .where(
            Product.state == ProductState.LIVE,
            Product.main_id.is_(None),
            Category.picture_form.in_(still_life.WARES),
        )
        .order_by(Seller.seller_ref, Product.sku)
    )
    rows = db.session.execute(query).all()
    others = {row.seller_ref: row for row in reversed(rows) if row.seller_ref != FACE}
    first = [row for row in rows if row.seller_ref == FACE][:OF_FACE]
    return [*first, *(others[ref] for ref in sorted(others)[:OF_OTHERS])]
