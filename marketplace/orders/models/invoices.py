"""Tables of invoices and credit notes: what was billed, with its tax, for ever."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class Invoice(Base):
    """What an order came to, by what was taken in. Number gapless in the seller's year; never changed.

    `tax_base_rupiah` and `tax_rupiah` are zero for a seller that is not PKP. `advance_rupiah` was asked for
    before and is taken off; `due_rupiah` is what was left to pay on that day.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("order_id", name="uq_invoices_order_id"),
        UniqueConstraint("seller_id", "number", name="uq_invoices_number"),
        CheckConstraint(
            "goods_rupiah >= 0 AND shipping_rupiah >= 0 AND tax_base_rupiah >= 0 AND tax_rupiah >= 0"
            " AND total_rupiah = goods_rupiah + shipping_rupiah + tax_rupiah",
            name="total",
        ),
        CheckConstraint(
            "advance_rupiah >= 0 AND due_rupiah >= 0 AND total_rupiah = advance_rupiah + due_rupiah",
            name="due",
        ),
        CheckConstraint("due_on >= issued_on", name="due_on"),
        Index("ix_invoices_operator_id", "operator_id", "issued_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    goods_rupiah: Mapped[int] = mapped_column(BigInteger)
    shipping_rupiah: Mapped[int] = mapped_column(BigInteger)
    tax_base_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_percent: Mapped[float | None] = mapped_column(Numeric(5, 2))
    tax_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    total_rupiah: Mapped[int] = mapped_column(BigInteger)
    advance_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    due_rupiah: Mapped[int] = mapped_column(BigInteger)
    issued_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvoiceLine(Base):
    """One line of an invoice, frozen."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("amount_rupiah = unit_price_rupiah * quantity", name="amount"),
        Index("ix_invoice_lines_order_line_id", "order_line_id"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    name: Mapped[str] = mapped_column(String(400))
    unit: Mapped[str] = mapped_column(String(32), default="")
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)


class CreditNote(Base):
    """What is taken off an invoice later, and why. Number gapless in the seller's year; never changed."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        UniqueConstraint("claim_id", name="uq_credit_notes_claim_id"),
        UniqueConstraint("seller_id", "number", name="uq_credit_notes_number"),
        CheckConstraint("goods_rupiah >= 0 AND tax_rupiah >= 0", name="parts"),
        CheckConstraint("total_rupiah = goods_rupiah + tax_rupiah AND total_rupiah > 0", name="total"),
        Index("ix_credit_notes_invoice_id", "invoice_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("order_claims.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    goods_rupiah: Mapped[int] = mapped_column(BigInteger)
    tax_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    total_rupiah: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
