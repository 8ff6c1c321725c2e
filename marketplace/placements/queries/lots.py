"""What stands on shelves lot by lot, and what to do with each: return it, sell it first, or leave it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Subquery, and_, func, literal, null, select, tuple_, union_all
from sqlalchemy import cast as sql_cast
from sqlalchemy.types import BigInteger, Date, String

from ... import clock
from ...clock import LAST_DAY
from ...db import db
from ...stock.models import ORDER_CAUSE, Lot, LotBalance, MovementKind, ShelfBalance, StockMovement
from ..models import Agreement, ReturnLine, ReturnNote, ReturnState
from ..rules import Condition
from ..rules.returns import LotOnShelf, Suggestion, suggest
from .agreements import condition_on

SLICE = 400
PACE_DAYS = 30
ALIVE = (Condition.IN_FORCE.value, Condition.SUSPENDED.value, Condition.UPCOMING.value)
ShelfKey = tuple[int, int]
"""outlet_id, product_id"""


@dataclass(frozen=True)
class Holding:
    """Units of one lot on one shelf; without a lot its code is empty and nothing is known of its expiry."""

    outlet_id: int
    seller_id: int
    product_id: int
    lot_code: str
    expires_on: date | None
    on_hand: int

    @property
    def shelf(self) -> ShelfKey:
        """The shelf it stands on."""
        return self.outlet_id, self.product_id

    def days_left(self, day: date) -> int | None:
        """Days until it expires, negative once it has."""
        return None if self.expires_on is None else (self.expires_on - day).days


def holdings(where: Any) -> Subquery:
    """SQL: units by lot, and what stands without one; `where` narrows ShelfBalance."""
    lots = (
        select(
            ShelfBalance.outlet_id.label("outlet_id"),
            ShelfBalance.seller_id.label("seller_id"),
            ShelfBalance.product_id.label("product_id"),
            Lot.code.label("lot_code"),
            func.nullif(Lot.expires_on, literal(LAST_DAY, Date), type_=Date).label("expires_on"),
            LotBalance.on_hand.label("on_hand"),
        )
        .join(Lot, and_(Lot.outlet_id == ShelfBalance.outlet_id, Lot.product_id == ShelfBalance.product_id))
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .where(where, LotBalance.on_hand > 0)
    )
    in_lots = (
        select(func.sum(LotBalance.on_hand))
        .join(Lot, Lot.id == LotBalance.lot_id)
        .where(Lot.outlet_id == ShelfBalance.outlet_id, Lot.product_id == ShelfBalance.product_id)
        .correlate(ShelfBalance)
        .scalar_subquery()
    )
    loose = sql_cast(ShelfBalance.on_hand - func.coalesce(in_lots, 0), BigInteger)
    without = select(
        ShelfBalance.outlet_id,
        ShelfBalance.seller_id,
        ShelfBalance.product_id,
        sql_cast(literal(""), String(64)),
        sql_cast(null(), Date),
        loose,
    ).where(where, loose > 0)
    return union_all(lots, without).subquery("holdings")


def holdings_of_pair(outlet_id: int, seller_id: int) -> list[Holding]:
    """A seller's goods on an outlet's shelves, what expires first on top."""
    held = holdings(and_(ShelfBalance.outlet_id == outlet_id, ShelfBalance.seller_id == seller_id))
    rows = db.session.execute(select(held)).all()
    return sorted((Holding(*row) for row in rows), key=_first_out)


def _first_out(one: Holding) -> tuple[date, str, int]:
    return one.expires_on or LAST_DAY, one.lot_code, one.product_id


def advise(wanted: Sequence[Holding], day: date | None = None) -> list[Suggestion]:
    """What to do with each of some holdings, in their order, by what is sold on their shelves."""
    day = day or clock.today()
    shelves = {one.shelf for one in wanted}
    sold, idle = _sold(shelves, day), _idle_since(shelves)
    alive = _alive({(one.outlet_id, one.seller_id) for one in wanted}, day)
    aside = set_aside(shelves)
    together = _by_shelf(shelves)
    answers = []
    for one in wanted:
        key = (one.outlet_id, one.product_id, one.lot_code, one.expires_on)
        since = idle.get(one.shelf)
        answers.append(
            suggest(
                LotOnShelf(
                    on_hand=one.on_hand - aside.get(key, 0),
                    expires_on=one.expires_on,
                    sold_in_30_days=sold.get(one.shelf, 0),
                    idle_days=(day - since).days if since else None,
                    ahead=_ahead(one, together.get(one.shelf, ()), day),
                ),
                day,
                is_over=(one.outlet_id, one.seller_id) not in alive,
            )
        )
    return answers


def _ahead(one: Holding, others: Sequence[Holding], day: date) -> int:
    """Good units of the same shelf that expire before this lot."""
    if one.expires_on is None:
        return 0
    return sum(
        other.on_hand for other in others if other.expires_on and day <= other.expires_on < one.expires_on
    )


def _by_shelf(shelves: Collection[ShelfKey]) -> dict[ShelfKey, list[Holding]]:
    found: dict[ShelfKey, list[Holding]] = {}
    for some in _slices(shelves):
        held = holdings(tuple_(ShelfBalance.outlet_id, ShelfBalance.product_id).in_(some))
        for row in db.session.execute(select(held)):
            one = Holding(*row)
            found.setdefault(one.shelf, []).append(one)
    return found


def _sold(shelves: Collection[ShelfKey], day: date) -> dict[ShelfKey, int]:
    """Units sold on shelves in the last 30 days; taken-back sales are taken away."""
    found: dict[ShelfKey, int] = {}
    for some in _slices(shelves):
        query = (
            select(StockMovement.outlet_id, StockMovement.product_id, func.sum(-StockMovement.change))
            .where(
                tuple_(StockMovement.outlet_id, StockMovement.product_id).in_(some),
                StockMovement.kind == MovementKind.SALE.value,
                StockMovement.cause_kind != ORDER_CAUSE,
                StockMovement.occurred_on > day - timedelta(days=PACE_DAYS),
            )
            .group_by(StockMovement.outlet_id, StockMovement.product_id)
        )
        for outlet_id, product_id, units in db.session.execute(query):
            found[outlet_id, product_id] = max(int(units or 0), 0)
    return found


def _idle_since(shelves: Collection[ShelfKey]) -> dict[ShelfKey, date]:
    """The latest sale of each shelf, or its first delivery when nothing was ever sold."""
    found: dict[ShelfKey, date] = {}
    is_sale = StockMovement.kind == MovementKind.SALE.value
    for some in _slices(shelves):
        query = (
            select(
                StockMovement.outlet_id,
                StockMovement.product_id,
                func.max(StockMovement.occurred_on).filter(is_sale),
                func.min(StockMovement.occurred_on),
            )
            .where(
                tuple_(StockMovement.outlet_id, StockMovement.product_id).in_(some),
                StockMovement.reverses_id.is_(None),
                StockMovement.cause_kind != ORDER_CAUSE,
            )
            .group_by(StockMovement.outlet_id, StockMovement.product_id)
        )
        for outlet_id, product_id, last_sale, first in db.session.execute(query):
            found[outlet_id, product_id] = first if last_sale is None else last_sale
    return found


def _alive(pairs: Collection[tuple[int, int]], day: date) -> set[tuple[int, int]]:
    """The (outlet_id, seller_id) with an agreement that is not over."""
    found: set[tuple[int, int]] = set()
    for some in _slices(pairs):
        query = select(Agreement.outlet_id, Agreement.seller_id).where(
            tuple_(Agreement.outlet_id, Agreement.seller_id).in_(some), condition_on(day).in_(ALIVE)
        )
        found.update((row[0], row[1]) for row in db.session.execute(query))
    return found


def set_aside(shelves: Collection[ShelfKey]) -> dict[tuple[int, int, str, date | None], int]:
    """Units that wait in return notes, by (outlet_id, product_id, lot, expiry)."""
    found: dict[tuple[int, int, str, date | None], int] = {}
    for some in _slices(shelves):
        query = (
            select(
                ReturnNote.outlet_id,
                ReturnLine.product_id,
                ReturnLine.lot_code,
                ReturnLine.expires_on,
                func.sum(ReturnLine.quantity),
            )
            .join(ReturnNote, ReturnNote.id == ReturnLine.return_note_id)
            .where(
                ReturnNote.state == ReturnState.WAITING.value,
                tuple_(ReturnNote.outlet_id, ReturnLine.product_id).in_(some),
            )
            .group_by(ReturnNote.outlet_id, ReturnLine.product_id, ReturnLine.lot_code, ReturnLine.expires_on)
        )
        for outlet_id, product_id, code, expires_on, units in db.session.execute(query):
            found[outlet_id, product_id, code, expires_on] = int(units)
    return found


def _slices(wanted: Collection[Any]) -> list[list[Any]]:
    ordered = sorted(wanted)
    return [ordered[start : start + SLICE] for start in range(0, len(ordered), SLICE)]
