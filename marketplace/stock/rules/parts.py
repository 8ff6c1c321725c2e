"""Rows of the ledger, made from what was asked."""

from __future__ import annotations

from .movements import Movement, Part, Reversal
from .shelf import LotState


def part_of(movement: Movement, number: int, lot: LotState | None, change: int, *, is_named: bool) -> Part:
    """The row that a movement becomes, in whole or in part; its id is given when it is stored."""
    return Part(
        id=0,
        movement_ref=movement.movement_ref,
        part=number,
        outlet_id=movement.outlet_id,
        seller_id=movement.seller_id,
        product_id=movement.product_id,
        lot_id=None if lot is None else lot.id,
        is_lot_named=is_named,
        kind=movement.kind.value,
        change=change,
        unit_price_rupiah=movement.unit_price_rupiah,
        occurred_on=movement.occurred_on,
        reverses_id=None,
        note=movement.note or None,
        lot_code=None if lot is None else lot.code,
        expires_on=None if lot is None else lot.expires_on,
    )


def reversal_of(part: Part, reversal: Reversal) -> Part:
    """The row that takes another back."""
    return Part(
        id=0,
        movement_ref=reversal.movement_ref,
        part=part.part,
        outlet_id=part.outlet_id,
        seller_id=part.seller_id,
        product_id=part.product_id,
        lot_id=part.lot_id,
        is_lot_named=part.is_lot_named,
        kind=part.kind,
        change=-part.change,
        unit_price_rupiah=part.unit_price_rupiah,
        occurred_on=reversal.occurred_on,
        reverses_id=part.id,
        note=reversal.note or None,
        lot_code=part.lot_code,
        expires_on=part.expires_on,
        reverses_ref=reversal.reverses_ref,
    )
