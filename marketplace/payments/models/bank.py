"""Tables of what a seller's bank says came in, and of the seller's own QRIS code."""

from __future__ import annotations

from datetime import date, datetime

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


class BankLine(Base):
    """One credit on a seller's bank statement, as its CSV said; matched with at most one payment.

    `line_hash` names the line by its content and its turn among equal ones, so that a statement that is
    imported twice, or overlaps another, brings each line once.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        UniqueConstraint("seller_id", "line_hash", name="uq_bank_lines_line_hash"),
        UniqueConstraint("payment_id", name="uq_bank_lines_payment_id"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("(payment_id IS NULL) = (matched_at IS NULL)", name="matched"),
        CheckConstraint("payment_id IS NULL OR NOT is_set_aside", name="aside"),
        Index("ix_bank_lines_seller_id", "seller_id", "booked_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    line_hash: Mapped[str] = mapped_column(String(64))
    booked_on: Mapped[date] = mapped_column(Date)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(String(200), default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    matched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    matched_by: Mapped[int | None] = mapped_column(BigInteger)
    is_set_aside: Mapped[bool] = mapped_column(default=False)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by: Mapped[int | None] = mapped_column(BigInteger)


class SellerQris(Base):
    """A seller's own static QRIS payload, checked by its TLV and CRC when it was entered.

    `nmid` is the merchant's national number: one seller's, so that nobody enters another's code.
    """

    __tablename__ = "seller_qris"
    __table_args__ = (UniqueConstraint("nmid", name="uq_seller_qris_nmid"),)

    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), primary_key=True, autoincrement=False)
    payload: Mapped[str] = mapped_column(String(512))
    merchant_name: Mapped[str] = mapped_column(String(25))
    merchant_city: Mapped[str] = mapped_column(String(15))
    nmid: Mapped[str] = mapped_column(String(15))
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(BigInteger)
