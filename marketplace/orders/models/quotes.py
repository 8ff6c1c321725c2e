"""Tables of quotations: what a buyer asks one seller for, and every version of what they would agree to."""

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
from .orders import PaymentPlan, one_of


class QuoteState(StrEnum):
    """Where a quotation stands (rules/quotes.py says who may move it where)."""

    ASKED = "asked"
    OFFERED = "offered"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Quote(Base):
    """What one operator asks one seller for, before it orders: which goods go where, and where the talk is.

    The version with the number `latest` is on the table; accepted, it became `order_id`. `due_at` is until
    when it may be answered. `quote_ref` stands in addresses.
    """

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("operator_id", "number", name="uq_quotes_number"),
        UniqueConstraint("operator_id", "client_key", name="uq_quotes_client_key"),
        UniqueConstraint("order_id", name="uq_quotes_order_id"),
        CheckConstraint(one_of("state", QuoteState), name="state"),
        CheckConstraint("shipping_kind IN ('seller_rate', 'pickup')", name="shipping_kind"),
        CheckConstraint("(state = 'accepted') = (order_id IS NOT NULL)", name="accepted"),
        CheckConstraint(
            "(state IN ('asked', 'offered', 'countered')) = (due_at IS NOT NULL AND ended_at IS NULL)",
            name="ended",
        ),
        CheckConstraint("outlet_id IS NOT NULL OR address <> '' OR shipping_kind = 'pickup'", name="to"),
        CheckConstraint("latest > 0", name="latest"),
        Index("ix_quotes_operator_id", "operator_id", "state", "id"),
        Index("ix_quotes_seller_id", "seller_id", "state", "id"),
        Index("ix_quotes_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    quote_ref: Mapped[str] = mapped_column(String(24), unique=True)
    number: Mapped[str] = mapped_column(String(40))
    client_key: Mapped[str] = mapped_column(String(100))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    state: Mapped[str] = mapped_column(String(10))
    latest: Mapped[int] = mapped_column(Integer, default=1)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"))
    recipient: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    shipping_kind: Mapped[str] = mapped_column(String(12))
    procurement_ref: Mapped[str] = mapped_column(String(100), default="")
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    asker_name: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_side: Mapped[str] = mapped_column(String(8), default="")
    ender_name: Mapped[str] = mapped_column(String(300), default="")
    end_reason: Mapped[str] = mapped_column(Text, default="")


class QuoteVersion(Base):
    """What one side would agree to. Rows are never changed: an answer with other terms is the next version.

    The first is what the buyer asks, without prices; every later one is whole, and whoever says yes to it
    says yes to its total. `advance_percent` is due before packing where the plan is an advance. `makes_rest`:
    the seller makes what is not at hand when the version is accepted.
    """

    __tablename__ = "quote_versions"
    __table_args__ = (
        UniqueConstraint("quote_id", "number", name="uq_quote_versions_number"),
        CheckConstraint("number > 0", name="positive"),
        CheckConstraint("side IN ('buyer', 'seller')", name="side"),
        CheckConstraint("number > 1 OR side = 'buyer'", name="first"),
        CheckConstraint(one_of("payment_plan", PaymentPlan), name="payment_plan"),
        CheckConstraint("due_days BETWEEN 0 AND 366", name="due_days"),
        CheckConstraint("advance_percent BETWEEN 0 AND 100", name="advance"),
        CheckConstraint("deliver_to >= deliver_from", name="window"),
        CheckConstraint("side = 'seller' OR NOT makes_rest", name="makes_rest"),
        CheckConstraint("(number = 1) = (total_rupiah IS NULL)", name="priced"),
        CheckConstraint(
            "(total_rupiah IS NULL AND goods_rupiah IS NULL AND shipping_rupiah IS NULL"
            " AND tax_rupiah IS NULL)"
            " OR (goods_rupiah >= 0 AND shipping_rupiah >= 0 AND tax_rupiah >= 0"
            " AND total_rupiah = goods_rupiah + shipping_rupiah + tax_rupiah)",
            name="total",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id"))
    number: Mapped[int] = mapped_column(Integer)
    side: Mapped[str] = mapped_column(String(8))
    deliver_from: Mapped[date] = mapped_column(Date)
    deliver_to: Mapped[date] = mapped_column(Date)
    payment_plan: Mapped[str] = mapped_column(String(12))
    due_days: Mapped[int] = mapped_column(Integer, default=0)
    advance_percent: Mapped[int] = mapped_column(Integer, default=0)
    goods_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    shipping_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    tax_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    total_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    valid_until: Mapped[date] = mapped_column(Date)
    makes_rest: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    maker_name: Mapped[str] = mapped_column(String(300), default="")


class QuoteLine(Base):
    """Units of one product in a version. `list_price_rupiah` is what the catalogue asked on that day."""

    __tablename__ = "quote_lines"
    __table_args__ = (
        UniqueConstraint("version_id", "product_id", name="uq_quote_lines_product_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_rupiah >= 0 AND list_price_rupiah >= 0", name="prices"),
        Index("ix_quote_lines_product_id", "product_id"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("quote_versions.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    name: Mapped[str] = mapped_column(String(400))
    sku: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(32), default="")
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    list_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    card_text: Mapped[str] = mapped_column(String(300), default="")
