"""Files of photos, in the worker: made from the upload, swept away, compared with what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import audits, clock, images, outbox, signals
from ...backends.storage import Storage, current_storage
from ...db import db, unit_of_work
from ...organizations.models import Seller
from ..models import PhotoState, Product, ProductPhoto
from ..rules import photos as rules
from .photo_shelf import FORGET, forget_photos, refresh_cover, shown_cover
from .photos import PREPARE

log = structlog.get_logger()
KEEP_REMOVED = timedelta(days=1)
KEEP_UPLOADS = timedelta(days=2)
"""An upload is stored before its row is; what is older and belongs to none was left by a broken request."""


def prepare_photo(payload: dict[str, Any]) -> None:
    """Make the files of a photo and delete the upload. Safe to run twice, and to be killed anywhere.

    The files are written first, each whole, under names that only this photo has; then one transaction says
    that they are there; then the upload goes. What a kill leaves in between is done again, or swept.
    """
    photo = db.session.get(ProductPhoto, payload["photo_id"], populate_existing=True)
    if photo is None or photo.state != PhotoState.WAITING or photo.upload is None:
        return
    store, photo_id, stem, upload = current_storage(), photo.id, photo.stem, photo.upload
    like, shape = payload.get("like"), (photo.width or 0, photo.height or 0)
    db.session.rollback()  # nothing is held while the photo is made
    try:
        made = _copied(store, like, shape) if like else None
        made = made or images.make(store.get(upload), rules.SIZES)
    except (images.BadImage, LookupError) as error:
        log.warning("photo failed", photo=photo_id, error=type(error).__name__)
        _settle(photo_id, None)
        return
    for one in made.renditions:
        store.put(rules.file_key(stem, one.size, one.format), one.data)
    if _settle(photo_id, made):
        store.delete(upload)
    else:
        _delete_files(store, stem, upload)


def _copied(store: Storage, stem: str, shape: tuple[int, int]) -> images.Made | None:
    """The files of another photo as they are; None when one of them is gone."""
    try:
        renditions = tuple(
            images.Rendition(size, file_format, store.get(rules.file_key(stem, size, file_format)))
            for size in rules.SIZES
            for file_format in rules.FORMATS
        )
    except LookupError:
        return None
    return images.Made(*shape, renditions)


def _settle(photo_id: int, made: images.Made | None) -> bool:
    """Say what became of a photo; False when it was deleted meanwhile."""
    with unit_of_work() as session:
        photo = _locked(session, photo_id)
        if photo is None:
            return False
        if photo.state != PhotoState.WAITING:
            return True
        if made is None:
            photo.state, photo.ready_at = PhotoState.FAILED, clock.now()
        else:
            photo.state, photo.ready_at = PhotoState.READY, clock.now()
            photo.width, photo.height = made.width, made.height
            photo.kept_bytes = sum(len(one.data) for one in made.renditions)
            photo.upload = None
        refresh_cover(session, photo.product_id)
        return True


def _locked(session: Session, photo_id: int) -> ProductPhoto | None:
    """The photo as it is now, under its seller's lock."""
    seller_of = (
        select(Product.seller_id)
        .join(ProductPhoto, ProductPhoto.product_id == Product.id)
        .where(ProductPhoto.id == photo_id)
    )
    seller_id = session.scalar(seller_of)
    if seller_id is None:
        return None
    session.get_one(Seller, seller_id, with_for_update=True)
    query = select(ProductPhoto).where(ProductPhoto.id == photo_id)
    return session.scalar(query.execution_options(populate_existing=True))


def forget_files(payload: dict[str, Any]) -> None:
    """Delete the files of a photo whose row is gone. Safe to run twice."""
    _delete_files(current_storage(), payload["stem"], payload["upload"])


def _delete_files(store: Storage, stem: str, upload: str | None) -> None:
    for key in rules.file_keys(stem):
        store.delete(key)
    if upload:
        store.delete(upload)


def sweep_photos() -> None:
    """Once a night: photos taken away over a day ago go for good, and so do files that belong to none."""
    with unit_of_work() as session:
        old = ProductPhoto.removed_at < clock.now() - KEEP_REMOVED
        for stem, upload in session.execute(select(ProductPhoto.stem, ProductPhoto.upload).where(old)):
            outbox.enqueue(session, FORGET, {"stem": stem, "upload": upload})
        session.execute(delete(ProductPhoto).where(old).execution_options(synchronize_session="fetch"))
    store = current_storage()
    for key in orphans(store):
        store.delete(key)


def orphans(store: Storage) -> Iterator[str]:
    """Files that belong to no photo. The files are listed first: what is stored later is not looked at."""
    made, uploads = list(store.keys("photos/")), list(store.keys("uploads/"))
    stems = set(db.session.scalars(select(ProductPhoto.stem)))
    wanted = set(db.session.scalars(select(ProductPhoto.upload).where(ProductPhoto.upload.is_not(None))))
    db.session.rollback()
    yield from (key for key in made if rules.stem_of_key(key) not in stems)
    young = f"uploads/{clock.now() - KEEP_UPLOADS:%Y-%m-%d}"
    yield from (key for key in uploads if key not in wanted and key < young)


def audit_photos() -> Iterator[str]:
    """What differs between photos, their files, and the covers that products wear."""
    columns = (ProductPhoto.stem, ProductPhoto.state, ProductPhoto.upload, ProductPhoto.product_id)
    photos = db.session.execute(select(*columns)).all()
    if photos:
        there = {*current_storage().keys("photos/"), *current_storage().keys("uploads/")}
        for stem, state, upload, product_id in photos:
            needed = rules.file_keys(stem) if state == PhotoState.READY else [upload or ""]
            missing = [key for key in needed if key not in there]
            if missing and not _has_moved_on(stem, state):
                yield f"photo {stem} of product {product_id} lacks {', '.join(missing)}"
    query = select(Product.id, Product.main_id, Product.cover).where(
        Product.cover.is_not(None) | Product.id.in_(select(ProductPhoto.product_id))
    )
    for product_id, main_id, cover in db.session.execute(query):
        if cover != (right := shown_cover(db.session(), main_id or product_id)):
            yield f"product {product_id} wears {cover}, its first photo is {right}"


def _has_moved_on(stem: str, state: str) -> bool:
    """Whether the worker finished a photo, or it was deleted, while the audit looked at the files."""
    db.session.rollback()
    return db.session.scalar(select(ProductPhoto.state).where(ProductPhoto.stem == stem)) != state


def _forget_with_products(session: Session, product_ids: list[int]) -> None:
    for product_id in product_ids:
        forget_photos(session, product_id)


def register(app: Any) -> None:
    """Tell the worker and the audit what they do for photos, and have photos go with their products."""
    signals.products_deleting.connect(_forget_with_products)
    outbox.handles(PREPARE)(prepare_photo)
    outbox.handles(FORGET)(forget_files)
    audits.register(app, "photos", audit_photos)
