"""The table of whether a seller is PKP: dated, with its history."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class SellerTaxFact(Base):
    """A seller says whether it is PKP from a day on. Rows are never changed.

    On a day holds the row with the latest `valid_from` up to it; of two from one day, the one recorded
    last. Without a row a seller is not PKP. `reference` is the number of its letter of appointment.
    """

    __tablename__ = "seller_tax_facts"
    __table_args__ = (Index("ix_seller_tax_facts_seller_id", "seller_id", "valid_from", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    is_pkp: Mapped[bool] = mapped_column()
    reference: Mapped[str] = mapped_column(String(100), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    recorder_name: Mapped[str] = mapped_column(String(300), default="")
