"""Which photos stand on a product's page: the cover, held ones shown or dropped, all of them forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from ... import clock, outbox, signals
from ..models import PhotoState, Product, ProductPhoto
from ..rules.photos import Shape

FORGET = "photo.forget"


def refresh_cover(session: Session, product_id: int) -> None:
    """Let the product (and its variants, which wear the same) show the first photo that may be seen.

    Call it inside a unit of work in which the seller's row is locked.
    """
    session.flush()
    cover = shown_cover(session, product_id)
    session.execute(
        update(Product)
        .where(
            or_(Product.id == product_id, Product.main_id == product_id),
            Product.cover.is_distinct_from(cover),
        )
        .values(cover=cover)
        .execution_options(synchronize_session="fetch")
    )
    signals.product_changed.send(session, product_ids=[product_id])


def shown_cover(session: Session, product_id: int) -> str | None:
    """What Product.cover must say."""
    columns: tuple[Any, ...] = (ProductPhoto.stem, ProductPhoto.width, ProductPhoto.height)
    query = (
        select(*columns)
        .where(
            ProductPhoto.product_id == product_id,
            ProductPhoto.state == PhotoState.READY,
            ProductPhoto.removed_at.is_(None),
            ProductPhoto.is_held.is_(False),
        )
        .order_by(ProductPhoto.position, ProductPhoto.id)
        .limit(1)
    )
    first = session.execute(query).one_or_none()
    return Shape(*first).word if first else None


def show_held(session: Session, product_id: int) -> None:
    """The office agreed: let everybody see the photos that waited."""
    session.execute(
        update(ProductPhoto)
        .where(
            ProductPhoto.product_id == product_id,
            ProductPhoto.is_held.is_(True),
            ProductPhoto.removed_at.is_(None),
        )
        .values(is_held=False)
        .execution_options(synchronize_session="fetch")
    )
    refresh_cover(session, product_id)


def drop_held(session: Session, product_id: int) -> None:
    """The office said no, or the seller took them back: take the photos that waited away."""
    session.execute(
        update(ProductPhoto)
        .where(
            ProductPhoto.product_id == product_id,
            ProductPhoto.is_held.is_(True),
            ProductPhoto.removed_at.is_(None),
        )
        .values(removed_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )
    refresh_cover(session, product_id)


def forget_photos(session: Session, product_id: int) -> None:
    """Delete all photos of a product that is about to be deleted; their files follow."""
    photos = session.scalars(select(ProductPhoto).where(ProductPhoto.product_id == product_id)).all()
    for photo in photos:
        outbox.enqueue(session, FORGET, {"stem": photo.stem, "upload": photo.upload})
    session.execute(delete(ProductPhoto).where(ProductPhoto.product_id == product_id))
