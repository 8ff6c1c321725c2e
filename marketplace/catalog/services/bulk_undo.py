"""Taking a whole import back: only what nobody has changed since, and saying what was left."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, outbox
from ...db import db, unit_of_work
from ...errors import Conflict, MarketplaceError
from ...i18n import _
from ...importing import ImportRun
from ...importing.book import plain
from ...importing.queries import run_for
from ...importing.services import actor_of
from ...permissions import Actor, Permission
from ..models import Product, ProductImport, ProductImportRow, ProductPhoto, ProductState
from ..queries.bulk import FileState, file_states
from ..values import VariantValues
from .access import own_seller, variants_of
from .bulk import as_it_is, values_of
from .photos import remove_photo
from .products import change_product, delete_draft
from .variants import save_variants

UNDO = "bulk.undo"
STEP_S = 8.0


def undo_import(*, actor: Actor, run_id: int) -> ProductImport:
    """Have an import taken back by the worker. Asking twice changes nothing.

    Raises NotFound for a stranger's, Conflict while it still writes or takes photos.
    """
    actor.require(Permission.PRODUCT_EDIT)
    run = run_for(actor, run_id)
    with unit_of_work() as session:
        own_seller(session, actor, actor.seller_id or 0)
        sheet = session.get(ProductImport, run.id, populate_existing=True)
        if sheet is None or sheet.photos_state in {"waiting", "running"}:
            raise Conflict(_("Impor ini masih berjalan. Tunggu sampai selesai, lalu batalkan."))
        if sheet.undo_state == "none":
            sheet.undo_state = "waiting"
            audit.record(session, actor, "import.undo_asked", run, region=run.region)
            outbox.enqueue(session, UNDO, {"run_id": run.id})
        return sheet


def take_back(payload: dict[str, Any]) -> None:
    """A step of taking an import back: the last product first, each in a transaction of its own."""
    run = db.session.get_one(ImportRun, payload["run_id"], populate_existing=True)
    actor, run_id = actor_of(run), run.id
    until = time.monotonic() + STEP_S
    while time.monotonic() < until:
        with unit_of_work() as session:
            own_seller(session, actor, actor.seller_id or 0)
            sheet = session.get_one(ProductImport, run_id, populate_existing=True)
            row = _next(session, run_id)
            if sheet.undo_state not in {"waiting", "running"}:
                return
            sheet.undo_state = "running"
            if row is None:
                sheet.undo_state, sheet.undone_at = "done", clock.now()
                return
            row_id = row.id
        _take_back_row(actor, row_id)
    with unit_of_work() as session:
        outbox.enqueue(session, UNDO, {"run_id": run_id})


def _next(session: Session, run_id: int) -> ProductImportRow | None:
    query = (
        select(ProductImportRow)
        .where(ProductImportRow.run_id == run_id, ProductImportRow.outcome == "")
        .order_by(ProductImportRow.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def _take_back_row(actor: Actor, row_id: int) -> None:
    """One product; whatever stands in the way is why it is left."""
    reason = ""
    try:
        with unit_of_work() as session:
            own_seller(session, actor, actor.seller_id or 0)
            row = session.get_one(ProductImportRow, row_id, populate_existing=True)
            if row.outcome:
                return
            reason = _undo(session, actor, row)
            row.outcome, row.reason = ("left", reason) if reason else ("undone", "")
    except MarketplaceError as error:
        with unit_of_work() as session:
            row = session.get_one(ProductImportRow, row_id, populate_existing=True)
            row.outcome, row.reason = "left", error.message


def _undo(session: Session, actor: Actor, row: ProductImportRow) -> str:
    """Take back what the import did to one product; answers why not, '' when it did."""
    product = session.get(Product, row.product_id, populate_existing=True)
    if product is None or product.is_dropped:
        return "" if row.was_created else _("Produk ini sudah dihapus.")
    now = file_states(session, product.seller_id, [product.sku]).get(product.sku)
    if now is None:
        return _("Produk ini sudah dihapus.")
    if not _is_untouched(now, row):
        return _("Sudah diubah sesudah impor.")
    if row.was_created:
        return _delete(session, actor, product, row)
    if row.after:
        _restore(session, actor, product, now, row)
    for photo_id in row.photo_ids:
        photo = session.get(ProductPhoto, photo_id)
        if photo is not None and photo.removed_at is None:
            remove_photo(actor=actor, photo_id=photo_id)
    return ""


def _is_untouched(now: FileState, row: ProductImportRow) -> bool:
    return all(plain(now.columns.get(name)) == plain(value) for name, value in row.after.items())


def _delete(session: Session, actor: Actor, product: Product, row: ProductImportRow) -> str:
    if product.state != ProductState.DRAFT or product.first_live_at is not None:
        return _("Sudah dikirim ke Dinas atau sudah tampil.")
    own = set(row.photo_ids)
    photos = session.scalars(select(ProductPhoto.id).where(ProductPhoto.product_id == product.id))
    if set(photos) - own:
        return _("Sudah diberi foto sesudah impor.")
    if product.main_id is None:
        if variants_of(session, product.id):
            return _("Sudah diberi varian sesudah impor.")
        delete_draft(actor=actor, product_id=product.id)
    else:
        _keep_variants(session, actor, product, without=product.id)
    return ""


def _restore(session: Session, actor: Actor, product: Product, now: FileState, row: ProductImportRow) -> None:
    columns = {**now.columns, **row.before}
    if product.main_id is None:
        change_product(actor=actor, product_id=product.id, values=values_of(columns))
        return
    old = VariantValues(
        name=columns["variant_name"],
        price_rupiah=columns["price_rupiah"],
        product_id=product.id,
        sku=product.sku,
        gtin=columns["gtin"],
        net_weight_g=columns["net_weight_g"],
    )
    _keep_variants(session, actor, product, instead=old)


def _keep_variants(
    session: Session,
    actor: Actor,
    variant: Product,
    *,
    without: int | None = None,
    instead: VariantValues | None = None,
) -> None:
    """Store the variants of a main product with one of them changed back or gone."""
    rows = []
    for one in variants_of(session, variant.main_id or 0):
        if one.id == without or one.is_dropped:
            rows += [VariantValues(one.variant_name, one.price_rupiah, one.id, is_dropped=True)]
        else:
            rows.append(instead if instead is not None and one.id == variant.id else as_it_is(one))
    save_variants(actor=actor, product_id=variant.main_id or 0, axis=variant.variant_axis, rows=rows)
