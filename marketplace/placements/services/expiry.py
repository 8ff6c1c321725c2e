"""Warnings of expiry: both sides are told 30, 14 and 7 days before, once for each lot and threshold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product
from ...db import db, insert_into, retry_on_conflict, unit_of_work
from ...permissions import SYSTEM
from ...stock.models import Lot, LotBalance, ShelfBalance
from ..models import ExpiryAlert
from ..rules import Side
from ..rules.returns import ALERT_DAYS, due_alerts
from .parties import lock_as, tell

MOST_NAMED = 20
SLICE = 400


def warn_of_expiry() -> int:
    """Tell both sides of every lot that has passed a threshold; answers of how many lots.

    Each pair of outlet and seller in a transaction of its own. Safe to run twice, and to be killed anywhere.
    """
    told = 0
    for outlet_id, seller_id in _pairs(clock.today()):
        told += _warn(outlet_id, seller_id)
    return told


def _pairs(day: date) -> list[tuple[int, int]]:
    """Who has lots that expire within the widest threshold."""
    query = _near(day, ShelfBalance.outlet_id, ShelfBalance.seller_id).distinct()
    pairs = [(row[0], row[1]) for row in db.session.execute(query)]
    db.session.rollback()
    return sorted(pairs)


@retry_on_conflict
def _warn(outlet_id: int, seller_id: int) -> int:
    day = clock.today()
    with unit_of_work() as session:
        parties = lock_as(session, SYSTEM, outlet_id, seller_id)
        query = _near(day, Lot.id, Lot.code, Lot.expires_on, Product.name, LotBalance.on_hand).where(
            ShelfBalance.outlet_id == outlet_id, ShelfBalance.seller_id == seller_id
        )
        lots = session.execute(query.order_by(Lot.expires_on, Product.name, Lot.code)).all()
        told = _told(session, [lot.id for lot in lots])
        named = []
        for lot in lots:
            due = due_alerts(lot.expires_on, day, told.get(lot.id, ()))
            if not due:
                continue
            _note(session, lot.id, due)
            left = (lot.expires_on - day).days
            named.append({"product": lot.name, "lot": lot.code, "units": lot.on_hand, "days": left,
                          "expires_on": lot.expires_on.isoformat()})  # fmt: skip
        if named:
            for side in Side:
                tell(
                    session,
                    parties,
                    side,
                    "lots_expiring",
                    f"/goods?life=near&outlet={outlet_id}",
                    lots=named[:MOST_NAMED],
                    more=max(len(named) - MOST_NAMED, 0),
                    is_seller=side is Side.SELLER,
                )
        return len(named)


def _near(day: date, *columns: Any) -> Select[Any]:
    """Lots with units left that expire within the widest threshold from a day on."""
    return (
        select(*columns)
        .select_from(Lot)
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .join(
            ShelfBalance,
            and_(ShelfBalance.outlet_id == Lot.outlet_id, ShelfBalance.product_id == Lot.product_id),
        )
        .join(Product, Product.id == Lot.product_id)
        .where(
            LotBalance.on_hand > 0,
            Lot.expires_on >= day,
            Lot.expires_on <= day + timedelta(days=max(ALERT_DAYS)),
        )
    )


def _told(session: Session, lot_ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for start in range(0, len(lot_ids), SLICE):
        query = select(ExpiryAlert).where(ExpiryAlert.lot_id.in_(lot_ids[start : start + SLICE]))
        for alert in session.scalars(query):
            found.setdefault(alert.lot_id, []).append(alert.days_before)
    return found


def _note(session: Session, lot_id: int, thresholds: Iterable[int]) -> None:
    rows = [{"lot_id": lot_id, "days_before": days, "told_at": clock.now()} for days in thresholds]
    session.execute(insert_into(session, ExpiryAlert).values(rows).on_conflict_do_nothing())
