"""Tables of what somebody means to buy, and of what was bought in one go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class CartLine(Base):
    """One product in the cart of one person who buys for one operator.

    `seen_price_rupiah` is the unit price that the person was shown last: checkout says what changed since.
    """

    __tablename__ = "cart_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("seen_price_rupiah >= 0", name="seen_price"),
        Index("ix_cart_lines_product_id", "product_id"),
    )

    operator_id: Mapped[int] = mapped_column(
        ForeignKey("operators.id"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    quantity: Mapped[int] = mapped_column(Integer)
    seen_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    card_text: Mapped[str] = mapped_column(String(300), default="")
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Checkout(Base):
    """A cart that was sent off: one order for each seller in it. The same form sent twice is one checkout."""

    __tablename__ = "checkouts"
    __table_args__ = (
        UniqueConstraint("operator_id", "client_key", name="uq_checkouts_client_key"),
        CheckConstraint("total_rupiah >= 0", name="total"),
        CheckConstraint("(decided_at IS NULL) = (is_approved IS NULL)", name="decided"),
        CheckConstraint("needs_approval OR decided_at IS NULL", name="approval"),
        Index("ix_checkouts_operator_id", "operator_id", "id"),
        Index("ix_checkouts_made_at", "operator_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    client_key: Mapped[str] = mapped_column(String(100))
    content_hash: Mapped[str] = mapped_column(String(64))
    order_count: Mapped[int] = mapped_column(Integer)
    total_rupiah: Mapped[int] = mapped_column(BigInteger)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    is_approved: Mapped[bool | None] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decider_name: Mapped[str] = mapped_column(String(300), default="")
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    maker_name: Mapped[str] = mapped_column(String(300), default="")


class ApprovalLimit(Base):
    """Up to how much one person may order without a manager; without a row the operator's own limit holds.

    user_id 0 is everybody of the operator who has no row of their own.
    """

    __tablename__ = "approval_limits"
    __table_args__ = (CheckConstraint("limit_rupiah >= 0", name="limit"),)

    operator_id: Mapped[int] = mapped_column(
        ForeignKey("operators.id"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    limit_rupiah: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(BigInteger)
