"""What a seller tells the office of a fee that a store asked for outside their agreement."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class FeeReportState(StrEnum):
    """How far the office is with it."""

    NEW = "new"
    LOOKING = "looking"
    CLOSED = "closed"


class FeeReport(Base):
    """A fee that a store asked for, in the seller's words. The store never sees it; the office answers."""

    __tablename__ = "fee_reports"
    __table_args__ = (
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("body <> ''", name="body"),
        CheckConstraint("state IN ('new', 'looking', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(state = 'closed') = (answer <> '')", name="answer"),
        UniqueConstraint("seller_id", "client_key", name="uq_fee_reports_client_key"),
        Index("ix_fee_reports_agreement_id", "agreement_id"),
        Index("ix_fee_reports_outlet_id", "outlet_id", "id"),
        Index("ix_fee_reports_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    asked_on: Mapped[date] = mapped_column(Date)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(Text, default="")
    client_key: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    maker_name: Mapped[str] = mapped_column(String(300))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(BigInteger)
