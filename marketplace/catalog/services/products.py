"""Products: drafted, changed, duplicated, paused, shown again, thrown away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...db import retry_on_conflict, unit_of_work
from ...errors import RuleBroken
from ...i18n import _
from ...permissions import Actor
from ..models import PriceTier, Product, ProductState
from ..values import ProductValues
from . import curation, photo_copies
from .access import own_product, own_seller, require_editor, variants_of
from .columns import columns_of, flush_sku, next_sku, stored_columns, stored_tiers, write_columns
from .family import hand_in_new_variants
from .photo_copies import PhotoCopy
from .sharing import share_with_variants

NOT_COPIED = {"id", "sku", "gtin", "state", "cover", "readiness", "first_live_at", "created_at", "updated_at"}


@retry_on_conflict
def create_product(*, actor: Actor, seller_id: int, values: ProductValues) -> Product:
    """A new product on a seller's list: a draft of the seller's, or live at once by the office's hand.

    Raises NotFound for a stranger's seller, InvalidInput with a sentence for each field.
    """
    require_editor(actor)
    with unit_of_work() as session:
        seller, region = own_seller(session, actor, seller_id)
        state = ProductState.DRAFT if actor.seller_id else ProductState.LIVE
        columns = columns_of(session, seller.id, values, None, state)
        product = _add(session, seller.id, columns["sku"], state, columns)
        audit.record(session, actor, "product.created", product, after=columns, region=region)
        signals.product_changed.send(session, product_ids=[product.id])
        return product


@retry_on_conflict
def create_draft(*, actor: Actor, seller_id: int) -> Product:
    """An empty draft to hang photos on; whatever is known comes later."""
    require_editor(actor)
    with unit_of_work() as session:
        seller, region = own_seller(session, actor, seller_id)
        product = _add(session, seller.id, next_sku(session, seller.id), ProductState.DRAFT, {})
        audit.record(session, actor, "product.created", product, region=region)
        signals.product_changed.send(session, product_ids=[product.id])
        return product


@retry_on_conflict
def change_product(*, actor: Actor, product_id: int, values: ProductValues) -> Product:
    """Store what changed in a product; the same values again change nothing.

    What the office has to look at first waits (curation), while the old version stays on sale.
    """
    require_editor(actor)
    with unit_of_work() as session:
        product, region = own_product(session, actor, product_id)
        wanted = columns_of(session, product.seller_id, values, product, product.state)
        known = stored_columns(session, product)
        allowed = curation.hold_back(session, product, known, wanted, actor)
        after = {name: value for name, value in allowed.items() if value != known[name]}
        if not after:
            return product
        write_columns(session, product, after)
        product.updated_at = clock.now()
        share_with_variants(session, product, after)
        session.flush()
        before = {name: known[name] for name in after}
        audit.record(session, actor, "product.changed", product, before=before, after=after, region=region)
        signals.product_changed.send(session, product_ids=[product.id])
        return product


def duplicate_product(*, actor: Actor, product_id: int) -> Product:
    """A draft like another product, with its prices, variants and photos; barcodes are not copied.

    Photos for which the seller has no room stay behind. Raises NotFound for a stranger's product,
    Unavailable when the store of photos does not answer.
    """
    require_editor(actor)
    photos = photo_copies.keep_uploads(actor, product_id)
    left = photos
    try:
        twin, left = _duplicate(actor, product_id, photos)
    finally:
        photo_copies.forget_uploads(left)
    return twin


@retry_on_conflict
def _duplicate(actor: Actor, product_id: int, photos: list[PhotoCopy]) -> tuple[Product, list[PhotoCopy]]:
    with unit_of_work() as session:
        product, region = own_product(session, actor, product_id)
        name = _("%(name)s (salinan)", name=product.name)[:300] if product.name else ""
        twin = _copy(session, product, name=name)
        for variant in variants_of(session, product.id):
            if not variant.is_dropped:
                _copy(session, variant, main_id=twin.id)
        left = photo_copies.write_copies(session, twin, photos)
        audit.record(session, actor, "product.duplicated", twin, after={"like": product.sku}, region=region)
        signals.product_changed.send(session, product_ids=[twin.id])
        return twin, left


def _copy(session: Session, product: Product, **changes: Any) -> Product:
    names = [column.key for column in Product.__table__.columns if column.key not in NOT_COPIED]
    columns = {name: getattr(product, name) for name in names} | changes
    sku = next_sku(session, product.seller_id)
    twin = _add(session, columns.pop("seller_id"), sku, ProductState.DRAFT, columns)
    write_columns(session, twin, {"tiers": stored_tiers(session, product.id)})
    return twin


def _add(session: Session, seller_id: int, sku: str, state: ProductState, columns: dict[str, Any]) -> Product:
    """One row with everything in it; what is not said is blank."""
    now = clock.now()
    plain = {"name": "", "price_rupiah": 0} | {
        name: value for name, value in columns.items() if name not in {"sku", "tiers"}
    }
    product = Product(
        seller_id=seller_id,
        sku=sku,
        state=state,
        first_live_at=now if state == ProductState.LIVE else None,
        created_at=now,
        updated_at=now,
        **plain,
    )
    session.add(product)
    flush_sku(session, sku)
    if columns.get("tiers"):
        write_columns(session, product, {"tiers": columns["tiers"]})
    return product


@retry_on_conflict
def delete_draft(*, actor: Actor, product_id: int) -> None:
    """Throw a draft away for good, with its variants and photos. Raises RuleBroken for anything else."""
    require_editor(actor)
    with unit_of_work() as session:
        product, region = own_product(session, actor, product_id)
        rows = [*variants_of(session, product.id), product]
        if any(row.state != ProductState.DRAFT or row.first_live_at is not None for row in rows):
            raise RuleBroken(
                _("Hanya draf yang bisa dihapus. Produk yang pernah tampil bisa dijeda; riwayatnya tetap.")
            )
        ids = [row.id for row in rows]
        audit.record(session, actor, "product.deleted", product, before={"name": product.name}, region=region)
        signals.products_deleting.send(session, product_ids=ids)
        session.execute(delete(PriceTier).where(PriceTier.product_id.in_(ids)))
        for row in rows:
            session.delete(row)
            session.flush()


def pause_product(*, actor: Actor, product_id: int) -> Product:
    """Take a product and its variants off the public shelf; agreements and stock stay as they are."""
    return _move(
        actor=actor,
        product_id=product_id,
        old=ProductState.LIVE,
        new=ProductState.PAUSED,
        action="product.paused",
        refusal=_("Hanya produk yang sedang tampil yang bisa dijeda."),
    )


def resume_product(*, actor: Actor, product_id: int) -> Product:
    """Put a paused product back on the public shelf, with the variants that are still made."""
    return _move(
        actor=actor,
        product_id=product_id,
        old=ProductState.PAUSED,
        new=ProductState.LIVE,
        action="product.resumed",
        refusal=_("Hanya produk yang dijeda yang bisa ditampilkan lagi. Draf dikirim dulu ke Dinas."),
    )


@retry_on_conflict
def _move(
    *, actor: Actor, product_id: int, old: ProductState, new: ProductState, action: str, refusal: str
) -> Product:
    require_editor(actor)
    with unit_of_work() as session:
        product, region = own_product(session, actor, product_id)
        if product.state == new:
            return product
        if product.state != old:
            raise RuleBroken(refusal)
        variants = variants_of(session, product.id)
        followers = [row for row in variants if row.state == old and not row.is_dropped]
        now = clock.now()
        for row in (product, *followers):
            row.state = new
            row.updated_at = now
        audit.record(session, actor, action, product, region=region)
        session.flush()
        signals.product_changed.send(session, product_ids=[product.id, *(row.id for row in followers)])
        hand_in_new_variants(session, actor, product)
        return product
