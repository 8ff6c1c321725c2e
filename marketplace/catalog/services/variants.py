"""Sizes, flavours and colours: products of their own that share the face of their main one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Actor
from .. import rules
from ..models import Product, ProductState
from ..values import VariantValues
from . import curation
from .access import own_product, require_editor, variants_of
from .columns import flush_sku, next_sku
from .family import ON_SALE, hand_in_new_variants
from .sharing import SHARED, variant_full_name

MAX_VARIANTS = 30


@retry_on_conflict
def save_variants(
    *, actor: Actor, product_id: int, axis: str, rows: Sequence[VariantValues], own_name: str = ""
) -> list[Product]:
    """Make the variants of a product what the rows say; the rows name every variant that stays.

    The main product is one of the choices, under `own_name` ('200 g').
    A dropped one that was never on sale is deleted; one that was is paused and does not come back with its
    main one, for the ledger still speaks of it. A new variant of a product on sale is handed in for the
    office's look. Raises InvalidInput with a sentence for each field, as 'rows-0-name'.
    """
    require_editor(actor)
    with unit_of_work() as session:
        main, region = own_product(session, actor, product_id)
        if main.main_id is not None:
            raise RuleBroken(_("Varian tidak punya varian lagi. Buka produk utamanya."))
        known = {row.id: row for row in variants_of(session, main.id)}
        _check(axis, rows, known)
        before = _told(known.values())
        kept = [_write(session, actor, main, axis, row, number, known) for number, row in enumerate(rows)]
        left = [row for row in kept if row is not None]
        main.variant_axis, main.variant_name = (axis, own_name) if left else ("", "")
        main.updated_at = clock.now()
        session.flush()
        audit.record(
            session, actor, "product.variants_changed", main, before=before, after=_told(left), region=region
        )
        signals.product_changed.send(session, product_ids=[main.id, *(row.id for row in left)])
        hand_in_new_variants(session, actor, main)
        return left


def _check(axis: str, rows: Sequence[VariantValues], known: dict[int, Product]) -> None:
    wrong: dict[str, str] = {}
    if rows and not axis:
        wrong["axis"] = _("Pilih apa yang membedakan variannya, misalnya ukuran.")
    if len(rows) > MAX_VARIANTS:
        wrong["axis"] = _("Paling banyak %(count)d varian untuk satu produk.", count=MAX_VARIANTS)
    names: set[str] = set()
    for number, row in enumerate(rows):
        if row.product_id is not None and row.product_id not in known:
            raise NotFound(_("Varian ini tidak ada, atau bukan milik Anda."))
        if row.is_dropped:
            continue
        if not row.name:
            wrong[f"rows-{number}-name"] = _("Tulis nama variannya, misalnya 250 g.")
        elif row.name.casefold() in names:
            wrong[f"rows-{number}-name"] = _("Sudah ada varian dengan nama ini.")
        names.add(row.name.casefold())
        price, gtin = rules.check_price(row.price_rupiah), rules.check_gtin(row.gtin)
        if not price.ok:
            wrong[f"rows-{number}-price_rupiah"] = price.sentence
        if not gtin.ok:
            wrong[f"rows-{number}-gtin"] = gtin.sentence
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)


def _write(
    session: Session,
    actor: Actor,
    main: Product,
    axis: str,
    row: VariantValues,
    number: int,
    known: dict[int, Product],
) -> Product | None:
    """Store one row; None when it is gone."""
    variant = known.get(row.product_id) if row.product_id else None
    if variant is None:
        if row.is_dropped:
            return None
        variant = _new(session, main, row)
        session.add(variant)
    elif row.is_dropped:
        return _drop(session, actor, main, variant)
    wanted: dict[str, Any] = {
        "variant_name": row.name,
        "variant_axis": axis,
        "name": variant_full_name(main.name, row.name),
        "price_rupiah": row.price_rupiah,
        "gtin": rules.check_gtin(row.gtin).value,
        "net_weight_g": row.net_weight_g,
        "sku": row.sku or variant.sku,
    }
    stored = {name: getattr(variant, name) for name in wanted}
    is_new = variant.id is None
    allowed = wanted if is_new else curation.hold_back(session, variant, stored, wanted, actor)
    for name, value in allowed.items():
        setattr(variant, name, value)
    if variant.is_dropped:
        variant.is_dropped = False
        if variant.state == ProductState.PAUSED and main.state == ProductState.LIVE:
            variant.state = ProductState.LIVE
    variant.updated_at = clock.now()
    flush_sku(session, variant.sku, f"rows-{number}-sku")
    return variant


def _new(session: Session, main: Product, row: VariantValues) -> Product:
    now = clock.now()
    return Product(
        seller_id=main.seller_id,
        main_id=main.id,
        cover=main.cover,
        sku=row.sku or next_sku(session, main.seller_id),
        state=ProductState.DRAFT if main.state in ON_SALE else main.state,
        created_at=now,
        updated_at=now,
        **{name: getattr(main, name) for name in SHARED if name != "name"},
    )


def _drop(session: Session, actor: Actor, main: Product, variant: Product) -> Product | None:
    """Delete what nobody ever saw; keep the rest out of sight."""
    if variant.first_live_at is None:
        if variant.state == ProductState.WAITING and main.state in ON_SALE:
            curation.withdraw(actor=actor, product_id=variant.id)
        signals.products_deleting.send(session, product_ids=[variant.id])
        session.delete(variant)
        session.flush()
        return None
    variant.is_dropped = True
    if variant.state == ProductState.LIVE:
        variant.state = ProductState.PAUSED
    variant.updated_at = clock.now()
    return variant


def _told(variants: Any) -> dict[str, Any]:
    """What the audit log says of variants: code to name and price."""
    return {row.sku: f"{row.variant_name}, {row.price_rupiah}" for row in variants if not row.is_dropped}
