"""Tables of stock counts: what people counted, beside what the ledger held."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class StockCount(Base):
    """One count of an outlet's shelves. `client_key` is made by the phone: the same count arrives once."""

    __tablename__ = "stock_counts"
    __table_args__ = (
        CheckConstraint("line_count >= 0 AND lost_units >= 0 AND found_units >= 0", name="counts"),
        CheckConstraint("length(client_key) BETWEEN 8 AND 64", name="client_key"),
        UniqueConstraint("client_key", name="uq_stock_counts_client_key"),
        Index("ix_stock_counts_outlet_id", "outlet_id", "counted_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    counted_on: Mapped[date] = mapped_column(Date)
    line_count: Mapped[int] = mapped_column(Integer)
    lost_units: Mapped[int] = mapped_column(BigInteger)
    found_units: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class StockCountLine(Base):
    """One product, or one lot of it: what the ledger held and what was there.

    Where they differ the ledger has a movement of the difference, and a loss says who bears it.
    """

    __tablename__ = "stock_count_lines"
    __table_args__ = (
        CheckConstraint("counted >= 0 AND expected >= 0", name="quantities"),
        CheckConstraint("(counted = expected) = (movement_ref IS NULL)", name="movement"),
        CheckConstraint("(counted < expected) = (borne_by IS NOT NULL)", name="borne"),
        CheckConstraint("borne_by IN ('outlet', 'seller')", name="borne_by"),
        CheckConstraint(
            "reason IN ('missing', 'stolen', 'damaged', 'expired', 'near_expiry', 'slow', 'other')",
            name="reason",
        ),
        UniqueConstraint("movement_ref", name="uq_stock_count_lines_movement_ref"),
        Index("ix_stock_count_lines_seller_id", "seller_id"),
    )

    count_id: Mapped[int] = mapped_column(
        ForeignKey("stock_counts.id"), primary_key=True, autoincrement=False
    )
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"))
    expected: Mapped[int] = mapped_column(BigInteger)
    counted: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(16))
    borne_by: Mapped[str | None] = mapped_column(String(8))
    movement_ref: Mapped[str | None] = mapped_column(String(100))
