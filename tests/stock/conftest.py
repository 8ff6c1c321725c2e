"""One shelf to post to."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.clock import LAST_DAY
from marketplace.db import db
from marketplace.permissions import SYSTEM
from marketplace.stock.models import DisplaySpell, Lot, LotBalance, MovementKind, ShelfBalance
from marketplace.stock.rules import Movement, Posted
from marketplace.stock.services import post_movements
from tests import factories


class Shop:
    """One shelf to post to."""

    def __init__(self) -> None:
        self.outlet = factories.outlet()
        self.seller = factories.seller()
        self.product = factories.product(self.seller)
        self.count = 0

    def movement(
        self, kind: str, day: int, quantity: int, ref: str | None = None, **values: object
    ) -> Movement:
        """A movement on a day of November 2026."""
        self.count += 1
        fields: dict[str, object] = {
            "movement_ref": ref or f"m{self.count}",
            "kind": MovementKind(kind),
            "outlet_id": self.outlet.id,
            "seller_id": self.seller.id,
            "product_id": self.product.id,
            "quantity": quantity,
            "occurred_on": date(2026, 11, day),
        }
        return Movement(**{**fields, **values})  # type: ignore[arg-type]

    def post(self, *args: object, **values: object) -> Posted:
        """Record one movement."""
        return post_movements(actor=SYSTEM, movements=[self.movement(*args, **values)])[0]  # type: ignore[arg-type]

    def on_hand(self) -> int:
        """The kept balance."""
        return db.session.execute(select(ShelfBalance.on_hand)).scalar_one()

    def spells(self) -> list[tuple[int, int | None]]:
        """The days of display: (first day of November, first day without; None while it goes on)."""
        db.session.rollback()
        rows = db.session.execute(select(DisplaySpell.first_day, DisplaySpell.end_day).order_by("first_day"))
        return [(first.day, None if end == LAST_DAY else end.day) for first, end in rows]

    def lots(self) -> dict[str, int]:
        """The kept balance of each lot by its code."""
        rows = db.session.execute(select(Lot.code, LotBalance.on_hand).join(Lot, LotBalance.lot_id == Lot.id))
        return {row.code: row.on_hand for row in rows}


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop()
