"""Photos of a product go along to its copy: files of their own, so neither loses what the other drops."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, outbox
from ...backends.storage import StorageFailed, current_storage
from ...db import unit_of_work
from ...errors import Unavailable
from ...i18n import _
from ...permissions import Actor
from ..models import PhotoState, Product, ProductPhoto
from ..rules import photos as rules
from .access import own_product
from .photos import PREPARE, bytes_of_seller

LARGEST = (max(rules.SIZES), "jpg")
COPIED = ("client_key", "digest", "alt", "width", "height", "kept_bytes")


@dataclass(frozen=True)
class PhotoCopy:
    """A photo as it was read, and the upload that was kept for its copy.

    `like` names the files that the worker copies as they are; None when they are not made yet. Should they
    be gone by then, the copy is made from its upload.
    """

    like: str | None
    upload: str
    upload_bytes: int
    values: dict[str, object]

    @property
    def room(self) -> int:
        """How many bytes the copy takes."""
        kept = self.values["kept_bytes"]
        return kept if isinstance(kept, int) and kept else self.upload_bytes


def keep_uploads(actor: Actor, product_id: int) -> list[PhotoCopy]:
    """Keep an upload for the copy of each photo of a product, in order; before its rows are written.

    Raises NotFound for a stranger's product, Unavailable when the store does not answer.
    """
    with unit_of_work() as session:
        product, _region = own_product(session, actor, product_id)
        query = (
            select(ProductPhoto)
            .where(
                ProductPhoto.product_id == product.id,
                ProductPhoto.removed_at.is_(None),
                ProductPhoto.state != PhotoState.FAILED,
            )
            .order_by(ProductPhoto.position, ProductPhoto.id)
        )
        photos = [(one.stem, one.upload, _values(one)) for one in session.scalars(query)]
    copies: list[PhotoCopy] = []
    store = current_storage()
    try:
        for stem, upload, values in photos:
            try:
                content = store.get(upload or rules.file_key(stem, *LARGEST))
            except LookupError:  # taken away meanwhile
                continue
            name = f"uploads/{clock.now():%Y-%m-%d}/{secrets.token_hex(10)}"
            copies.append(PhotoCopy(None if upload else stem, name, len(content), values))
            store.put(name, content)
    except StorageFailed as error:
        forget_uploads(copies)
        raise Unavailable(_("Foto belum bisa disalin sekarang. Coba lagi beberapa menit lagi.")) from error
    return copies


def _values(photo: ProductPhoto) -> dict[str, object]:
    return {name: getattr(photo, name) for name in COPIED}


def write_copies(session: Session, twin: Product, copies: Sequence[PhotoCopy]) -> list[PhotoCopy]:
    """Hang the copies on a new product as far as its seller has room; answers those that were left.

    Call it inside a unit of work in which the seller's row is locked.
    """
    room = current_app.config["PHOTO_QUOTA_MB"] * rules.MEGABYTE - bytes_of_seller(session, twin.seller_id)
    left: list[PhotoCopy] = []
    for position, copy in enumerate(copies, start=1):
        if left or copy.room > room:
            left.append(copy)
            continue
        room -= copy.room
        photo = ProductPhoto(
            product_id=twin.id,
            stem=copy.upload.rpartition("/")[2],
            position=position,
            state=PhotoState.WAITING,
            upload=copy.upload,
            upload_bytes=copy.upload_bytes,
            created_at=clock.now(),
            **copy.values,
        )
        session.add(photo)
        session.flush()
        outbox.enqueue(session, PREPARE, {"photo_id": photo.id, "like": copy.like})
    return left


def forget_uploads(copies: Sequence[PhotoCopy]) -> None:
    """Delete uploads that no row speaks of."""
    for copy in copies:
        try:
            current_storage().delete(copy.upload)
        except StorageFailed:  # swept at night
            return
