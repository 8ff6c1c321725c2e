"""Every read of the ledger: what stands where at a day's end, what moved, what sold last, what expires."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from .. import clock
from ..catalog.models import Product
from ..db import db
from ..organizations.models import Outlet, OutletFacts, Seller
from ..organizations.versions import facts_on
from ..permissions import Actor
from ..regions.queries import within
from .models import DisplaySpell, Lot, LotBalance, MovementKind, ShelfBalance, StockMovement
from .rules import is_storable

Ledger = type[ShelfBalance] | type[StockMovement] | type[DisplaySpell]
NEAR_DAYS = 30


@dataclass(frozen=True, slots=True)
class OnHand:
    """Units of one product on one outlet's shelf at the end of a day."""

    outlet_id: int
    seller_id: int
    product_id: int
    on_hand: int


@dataclass(frozen=True, slots=True)
class StockItem:
    """Units of one product at an outlet, by the references that programs use."""

    seller_ref: str
    sku: str
    on_hand: int


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One row of the ledger as a person reads it. `change` is signed; a reversal names what it takes back."""

    id: int
    movement_ref: str
    occurred_on: date
    kind: MovementKind
    change: int
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    product_id: int
    product_name: str
    sku: str
    lot: str
    expires_on: date | None
    unit_price_rupiah: int | None
    reverses_ref: str | None
    note: str
    recorded_at: datetime


@dataclass(frozen=True)
class MovementFilter:
    """Which rows of the ledger; empty fields do not narrow."""

    outlet_id: int | None = None
    seller_id: int | None = None
    product_id: int | None = None
    kind: MovementKind | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class ExpiringLot:
    """Units of a lot that expire soon, or have."""

    outlet_id: int
    outlet_name: str
    seller_id: int
    product_id: int
    product_name: str
    sku: str
    code: str
    expires_on: date
    on_hand: int


@dataclass(frozen=True, slots=True)
class Spell:
    """Days of display of one product: from first_day on, and not any more on end_day (None: it goes on)."""

    product_id: int
    first_day: date
    end_day: date | None


def visible_to(actor: Actor, table: Ledger) -> ColumnElement[bool]:
    """The rows an actor may see: an office its region's outlets, a retailer its own, a seller its goods."""
    if actor.is_office:
        return (
            true()
            if actor.region == ""
            else _outlets_where(table, within(OutletFacts.region_code, actor.region))
        )
    if actor.operator_id is not None:
        return _outlets_where(table, OutletFacts.operator_id == actor.operator_id)
    if actor.seller_id is not None:
        return table.seller_id == actor.seller_id
    return false()


def _outlets_where(table: Ledger, criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    return table.outlet_id.in_(select(OutletFacts.outlet_id).where(_is_current(), criterion))


def _is_current() -> ColumnElement[bool]:
    """Facts of outlets as they are known now and hold today."""
    return facts_on(OutletFacts, clock.today())


def outlet_for(actor: Actor, outlet_ref: str) -> int | None:
    """The id of an outlet whose stock the actor may see or report, by its reference."""
    if not is_storable(outlet_ref):
        return None
    query = select(Outlet.id).join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
    query = query.where(Outlet.outlet_ref == outlet_ref, _is_current())
    if actor.is_office:
        query = query.where(within(OutletFacts.region_code, actor.region)) if actor.region else query
    elif actor.operator_id is not None:
        query = query.where(OutletFacts.operator_id == actor.operator_id)
    elif actor.seller_id is None:
        return None
    return db.session.scalar(query)


# --- what stands where -------------------------------------------------------------------------------------


def on_hand(
    actor: Actor,
    as_of: date,
    *,
    outlet_id: int | None = None,
    seller_id: int | None = None,
    product_ids: Collection[int] | None = None,
) -> list[OnHand]:
    """Shelves that hold something at the end of a day, ordered by outlet, seller and product.

    What a shelf holds now, less what changed after the day: recent days, which are asked most, cost least.
    """
    units = _on_hand_on(as_of)
    query = (
        select(ShelfBalance.outlet_id, ShelfBalance.seller_id, ShelfBalance.product_id, units)
        .where(visible_to(actor, ShelfBalance), units > 0)
        .order_by(ShelfBalance.outlet_id, ShelfBalance.seller_id, ShelfBalance.product_id)
    )
    if outlet_id is not None:
        query = query.where(ShelfBalance.outlet_id == outlet_id)
    if seller_id is not None:
        query = query.where(ShelfBalance.seller_id == seller_id)
    if product_ids is not None:
        query = query.where(ShelfBalance.product_id.in_(product_ids))
    return [OnHand(*row) for row in db.session.execute(query)]


def _on_hand_on(day: date) -> ColumnElement[int]:
    later = (
        select(func.coalesce(func.sum(StockMovement.change), 0))
        .where(
            StockMovement.outlet_id == ShelfBalance.outlet_id,
            StockMovement.product_id == ShelfBalance.product_id,
            StockMovement.occurred_on > day,
        )
        .correlate(ShelfBalance)
        .scalar_subquery()
    )
    return ShelfBalance.on_hand - later


def stock_items(actor: Actor, outlet_id: int, as_of: date) -> list[StockItem]:
    """What stands at an outlet at the end of a day, ordered by seller_ref and sku (code points)."""
    units = _on_hand_on(as_of)
    query = (
        select(Seller.seller_ref, Product.sku, units)
        .select_from(ShelfBalance)
        .join(Product, Product.id == ShelfBalance.product_id)
        .join(Seller, Seller.id == ShelfBalance.seller_id)
        .where(ShelfBalance.outlet_id == outlet_id, visible_to(actor, ShelfBalance), units > 0)
    )
    items = [StockItem(ref, sku, int(units)) for ref, sku, units in db.session.execute(query)]
    return sorted(items, key=lambda item: (item.seller_ref, item.sku))


def units_by_product(product_ids: Sequence[int]) -> dict[int, int]:
    """Units of some products on all shelves together as of now; what stands nowhere is absent."""
    query = (
        select(ShelfBalance.product_id, func.sum(ShelfBalance.on_hand))
        .where(ShelfBalance.product_id.in_(product_ids), ShelfBalance.on_hand > 0)
        .group_by(ShelfBalance.product_id)
    )
    return {product_id: int(units) for product_id, units in db.session.execute(query)}


def pair_on_hand(outlet_id: int, seller_id: int, as_of: date) -> int:
    """Units of all products of one seller at one outlet at the end of a day."""
    query = select(func.coalesce(func.sum(_on_hand_on(as_of)), 0)).where(
        ShelfBalance.outlet_id == outlet_id, ShelfBalance.seller_id == seller_id
    )
    return int(db.session.scalar(query) or 0)


# --- what moved --------------------------------------------------------------------------------------------


def movements(
    actor: Actor, wanted: MovementFilter, *, page: int = 1, size: int = 25
) -> tuple[list[MovementRow], int]:
    """Rows of the ledger, newest first, and how many there are in all."""
    original = aliased(StockMovement)
    criteria = _criteria(actor, wanted)
    query = (
        select(
            StockMovement.id,
            StockMovement.movement_ref,
            StockMovement.occurred_on,
            StockMovement.kind,
            StockMovement.change,
            StockMovement.outlet_id,
            Outlet.name,
            StockMovement.seller_id,
            Seller.name,
            StockMovement.product_id,
            Product.name,
            Product.sku,
            Lot.code,
            Lot.expires_on,
            StockMovement.unit_price_rupiah,
            original.movement_ref,
            StockMovement.note,
            StockMovement.recorded_at,
        )
        .join(Outlet, Outlet.id == StockMovement.outlet_id)
        .join(Seller, Seller.id == StockMovement.seller_id)
        .join(Product, Product.id == StockMovement.product_id)
        .outerjoin(Lot, Lot.id == StockMovement.lot_id)
        .outerjoin(original, original.id == StockMovement.reverses_id)
        .where(*criteria)
        .order_by(StockMovement.occurred_on.desc(), StockMovement.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    total = db.session.scalar(select(func.count()).select_from(StockMovement).where(*criteria)) or 0
    return [_movement_row(row) for row in db.session.execute(query)], total


def _movement_row(row: Sequence[object]) -> MovementRow:
    values: list[object] = list(row)
    values[3] = MovementKind(str(values[3]))
    values[12] = values[12] or ""
    values[13] = None if values[13] == clock.LAST_DAY else values[13]
    values[16] = values[16] or ""
    return MovementRow(*values)  # type: ignore[arg-type]


def _criteria(actor: Actor, wanted: MovementFilter) -> list[ColumnElement[bool]]:
    criteria = [visible_to(actor, StockMovement)]
    equal: dict[InstrumentedAttribute[int], int | None] = {
        StockMovement.outlet_id: wanted.outlet_id,
        StockMovement.seller_id: wanted.seller_id,
        StockMovement.product_id: wanted.product_id,
    }
    criteria += [column == value for column, value in equal.items() if value is not None]
    if wanted.kind is not None:
        criteria.append(StockMovement.kind == wanted.kind.value)
    if wanted.first_day is not None:
        criteria.append(StockMovement.occurred_on >= wanted.first_day)
    if wanted.last_day is not None:
        criteria.append(StockMovement.occurred_on <= wanted.last_day)
    return criteria


def standing_on(day: date) -> ColumnElement[bool]:
    """That a row is no reversal and was not taken back by the end of `day`: only then it is evidence."""
    reversal = aliased(StockMovement)
    return and_(
        StockMovement.reverses_id.is_(None),
        ~select(reversal.id)
        .where(reversal.reverses_id == StockMovement.id, reversal.occurred_on <= day)
        .correlate(StockMovement)
        .exists(),
    )


def last_on(
    kind: MovementKind, outlet_id: int, as_of: date, *, seller_ids: Collection[int] | None = None
) -> dict[int, date]:
    """For each seller at an outlet the last day up to `as_of` with such a movement that still stood then."""
    query = (
        select(StockMovement.seller_id, func.max(StockMovement.occurred_on))
        .where(
            StockMovement.outlet_id == outlet_id,
            StockMovement.kind == kind.value,
            StockMovement.occurred_on <= as_of,
            standing_on(as_of),
        )
        .group_by(StockMovement.seller_id)
    )
    if seller_ids is not None:
        query = query.where(StockMovement.seller_id.in_(seller_ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


# --- lots and days of display ------------------------------------------------------------------------------


def lots_near_expiry(
    actor: Actor, *, within_days: int = NEAR_DAYS, outlet_id: int | None = None, limit: int = 100
) -> list[ExpiringLot]:
    """Lots still on a shelf that expire within some days from today or have expired, soonest first."""
    until = clock.today() + timedelta(days=within_days)
    query = _lots(actor).where(Lot.expires_on <= until, LotBalance.on_hand > 0)
    if outlet_id is not None:
        query = query.where(Lot.outlet_id == outlet_id)
    return [ExpiringLot(*row) for row in db.session.execute(query.limit(limit))]


def _lots(actor: Actor) -> Any:
    return (
        select(
            Lot.outlet_id,
            Outlet.name,
            ShelfBalance.seller_id,
            Lot.product_id,
            Product.name,
            Product.sku,
            Lot.code,
            Lot.expires_on,
            LotBalance.on_hand,
        )
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .join(
            ShelfBalance,
            and_(ShelfBalance.outlet_id == Lot.outlet_id, ShelfBalance.product_id == Lot.product_id),
        )
        .join(Outlet, Outlet.id == Lot.outlet_id)
        .join(Product, Product.id == Lot.product_id)
        .where(visible_to(actor, ShelfBalance))
        .order_by(Lot.expires_on, Lot.outlet_id, Lot.product_id, Lot.code)
    )


def spells(outlet_id: int, seller_id: int, *, since: date | None = None) -> list[Spell]:
    """The days of display of a seller's products at an outlet, by first day."""
    query = (
        select(DisplaySpell.product_id, DisplaySpell.first_day, DisplaySpell.end_day)
        .where(DisplaySpell.outlet_id == outlet_id, DisplaySpell.seller_id == seller_id)
        .order_by(DisplaySpell.first_day, DisplaySpell.product_id)
    )
    if since is not None:
        query = query.where(DisplaySpell.end_day > since)
    return [
        Spell(product_id, first, None if end == clock.LAST_DAY else end)
        for product_id, first, end in db.session.execute(query)
    ]


def products_by_key(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Ids of products by (seller_id, sku)."""
    wanted = set(keys)
    query = select(Product.seller_id, Product.sku, Product.id).where(
        Product.seller_id.in_({seller_id for seller_id, _sku in wanted}),
        Product.sku.in_({sku for _seller_id, sku in wanted}),
    )
    rows = db.session.execute(query)
    return {(seller, sku): product for seller, sku, product in rows if (seller, sku) in wanted}


def sellers_by_ref(refs: Collection[str]) -> dict[str, int]:
    """Ids of sellers by their reference."""
    query = select(Seller.seller_ref, Seller.id).where(Seller.seller_ref.in_(set(refs)))
    return {row[0]: row[1] for row in db.session.execute(query)}


def outlets_by_ref(refs: Collection[str]) -> dict[str, tuple[int, str]]:
    """Id and region code of outlets by their reference."""
    query = (
        select(Outlet.outlet_ref, Outlet.id, OutletFacts.region_code)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .where(Outlet.outlet_ref.in_(set(refs)), _is_current())
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
