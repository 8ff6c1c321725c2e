"""Some goods of the demo city are shown in photos, and the same ones each time."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import func, select

from marketplace.catalog.models import PhotoState, Product, ProductPhoto
from marketplace.catalog.queries import photos_of
from marketplace.db import db
from marketplace.demo import photos, still_life


def test_the_same_ware_is_drawn_the_same():
    for form in still_life.WARES:
        first = still_life.photo("KT-1", form, "Keripik tempe", "Dapur Bu Sri")
        assert first == still_life.photo("KT-1", form, "Keripik tempe", "Dapur Bu Sri")
        assert first != still_life.photo("KT-2", form, "Keripik tempe", "Dapur Bu Sri")
        assert Image.open(io.BytesIO(first)).size == (still_life.EDGE, still_life.EDGE)


def test_a_name_of_any_length_fits_its_label():
    for name in ("X", "Keripik tempe daun jeruk purut pedas manis gurih renyah sekali", "W" * 60):
        assert still_life.photo("KT-1", "bottle", name, "Usaha " * 20)


def test_photos_are_on_sale_and_one_product_has_several(city):
    rows = db.session.scalars(select(ProductPhoto)).all()
    assert len(rows) == photos.OF_FACE + photos.OF_OTHERS + photos.IN_GALLERY - 1
    assert {row.state for row in rows} == {PhotoState.READY}
    covers = db.session.scalar(
        select(func.count()).where(Product.cover.is_not(None), Product.main_id.is_(None))
    )
    assert covers == photos.OF_FACE + photos.OF_OTHERS
    shown = photos_of([row.product_id for row in rows])
    assert max(len(found) for found in shown.values()) == photos.IN_GALLERY
