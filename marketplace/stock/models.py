"""The append-only ledger of units, and the balances and spells that follow from it.

The ledger is told from the shelf: a row says by how many units the shelf of one outlet and product
changed. Where the units came from or went follows from its kind (docs/decisions).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import LAST_DAY
from ..db import Base, BigId, UtcDateTime


class MovementKind(StrEnum):
    """What happened to the units."""

    DELIVERY = "delivery"
    SALE = "sale"
    RETURN = "return"
    LOSS = "loss"
    FOUND = "found"


INBOUND = (MovementKind.DELIVERY, MovementKind.FOUND)
OUTBOUND = (MovementKind.SALE, MovementKind.RETURN, MovementKind.LOSS)
ORDER_CAUSE = "order"
"""cause_kind of what an order brought: bought outright, it comes and leaves the shelf in one posting, so that
the sale is none of goods on consignment. Whoever reads sales as such leaves these rows out."""


class Lot(Base):
    """Units of one product at one outlet that were made together and expire together."""

    __tablename__ = "lots"
    __table_args__ = (
        UniqueConstraint("outlet_id", "product_id", "code", "expires_on", name="uq_lots_shelf_code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    code: Mapped[str] = mapped_column(String(64), default="")
    expires_on: Mapped[date] = mapped_column(Date, default=LAST_DAY)


class StockMovement(Base):
    """One change of one shelf, by `change` units (never zero). Rows are never changed or deleted.

    An outbound movement that takes from several lots is several rows: one movement_ref, parts 0, 1, ...
    A mistake is undone by a row with reverses_id and the opposite change. `is_lot_named` tells a lot that
    the sender named from one that the ledger chose, first expired first out.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        UniqueConstraint("movement_ref", "part", name="uq_stock_movements_movement_ref"),
        UniqueConstraint("reverses_id", name="uq_stock_movements_reverses_id"),
        CheckConstraint("kind IN ('delivery', 'sale', 'return', 'loss', 'found')", name="kind"),
        CheckConstraint(
            "change <> 0 AND ((change > 0) = ((kind IN ('delivery', 'found')) = (reverses_id IS NULL)))",
            name="change",
        ),
        CheckConstraint("unit_price_rupiah >= 0", name="unit_price"),
        Index("ix_stock_movements_shelf", "outlet_id", "product_id", "occurred_on", "change"),
        Index("ix_stock_movements_pair", "outlet_id", "seller_id", "occurred_on", "kind"),
        Index("ix_stock_movements_lot_id", "lot_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    movement_ref: Mapped[str] = mapped_column(String(100))
    part: Mapped[int] = mapped_column(SmallInteger, default=0)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"))
    is_lot_named: Mapped[bool] = mapped_column(default=False, server_default=false())
    kind: Mapped[str] = mapped_column(String(8))
    change: Mapped[int] = mapped_column(BigInteger)
    unit_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    occurred_on: Mapped[date] = mapped_column(Date)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("stock_movements.id"))
    cause_kind: Mapped[str] = mapped_column(String(16), default="import")
    cause_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class ShelfBalance(Base):
    """Units on one shelf now: the sum of its movements, kept by the one writer.

    `last_on` is the day of its latest movement and `on_hand_before` what it held at the end of the day
    before: with them a movement on that day or later needs no look into the past.
    """

    __tablename__ = "shelf_balances"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("on_hand_before >= 0", name="on_hand_before"),
        Index("ix_shelf_balances_seller_id", "seller_id"),
        Index("ix_shelf_balances_product_id", "product_id"),
    )

    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    on_hand: Mapped[int] = mapped_column(BigInteger)
    on_hand_before: Mapped[int] = mapped_column(BigInteger)
    last_on: Mapped[date | None] = mapped_column(Date)


class LotBalance(Base):
    """Units of one lot on its shelf now."""

    __tablename__ = "lot_balances"
    __table_args__ = (CheckConstraint("on_hand >= 0", name="on_hand"),)

    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), primary_key=True, autoincrement=False)
    on_hand: Mapped[int] = mapped_column(BigInteger)


class DisplaySpell(Base):
    """Days first_day <= day < end_day at whose end a shelf held units: the ledger, read as a calendar."""

    __tablename__ = "display_spells"
    __table_args__ = (
        CheckConstraint("first_day < end_day", name="days"),
        ForeignKeyConstraint(
            ["outlet_id", "product_id"],
            ["shelf_balances.outlet_id", "shelf_balances.product_id"],
            name="fk_display_spells_shelf",
        ),
        Index("ix_display_spells_pair", "outlet_id", "seller_id", "end_day", "first_day"),
    )

    outlet_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_day: Mapped[date] = mapped_column(Date, primary_key=True)
    end_day: Mapped[date] = mapped_column(Date, default=LAST_DAY)
    seller_id: Mapped[int] = mapped_column(BigInteger)


class SaleLine(Base):
    """A line of a sales report that was taken, wholly or in part: what was sent and what the shelf held.

    quantity = accepted + difference for a sale; a line that takes another back has `reverses` and none.
    `report_id` is the report it first came with (the ledger's rows name it as their cause). `movement_ref`
    follows from outlet and line_ref; the ledger keeps it unique.
    """

    __tablename__ = "sale_lines"
    __table_args__ = (
        CheckConstraint("accepted >= 0 AND difference >= 0", name="quantities"),
        CheckConstraint("(reverses IS NULL) = (accepted + difference > 0)", name="sale_or_reversal"),
        Index("ix_sale_lines_report_id", "report_id"),
        {"sqlite_with_rowid": False},
    )

    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), primary_key=True, autoincrement=False)
    line_ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    movement_ref: Mapped[str] = mapped_column(String(100))
    reverses: Mapped[str | None] = mapped_column(String(64))
    report_id: Mapped[int | None] = mapped_column(BigInteger)
    seller_id: Mapped[int | None] = mapped_column(BigInteger)
    product_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    occurred_on: Mapped[date] = mapped_column(Date)
    accepted: Mapped[int] = mapped_column(BigInteger)
    difference: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class SalesRequest(Base):
    """A request that carried an Idempotency-Key, and the answer it got: the same key gets it again."""

    __tablename__ = "sales_requests"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    idempotency_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
