"""What the office is asked before a store parts with a seller that counts for its duty."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class ReplacementState(StrEnum):
    """What became of a request."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ReplacementRequest(Base):
    """A store asks the office to let it end the agreement of a seller that counts, and says why.

    An approved request lets the store end that agreement with the notice that was agreed.
    """

    __tablename__ = "replacement_requests"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        Index(
            "uq_replacement_requests_open",
            "agreement_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_replacement_requests_agreement_id", "agreement_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    instead: Mapped[str] = mapped_column(Text, default="")
    """Who is to take the seller's place, in the store's words."""
    wanted_on: Mapped[date | None] = mapped_column(Date)
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_reason: Mapped[str] = mapped_column(Text, default="")
