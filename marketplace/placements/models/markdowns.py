"""The table of markdowns: a lower price that a store asks for and a maker agrees to, or not."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class MarkdownState(StrEnum):
    """What became of the question."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Markdown(Base):
    """A lower retail price for one product at one outlet, for some days, with its reason.

    Nothing is agreed by silence: only an answer makes it hold, from the day of the answer on.
    """

    __tablename__ = "markdowns"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'agreed', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("price_rupiah >= 0", name="price"),
        CheckConstraint("price_rupiah < agreed_rupiah", name="lower"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(state IN ('agreed', 'declined')) = (answered_at IS NOT NULL)", name="answered"),
        UniqueConstraint("asked_by", "client_key", name="uq_markdowns_client_key"),
        Index("ix_markdowns_agreement_id", "agreement_id", "product_id", "state"),
        Index("ix_markdowns_outlet_id", "outlet_id", "id"),
        Index("ix_markdowns_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    agreed_rupiah: Mapped[int] = mapped_column(BigInteger)
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=MarkdownState.ASKED)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answer_reason: Mapped[str] = mapped_column(Text, default="")
