"""Tables of settlements: what a store owes a maker for one cycle, row of the ledger by row."""

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


class SettlementState(StrEnum):
    """How far a settlement is. Whether it is paid follows from its payable."""

    DRAFT = "draft"
    ISSUED = "issued"
    CONFIRMED = "confirmed"


class Settlement(Base):
    """One cycle of one agreement. A draft has sums but no lines yet: those are fixed when it is issued.

    net = gross - commission + charged (losses that the outlet bears, less what was found again). `weight`
    is the sum of net times day, for the mean day of the sales. Numbers are gapless: the statement's in the
    operator's year, the bill's in the seller's.
    """

    __tablename__ = "settlements"
    __table_args__ = (
        UniqueConstraint("agreement_id", "last_day", name="uq_settlements_cycle"),
        UniqueConstraint("operator_id", "number", name="uq_settlements_number"),
        UniqueConstraint("seller_id", "bill_number", name="uq_settlements_bill_number"),
        UniqueConstraint("verify_code", name="uq_settlements_verify_code"),
        CheckConstraint("state IN ('draft', 'issued', 'confirmed')", name="state"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("net_rupiah = gross_rupiah - commission_rupiah + charged_rupiah", name="net"),
        CheckConstraint("state = 'draft' OR net_rupiah >= 0", name="not_negative"),
        CheckConstraint("line_count > 0", name="line_count"),
        CheckConstraint(
            "(state = 'draft') = (number IS NULL) AND (state = 'draft') = (bill_number IS NULL)"
            " AND (state = 'draft') = (verify_code IS NULL) AND (state = 'draft') = (issued_at IS NULL)"
            " AND (state = 'draft') = (due_on IS NULL)",
            name="issued",
        ),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed"),
        Index("ix_settlements_operator_id", "operator_id", "state", "last_day"),
        Index("ix_settlements_seller_id", "seller_id", "state", "last_day"),
        Index("ix_settlements_outlet_id", "outlet_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    state: Mapped[str] = mapped_column(String(10))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    number: Mapped[str | None] = mapped_column(String(32))
    bill_number: Mapped[str | None] = mapped_column(String(32))
    verify_code: Mapped[str | None] = mapped_column(String(32))
    line_count: Mapped[int] = mapped_column(Integer)
    gross_rupiah: Mapped[int] = mapped_column(BigInteger)
    commission_rupiah: Mapped[int] = mapped_column(BigInteger)
    charged_rupiah: Mapped[int] = mapped_column(BigInteger)
    net_rupiah: Mapped[int] = mapped_column(BigInteger)
    weight: Mapped[int] = mapped_column(BigInteger)
    due_days: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def name(self) -> str:
        """What the audit log calls it."""
        return self.number or f"{self.first_day} - {self.last_day}"


class SettlementLine(Base):
    """One row of the ledger, settled: the primary key sees to it that none is settled twice. Never changed.

    Quantity and rupiah are negative for what takes back: a reversed sale, units found again.
    """

    __tablename__ = "settlement_lines"
    __table_args__ = (
        CheckConstraint("kind IN ('sale', 'reversal', 'loss', 'found')", name="kind"),
        CheckConstraint("net_rupiah = gross_rupiah - commission_rupiah", name="net"),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("ix_settlement_lines_settlement_id", "settlement_id", "occurred_on"),
    )

    movement_id: Mapped[int] = mapped_column(
        ForeignKey("stock_movements.id"), primary_key=True, autoincrement=False
    )
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    kind: Mapped[str] = mapped_column(String(8))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    occurred_on: Mapped[date] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(BigInteger)
    unit_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_versions.id"))
    gross_rupiah: Mapped[int] = mapped_column(BigInteger)
    commission_rupiah: Mapped[int] = mapped_column(BigInteger)
    net_rupiah: Mapped[int] = mapped_column(BigInteger)


class SettlementDispute(Base):
    """A line that the seller does not accept: its rupiah is left out of the debt until it is decided.

    `claimed_rupiah` is what the seller says the line should bring. `added_rupiah` is what decided it added
    to the line: claimed less net when the seller is right, nothing when the store is.
    """

    __tablename__ = "settlement_disputes"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("claimed_rupiah >= 0", name="claimed"),
        Index("ix_settlement_disputes_settlement_id", "settlement_id"),
    )

    movement_id: Mapped[int] = mapped_column(
        ForeignKey("settlement_lines.movement_id"), primary_key=True, autoincrement=False
    )
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    state: Mapped[str] = mapped_column(String(8))
    withheld_rupiah: Mapped[int] = mapped_column(BigInteger)
    claimed_rupiah: Mapped[int] = mapped_column(BigInteger)
    added_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(BigInteger)
