"""Tables of standing orders: the same goods of the same seller, again and again, made by the worker."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

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
from .orders import PaymentPlan, one_of


class StandingState(StrEnum):
    """Whether the worker orders."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class StandingCycle(StrEnum):
    """How often: counted from the first day; monthly is on its day, or the month's last before it."""

    WEEKLY = "weekly"
    TWO_WEEKLY = "two_weekly"
    MONTHLY = "monthly"


class RunOutcome(StrEnum):
    """What came of one day. WAITING: a price is over the bound, and the buyer has to say yes."""

    ORDERED = "ordered"
    WAITING = "waiting"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSED = "missed"


class StandingOrder(Base):
    """What one operator has ordered of one seller for one outlet, on each day of a cycle.

    On a day goods are ordered for `ahead_days` later, within `window_days`. `max_rise_percent` is how far a
    unit's price may rise above what was agreed before the buyer is asked. `next_on` is the day that the
    worker looks at next; none once it has ended.
    """

    __tablename__ = "standing_orders"
    __table_args__ = (
        UniqueConstraint("operator_id", "client_key", name="uq_standing_orders_client_key"),
        CheckConstraint(one_of("state", StandingState), name="state"),
        CheckConstraint(one_of("cycle", StandingCycle), name="cycle"),
        CheckConstraint("last_on >= first_on", name="days"),
        CheckConstraint("ahead_days BETWEEN 0 AND 90 AND window_days BETWEEN 0 AND 31", name="window"),
        CheckConstraint("max_rise_percent BETWEEN 0 AND 100", name="max_rise"),
        CheckConstraint("shipping_kind IN ('seller_rate', 'pickup')", name="shipping_kind"),
        CheckConstraint(one_of("payment_plan", PaymentPlan), name="payment_plan"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("state <> 'active' OR next_on IS NOT NULL", name="next"),
        Index("ix_standing_orders_operator_id", "operator_id", "state", "id"),
        Index("ix_standing_orders_seller_id", "seller_id", "state", "id"),
        Index("ix_standing_orders_next_on", "state", "next_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    standing_ref: Mapped[str] = mapped_column(String(24), unique=True)
    client_key: Mapped[str] = mapped_column(String(100))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    state: Mapped[str] = mapped_column(String(8))
    cycle: Mapped[str] = mapped_column(String(12))
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date | None] = mapped_column(Date)
    next_on: Mapped[date | None] = mapped_column(Date)
    ahead_days: Mapped[int] = mapped_column(Integer)
    window_days: Mapped[int] = mapped_column(Integer)
    max_rise_percent: Mapped[int] = mapped_column(Integer)
    shipping_kind: Mapped[str] = mapped_column(String(12))
    payment_plan: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    maker_name: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(Text, default="")


class StandingLine(Base):
    """Units of one product in a standing order; `agreed_price_rupiah` is what its price is compared with."""

    __tablename__ = "standing_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("agreed_price_rupiah >= 0", name="agreed_price"),
        Index("ix_standing_lines_product_id", "product_id"),
    )

    standing_id: Mapped[int] = mapped_column(
        ForeignKey("standing_orders.id"), primary_key=True, autoincrement=False
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer)
    agreed_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    card_text: Mapped[str] = mapped_column(String(300), default="")


class StandingRun(Base):
    """What came of a standing order on one day: one row for each day, whoever came first."""

    __tablename__ = "standing_runs"
    __table_args__ = (
        UniqueConstraint("order_id", name="uq_standing_runs_order_id"),
        CheckConstraint(one_of("outcome", RunOutcome), name="outcome"),
        CheckConstraint("(outcome = 'ordered') = (order_id IS NOT NULL)", name="ordered"),
    )

    standing_id: Mapped[int] = mapped_column(
        ForeignKey("standing_orders.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    user_name: Mapped[str] = mapped_column(String(300), default="")
