"""Tables of agreements between a seller and an outlet."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...clock import LAST_DAY
from ...db import Base, BigId, UtcDateTime


class Basis(StrEnum):
    """How goods change hands: left on consignment, or bought outright."""

    CONSIGNMENT = "consignment"
    OUTRIGHT = "outright"


class AgreementState(StrEnum):
    """What was decided. Suspended and ended follow from dates (rules.state_on)."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Agreement(Base):
    """A placement of one seller's goods at one outlet, and its days. What was agreed is in its versions.

    ends_on is the last day; terminated_on the first day without it. starts_on, ends_on, commission_percent
    and settlement_days are copies of the version accepted last, of the one on the table while none was
    (docs/decisions/0048); proposed_by_side and reply_by are those of the proposal that it began with.
    end_told_on is the day on which the worker told both that it ends.
    """

    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("basis IN ('consignment', 'outright')", name="basis"),
        CheckConstraint("state IN ('proposed', 'accepted', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days"),
        CheckConstraint("commission_percent BETWEEN 0 AND 100", name="commission"),
        CheckConstraint("settlement_days BETWEEN 0 AND 366", name="settlement_days"),
        Index("ix_agreements_outlet_id", "outlet_id", "seller_id"),
        Index("ix_agreements_seller_id", "seller_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_ref: Mapped[str] = mapped_column(String(64), unique=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    basis: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    terminated_on: Mapped[date | None] = mapped_column(Date)
    commission_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    settlement_days: Mapped[int | None] = mapped_column(Integer)
    proposed_by_side: Mapped[str] = mapped_column(String(8), default="")
    reply_by: Mapped[date | None] = mapped_column(Date)
    end_told_on: Mapped[date | None] = mapped_column(Date)
    termination_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def name(self) -> str:
        """What the audit log calls it."""
        return self.agreement_ref


class Suspension(Base):
    """Days first_day <= day < end_day on which an agreement is not in force."""

    __tablename__ = "suspensions"
    __table_args__ = (
        CheckConstraint("first_day < end_day", name="days"),
        Index("ix_suspensions_agreement_id", "agreement_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    first_day: Mapped[date] = mapped_column(Date)
    end_day: Mapped[date] = mapped_column(Date, default=LAST_DAY)
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
