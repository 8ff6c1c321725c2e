"""Tables of what a maker has ready to send, what of it is promised, and how much it can make in a week."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime
from .orders import one_of


class ReadyStock(Base):
    """Units of a product that its maker has at hand, and how many of them orders hold.

    A product without a row is made to order: only its weekly capacity limits it. Both figures are kept by
    services/reservations.py alone and follow from ready_stock_entries and reservations.
    """

    __tablename__ = "ready_stocks"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("on_hand >= reserved", name="on_hand"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    on_hand: Mapped[int] = mapped_column(BigInteger)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)


class ReadyStockEntry(Base):
    """One change of what a maker has at hand. Rows are never changed; `ref` is entered once."""

    __tablename__ = "ready_stock_entries"
    __table_args__ = (
        UniqueConstraint("ref", name="uq_ready_stock_entries_ref"),
        CheckConstraint("change <> 0", name="change"),
        CheckConstraint("kind IN ('counted', 'sent')", name="kind"),
        Index("ix_ready_stock_entries_product_id", "product_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(100))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(String(8))
    change: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class ReservationState(StrEnum):
    """What became of units that were promised."""

    HELD = "held"
    SENT = "sent"
    RELEASED = "released"


class Reservation(Base):
    """Units of one product promised to one order line; a parcel's line has one for each component.

    `from_stock` of them are at hand, counted in ready_stocks.reserved while held; the others are made for
    it, counted in capacity_weeks. `week` is the Monday of the week in which they are made or sent.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        UniqueConstraint("order_line_id", "product_id", name="uq_reservations_order_line_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_stock BETWEEN 0 AND quantity", name="from_stock"),
        CheckConstraint(one_of("state", ReservationState), name="state"),
        CheckConstraint("(state = 'held') = (ended_at IS NULL)", name="ended"),
        Index("ix_reservations_product_id", "product_id", "state", "week"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    week: Mapped[date] = mapped_column(Date)
    from_stock: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CapacityWeek(Base):
    """Units of a product that are made in one week for orders: locked, then compared with its capacity."""

    __tablename__ = "capacity_weeks"
    __table_args__ = (CheckConstraint("booked >= 0", name="booked"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    week: Mapped[date] = mapped_column(Date, primary_key=True)
    booked: Mapped[int] = mapped_column(BigInteger)
