"""Tables of a seller's yearly turnover that only the seller knows: other sales, and what it declared."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class OtherSales(Base):
    """What a seller sold elsewhere in one month, as it says itself; `month` is the month's first day.

    A mistake is taken back (`removed_at`) and written anew, so that what was counted stays known.
    """

    __tablename__ = "other_sales"
    __table_args__ = (
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("channel <> ''", name="channel"),
        Index("ix_other_sales_seller_id", "seller_id", "month"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    month: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(120))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    recorder_name: Mapped[str] = mapped_column(String(300), default="")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[int | None] = mapped_column(BigInteger)


class TurnoverStatement(Base):
    """A seller's signed statement (surat pernyataan) on its turnover of a year: the file and its day."""

    __tablename__ = "turnover_statements"
    __table_args__ = (
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
        CheckConstraint("kind IN ('below', 'passed')", name="kind"),
        Index("ix_turnover_statements_seller_id", "seller_id", "year", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    year: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))
    signed_on: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(200))
    storage_key: Mapped[str] = mapped_column(String(100), unique=True)
    file_kind: Mapped[str] = mapped_column(String(8))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    recorder_name: Mapped[str] = mapped_column(String(300), default="")
