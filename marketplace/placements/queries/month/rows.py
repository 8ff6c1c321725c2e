"""The rows of the ledger behind one product's figures in a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from ....catalog.models import Product
from ....clock import LAST_DAY
from ....db import db
from ....permissions import Actor, Permission
from ....stock.models import Lot, MovementKind, StockMovement
from ...models import Agreement, BorneLoss, Settlement, SettlementLine
from ...rules.month import last_of
from .page import agreement_seen

ROWS_SIZE = 100


class LedgerRow(NamedTuple):
    """One row of the ledger, what was on hand after it, and the documents behind it."""

    id: int
    occurred_on: date
    kind: str
    change: int
    on_hand: int
    unit_price_rupiah: int | None
    is_reversal: bool
    lot: str
    expires_on: date | None
    cause_kind: str
    cause_id: int | None
    borne_by: str | None
    settlement_id: int | None
    settlement_number: str | None
    net_rupiah: int | None


@dataclass(frozen=True)
class ProductRows:
    """The rows of one product in a month."""

    agreement: Agreement
    outlet_name: str
    seller_name: str
    product: Product
    first: date
    last: date
    opening: int
    closing: int
    rows: Sequence[LedgerRow]
    total: int
    has_money: bool


def product_rows(
    actor: Actor,
    agreement_id: int,
    first: date,
    product_id: int,
    *,
    number: int = 1,
    size: int | None = ROWS_SIZE,
) -> ProductRows | None:
    """The ledger of one product in a month, row by row; None for a stranger or another maker's product."""
    seen = agreement_seen(actor, agreement_id)
    product = db.session.get(Product, product_id)
    if seen is None or product is None:
        return None
    agreement, outlet_name, seller_name = seen
    moved, last = StockMovement, last_of(first)
    shelf = [
        moved.outlet_id == agreement.outlet_id,
        moved.seller_id == agreement.seller_id,
        moved.product_id == product_id,
    ]
    within = [*shelf, moved.occurred_on >= first, moved.occurred_on <= last]
    opening = _sum(moved.change, [*shelf, moved.occurred_on < first])
    total = int(db.session.scalar(select(func.count()).select_from(moved).where(*within)) or 0)
    if not total and not opening and product.seller_id != agreement.seller_id:
        return None
    return ProductRows(
        agreement=agreement,
        outlet_name=outlet_name,
        seller_name=seller_name,
        product=product,
        first=first,
        last=last,
        opening=opening,
        closing=opening + _sum(moved.change, within),
        rows=_rows(within, opening, number, size),
        total=total,
        has_money=actor.can(Permission.SETTLEMENT_VIEW),
    )


def _sum(column: Any, criteria: Iterable[ColumnElement[bool]]) -> int:
    return int(db.session.scalar(select(func.coalesce(func.sum(column), 0)).where(*criteria)) or 0)


def _rows(
    within: Sequence[ColumnElement[bool]], opening: int, number: int, size: int | None
) -> list[LedgerRow]:
    moved = StockMovement
    running = func.sum(moved.change).over(order_by=(moved.occurred_on, moved.id))
    query = (
        select(
            moved.id, moved.occurred_on, moved.kind, moved.change, running, moved.unit_price_rupiah,
            moved.reverses_id.is_not(None), func.coalesce(Lot.code, ""), Lot.expires_on, moved.cause_kind,
            moved.cause_id, BorneLoss.borne_by, Settlement.id, Settlement.number, SettlementLine.net_rupiah,
        )
        .outerjoin(Lot, Lot.id == moved.lot_id)
        .outerjoin(
            BorneLoss,
            and_(moved.kind == MovementKind.LOSS.value, BorneLoss.movement_ref == moved.movement_ref),
        )
        .outerjoin(SettlementLine, SettlementLine.movement_id == moved.id)
        .outerjoin(Settlement, Settlement.id == SettlementLine.settlement_id)
        .where(*within)
        .order_by(moved.occurred_on, moved.id)
    )  # fmt: skip
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    found = []
    for row in db.session.execute(query):
        values = list(row)
        values[4] = opening + int(values[4])
        values[8] = None if values[8] == LAST_DAY else values[8]
        found.append(LedgerRow(*values))
    return found
