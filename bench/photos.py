"""A photo of twelve megapixels in the worker, beside bare Pillow writing the same six files."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bench.harness import City, Measured, benchmark
from marketplace import images
from marketplace.catalog.models import PhotoState, ProductPhoto, ProductState
from marketplace.catalog.rules import photos as rules
from marketplace.catalog.services import add_photo, photo_files
from marketplace.db import db, unit_of_work
from marketplace.permissions import Role
from tests import factories

WIDTH, HEIGHT = 4000, 3000


@benchmark("photo")
def photo(city: City) -> Measured:
    """From the upload to a photo that is ready, with its rows and files; to be under a second."""
    content = _phone_photo()
    with city.scratch() as scratch, scratch.app.app_context():
        value = city.median_ms(_job(content))
        folder = scratch.folder / "bare-photos"
        folder.mkdir(parents=True, exist_ok=True)
        limit = city.median_ms(lambda: _bare(content, folder))
    return Measured(value, limit, note=f"{WIDTH}x{HEIGHT}, {len(content) // 1024} KiB")


@functools.cache
def _phone_photo() -> bytes:
    """As rich in detail as a photo of food on a table."""
    base = Image.effect_noise((500, 375), 60).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    light = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    grain = Image.effect_noise((WIDTH, HEIGHT), 14)
    target = io.BytesIO()
    Image.merge("RGB", (base, light, grain)).save(target, "JPEG", quality=92)
    return target.getvalue()


def _job(content: bytes) -> Callable[[], None]:
    """The worker's job over one upload, set back before each run."""
    maker = factories.seller()
    product = factories.product(maker, state=ProductState.DRAFT)
    owner = factories.member(Role.SELLER_OWNER, seller_id=maker.id)
    made = add_photo(actor=owner, product_id=product.id, content=content)
    photo_id, upload = made.id, made.upload or ""
    store = photo_files.current_storage()

    def run() -> None:
        photo_files.prepare_photo({"photo_id": photo_id})
        store.put(upload, content)
        with unit_of_work() as session:
            again = session.get_one(ProductPhoto, photo_id)
            again.state, again.upload = PhotoState.WAITING, upload
        db.session.rollback()

    return run


def _bare(content: bytes, folder: Path) -> None:
    """The same sizes, formats and qualities by Pillow alone, written to plain files."""
    image: Image.Image = Image.open(io.BytesIO(content))
    image.draft("RGB", (1280, 1280))
    image.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
    for size in (1280, 640, 320):
        image = image.resize(rules.Shape("", *image.size).at(size), Image.Resampling.LANCZOS)
        image.save(folder / f"{size}.webp", "WEBP", quality=images.WEBP_QUALITY, method=images.WEBP_METHOD)
        image.save(
            folder / f"{size}.jpg", "JPEG", quality=images.JPEG_QUALITY, optimize=True, progressive=True
        )
