"""The table of receipts (kuitansi): a number for each payment of an order that came."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, UtcDateTime


class PaymentReceipt(Base):
    """What a seller signs for money that came. Number gapless in the seller's year; never changed.

    A payment that is taken back later keeps its receipt: whoever verifies it is told.
    """

    __tablename__ = "payment_receipts"
    __table_args__ = (
        UniqueConstraint("seller_id", "number", name="uq_payment_receipts_number"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, autoincrement=False)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    issued_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
