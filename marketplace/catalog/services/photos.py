"""Photos of a product: added once however often they are sent, put in order, described, taken away."""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock, images, outbox, signals
from ...backends.storage import StorageFailed, current_storage
from ...db import db, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken, Unavailable
from ...i18n import _
from ...permissions import Actor
from ...texts import one_line
from ..models import PhotoState, Product, ProductPhoto, ProductState
from ..rules import photos as rules
from .access import own_product, require_editor
from .curation import hold_back
from .photo_shelf import refresh_cover

PREPARE = "photo.prepare"
ON_SALE = (ProductState.LIVE, ProductState.PAUSED)


def add_photo(*, actor: Actor, product_id: int, content: bytes, client_key: str = "") -> ProductPhoto:
    """Take a photo of a product; the worker makes its files. The same photo sent again is the same row.

    Raises InvalidInput with a sentence when it is no photo that we take, RuleBroken when there is no room,
    NotFound for a stranger's product, Unavailable when the store does not answer.
    """
    require_editor(actor)
    try:
        images.inspect(content, current_app.config["PHOTO_MAX_BYTES"])
    except images.BadImage as error:
        raise InvalidInput(error.message, fields={"photos": error.message}) from error
    digest = hashlib.sha256(content).hexdigest()
    key = one_line(client_key)[:64] or digest
    known = _sent_before(db.session(), product_id, key, digest)
    if known is not None:
        return _own_photo(db.session(), actor, known.id)
    upload = f"uploads/{clock.now():%Y-%m-%d}/{secrets.token_hex(10)}"
    _keep(upload, content)
    photo = None
    try:
        photo = _add(actor, product_id, upload, len(content), digest, key)
    finally:
        if photo is None or photo.upload != upload:  # refused, or another request was faster with it
            current_storage().delete(upload)
    return photo


def _keep(upload: str, content: bytes) -> None:
    try:
        current_storage().put(upload, content)
    except StorageFailed as error:
        raise Unavailable(_("Foto belum bisa disimpan sekarang. Coba lagi beberapa menit lagi.")) from error


@retry_on_conflict
def _add(
    actor: Actor, product_id: int, upload: str, upload_bytes: int, digest: str, key: str
) -> ProductPhoto:
    with unit_of_work() as session:
        product, region = own_product(session, actor, product_id)
        known = _sent_before(session, product.id, key, digest)
        if known is not None:
            return known
        _refuse_without_room(session, product, upload_bytes)
        photo = ProductPhoto(
            product_id=product.id,
            client_key=key,
            stem=upload.rpartition("/")[2],
            digest=digest,
            position=_next_position(session, product.id),
            state=PhotoState.WAITING,
            is_held=False,
            upload=upload,
            upload_bytes=upload_bytes,
            created_at=clock.now(),
        )
        photo.is_held = _must_wait(session, actor, product, photo)
        session.add(photo)
        session.flush()
        outbox.enqueue(session, PREPARE, {"photo_id": photo.id})
        audit.record(
            session, actor, "product.photo_added", product, after={"photo": photo.stem}, region=region
        )
        signals.product_changed.send(session, product_ids=[product.id])
        return photo


def _sent_before(session: Session, product_id: int, key: str, digest: str) -> ProductPhoto | None:
    """The photo that this upload is already: by the phone's own name for it, or by its content."""
    by_key = select(ProductPhoto).where(ProductPhoto.product_id == product_id, ProductPhoto.client_key == key)
    by_content = select(ProductPhoto).where(
        ProductPhoto.product_id == product_id,
        ProductPhoto.digest == digest,
        ProductPhoto.removed_at.is_(None),
        ProductPhoto.state != PhotoState.FAILED,
    )
    return session.scalar(by_key) or session.scalars(by_content.order_by(ProductPhoto.id).limit(1)).first()


def _refuse_without_room(session: Session, product: Product, upload_bytes: int) -> None:
    if product.main_id is not None:
        raise RuleBroken(_("Varian memakai foto produk utamanya. Tambahkan foto di produk utama."))
    count = session.scalar(
        select(func.count()).where(ProductPhoto.product_id == product.id, ProductPhoto.removed_at.is_(None))
    )
    if (count or 0) >= rules.MAX_PHOTOS:
        raise RuleBroken(
            _(
                "Satu produk paling banyak %(most)d foto. Hapus satu dulu, lalu unggah lagi.",
                most=rules.MAX_PHOTOS,
            ),
            code="too_many_photos",
            most=rules.MAX_PHOTOS,
        )
    quota_mb = current_app.config["PHOTO_QUOTA_MB"]
    used = bytes_of_seller(session, product.seller_id)
    if used + upload_bytes > quota_mb * rules.MEGABYTE:
        raise RuleBroken(
            _(
                "Ruang foto Anda penuh: %(used)d dari %(quota)d MB terpakai. Hapus foto yang tidak dipakai, "
                "lalu unggah lagi.",
                used=round(used / rules.MEGABYTE),
                quota=quota_mb,
            ),
            code="photo_quota",
            used_bytes=used,
            quota_bytes=quota_mb * rules.MEGABYTE,
        )


def bytes_of_seller(session: Session, seller_id: int) -> int:
    """How much room a seller's photos take: what was made of them, or the upload until then."""
    taken = func.sum(func.coalesce(func.nullif(ProductPhoto.kept_bytes, 0), ProductPhoto.upload_bytes))
    query = (
        select(taken)
        .join(Product, Product.id == ProductPhoto.product_id)
        .where(Product.seller_id == seller_id, ProductPhoto.removed_at.is_(None))
    )
    return int(session.scalar(query) or 0)


def _next_position(session: Session, product_id: int) -> int:
    last = session.scalar(
        select(func.max(ProductPhoto.position)).where(ProductPhoto.product_id == product_id)
    )
    return (last or 0) + 1


def _must_wait(session: Session, actor: Actor, product: Product, photo: ProductPhoto) -> bool:
    """Whether the office looks at a new photo first."""
    if product.state not in ON_SALE:
        return False
    stems = [one.stem for one in _in_order(session, product.id) if not one.is_held]
    held = [one.stem for one in _in_order(session, product.id) if one.is_held]
    after = {"photos": [*stems, *held, photo.stem]}
    return "photos" not in hold_back(session, product, {"photos": stems}, after, actor)


def _in_order(session: Session, product_id: int) -> list[ProductPhoto]:
    query = (
        select(ProductPhoto)
        .where(ProductPhoto.product_id == product_id, ProductPhoto.removed_at.is_(None))
        .order_by(ProductPhoto.position, ProductPhoto.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def move_photo(*, actor: Actor, photo_id: int, steps: int) -> ProductPhoto:
    """Move a photo some places: -1 one to the front, a large negative number makes it the cover."""
    with unit_of_work() as session:
        photo = _own_photo(session, actor, photo_id)
        order = [one.id for one in _in_order(session, photo.product_id)]
        if photo.id in order:
            order_photos(actor=actor, product_id=photo.product_id, order=rules.moved(order, photo.id, steps))
        return photo


@retry_on_conflict
def order_photos(*, actor: Actor, product_id: int, order: list[int]) -> Product:
    """Put the photos of a product in this order of ids; ids that are not its own are left out."""
    require_editor(actor)
    with unit_of_work() as session:
        product, region = own_product(session, actor, product_id)
        photos = {photo.id: photo for photo in _in_order(session, product.id)}
        before = list(photos)
        after = rules.arranged(before, order)
        if after == before:
            return product
        for position, number in enumerate(after, start=1):
            photos[number].position = position
        audit.record(
            session,
            actor,
            "product.photos_ordered",
            product,
            before={"photos": [photos[number].stem for number in before]},
            after={"photos": [photos[number].stem for number in after]},
            region=region,
        )
        refresh_cover(session, product.id)
        return product


@retry_on_conflict
def describe_photo(*, actor: Actor, photo_id: int, alt: str) -> ProductPhoto:
    """Say in words what is to be seen, for people who cannot see it."""
    with unit_of_work() as session:
        photo = _own_photo(session, actor, photo_id)
        words = one_line(alt)
        if len(words) > rules.MAX_ALT:
            sentence = _("Keterangan foto paling panjang %(most)d huruf.", most=rules.MAX_ALT)
            raise InvalidInput(sentence, fields={"alt": sentence})
        if photo.alt != words:
            _note(session, actor, photo, "product.photo_described", {"alt": photo.alt}, {"alt": words})
            photo.alt = words
            refresh_cover(session, photo.product_id)
        return photo


@retry_on_conflict
def remove_photo(*, actor: Actor, photo_id: int) -> ProductPhoto:
    """Take a photo away; it can be brought back for a day."""
    with unit_of_work() as session:
        photo = _own_photo(session, actor, photo_id)
        if photo.removed_at is None:
            photo.removed_at = clock.now()
            if session.get_one(Product, photo.product_id).state not in ON_SALE:
                photo.is_held = True  # nobody has seen it: it may come back only by way of the office
            _note(session, actor, photo, "product.photo_removed", {"photo": photo.stem}, None)
            refresh_cover(session, photo.product_id)
            _tell_office(session, actor, photo)
        return photo


@retry_on_conflict
def restore_photo(*, actor: Actor, photo_id: int) -> ProductPhoto:
    """Bring a photo back that was taken away, at the end of the row."""
    with unit_of_work() as session:
        photo = _own_photo(session, actor, photo_id)
        if photo.removed_at is not None:
            product = session.get_one(Product, photo.product_id)
            _refuse_without_room(session, product, photo.kept_bytes)
            photo.removed_at = None
            photo.is_held = photo.is_held and product.state in ON_SALE
            photo.position = _next_position(session, photo.product_id)
            _note(session, actor, photo, "product.photo_restored", None, {"photo": photo.stem})
            refresh_cover(session, photo.product_id)
            _tell_office(session, actor, photo)
        return photo


def _tell_office(session: Session, actor: Actor, photo: ProductPhoto) -> None:
    """A photo that waits was taken away or came back: what the office is asked changes with it."""
    product = session.get_one(Product, photo.product_id)
    if not photo.is_held or product.state not in ON_SALE:
        return
    session.flush()
    photos = _in_order(session, product.id)
    before = {"photos": [one.stem for one in photos if not one.is_held]}
    after = {"photos": [*before["photos"], *(one.stem for one in photos if one.is_held)]}
    hold_back(session, product, before, after, actor)


def _own_photo(session: Session, actor: Actor, photo_id: int) -> ProductPhoto:
    """The photo, read anew under its seller's lock; NotFound when it is a stranger's."""
    require_editor(actor)
    photo = session.get(ProductPhoto, photo_id)
    if photo is None:
        raise NotFound(_("Foto ini tidak ada, atau bukan milik Anda."))
    own_product(session, actor, photo.product_id)
    session.refresh(photo)
    return photo


def _note(
    session: Session,
    actor: Actor,
    photo: ProductPhoto,
    action: str,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
) -> None:
    product, region = own_product(session, actor, photo.product_id)
    audit.record(session, actor, action, product, before=before, after=after, region=region)
