"""Photos of products: those that everybody sees, and all of them for their seller."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ...db import among, db
from ...permissions import Actor
from ..models import PhotoState, Product, ProductPhoto
from ..rules.photos import Shape


@dataclass(frozen=True)
class Photo:
    """A photo that is ready. `shape` names its files; `alt` says in words what is to be seen."""

    id: int
    stem: str
    width: int
    height: int
    alt: str

    @property
    def shape(self) -> Shape:
        """Its files."""
        return Shape(self.stem, self.width, self.height)

    def url(self, size: int, file_format: str = "webp") -> str:
        """Where the file of a size is served."""
        return self.shape.url(size, file_format)


READY: tuple[Any, ...] = (
    ProductPhoto.id,
    ProductPhoto.stem,
    ProductPhoto.width,
    ProductPhoto.height,
    ProductPhoto.alt,
)


def is_kept() -> ColumnElement[bool]:
    """SQL criterion: ready, and not taken away."""
    return and_(ProductPhoto.state == PhotoState.READY, ProductPhoto.removed_at.is_(None))


def photos_of(product_ids: Sequence[int]) -> dict[int, list[Photo]]:
    """The photos that everybody sees, in order, by product; a variant has those of its main product."""
    found: dict[int, list[Photo]] = {product_id: [] for product_id in product_ids}
    for product_id, *values in db.session.execute(_photos_of(), {"ids": list(product_ids)}):
        found[product_id].append(Photo(*values))
    return found


@functools.cache
def _photos_of() -> Any:
    return (
        select(Product.id, *READY)
        .join(
            ProductPhoto,
            or_(ProductPhoto.product_id == Product.id, ProductPhoto.product_id == Product.main_id),
        )
        .where(among(Product.id, "ids"), is_kept(), ProductPhoto.is_held.is_(False))
        .order_by(Product.id, ProductPhoto.position, ProductPhoto.id)
    )


def held_photos(product_id: int) -> list[Photo]:
    """The photos of a product on sale that wait for the office, in order; those that are ready."""
    query = (
        select(*READY)
        .where(ProductPhoto.product_id == product_id, is_kept(), ProductPhoto.is_held.is_(True))
        .order_by(ProductPhoto.position, ProductPhoto.id)
    )
    return [Photo(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class PhotoRows:
    """All photos of a product as its seller keeps them: in order, and those taken away lately."""

    kept: list[ProductPhoto]
    removed: list[ProductPhoto]

    @property
    def is_working(self) -> bool:
        """Whether the worker still makes one of them."""
        return any(photo.state == PhotoState.WAITING for photo in self.kept)


def photo_rows(product_id: int) -> PhotoRows:
    """Every photo of a product, whatever its state."""
    query = (
        select(ProductPhoto)
        .where(ProductPhoto.product_id == product_id)
        .order_by(ProductPhoto.position, ProductPhoto.id)
        .execution_options(populate_existing=True)
    )
    photos = list(db.session.scalars(query))
    return PhotoRows(
        kept=[photo for photo in photos if photo.removed_at is None],
        removed=[photo for photo in photos if photo.removed_at is not None],
    )


def count_photos(product_id: int) -> int:
    """How many photos a product has that are or will be ready."""
    query = select(func.count()).where(
        ProductPhoto.product_id == product_id,
        ProductPhoto.removed_at.is_(None),
        ProductPhoto.state != PhotoState.FAILED,
    )
    return db.session.scalar(query) or 0


def own_photo(actor: Actor, photo_id: int) -> ProductPhoto | None:
    """A photo of the actor's own seller; None when it is a stranger's."""
    query = (
        select(ProductPhoto)
        .join(Product, Product.id == ProductPhoto.product_id)
        .where(ProductPhoto.id == photo_id, Product.seller_id == actor.seller_id)
    )
    return db.session.scalar(query)


def product_of_seller(actor: Actor, product_id: int) -> Product | None:
    """A product of the actor's own seller, be it a nameless draft; None when it is a stranger's."""
    query = select(Product).where(Product.id == product_id, Product.seller_id == actor.seller_id)
    return db.session.scalar(query)


def product_by_key(actor: Actor, client_key: str) -> int | None:
    """The product of the actor's own seller that has a photo which the phone calls so."""
    query = (
        select(Product.id)
        .join(ProductPhoto, ProductPhoto.product_id == Product.id)
        .where(Product.seller_id == actor.seller_id, ProductPhoto.client_key == client_key[:64])
        .limit(1)
    )
    return db.session.scalar(query)
