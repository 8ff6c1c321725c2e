"""Tables of what the two parties see differently, and of what they write to each other about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class DifferenceKind(StrEnum):
    """What differs: units of a delivery, of a sales report, or a line of a settlement."""

    DELIVERY_SHORT = "delivery_short"
    DELIVERY_DAMAGED = "delivery_damaged"
    SALE_EXCESS = "sale_excess"
    SETTLEMENT_LINE = "settlement_line"


class DifferenceState(StrEnum):
    """Whether it still stands between them."""

    OPEN = "open"
    SETTLED = "settled"


class Outcome(StrEnum):
    """How it was settled."""

    SELLER_AGREES = "seller_agrees"
    STORE_CORRECTS = "store_corrects"
    OFFICER_DECIDES = "officer_decides"


OPEN_SALE_LINE = "kind = 'sale_excess' AND state = 'open'"
"""However often a line of a sales report is sent, one thing is open about it."""


class Difference(Base):
    """One thing that seller and outlet see differently, named by the line of the document it came from.

    `favours` is the party that an officer decided for. `referred_at`: one of them asked the office.
    """

    __tablename__ = "differences"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('delivery_short', 'delivery_damaged', 'sale_excess', 'settlement_line')", name="kind"
        ),
        CheckConstraint("state IN ('open', 'settled')", name="state"),
        CheckConstraint("outcome IN ('seller_agrees', 'store_corrects', 'officer_decides')", name="outcome"),
        CheckConstraint("(state = 'settled') = (outcome IS NOT NULL)", name="settled"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at"),
        CheckConstraint("favours IN ('seller', 'outlet')", name="favours"),
        CheckConstraint(
            "(favours IS NOT NULL) = (COALESCE(outcome, '') = 'officer_decides')", name="decided"
        ),
        CheckConstraint("quantity IS NOT NULL OR rupiah IS NOT NULL", name="amount"),
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("kind", "document_kind", "document_id", "line_ref", name="uq_differences_line"),
        Index(
            "uq_differences_open_sale_line",
            "outlet_id",
            "line_ref",
            unique=True,
            sqlite_where=text(OPEN_SALE_LINE),
            postgresql_where=text(OPEN_SALE_LINE),
        ),
        Index("ix_differences_outlet_id", "outlet_id", "state", "id"),
        Index("ix_differences_seller_id", "seller_id", "state", "id"),
        Index("ix_differences_document", "document_kind", "document_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    rupiah: Mapped[int | None] = mapped_column(BigInteger)
    document_kind: Mapped[str] = mapped_column(String(24))
    document_id: Mapped[int] = mapped_column(BigInteger)
    line_ref: Mapped[str] = mapped_column(String(64), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(8), default=DifferenceState.OPEN)
    outcome: Mapped[str | None] = mapped_column(String(16))
    favours: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(BigInteger)
    referred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    referred_by: Mapped[int | None] = mapped_column(BigInteger)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def name(self) -> str:
        """What the audit log calls it."""
        return f"{self.document_kind} {self.document_id}: {self.kind} {self.line_ref}".strip()


class Message(Base):
    """Something that one side (or the office) wrote on a document; both parties and the office read it.

    Where goods are bought outright `operator_id` is the buyer, whose side is 'outlet' too, and `outlet_id`
    only says at which outlet it waits; else the party is whoever runs the outlet.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("side IN ('seller', 'outlet', 'office')", name="side"),
        CheckConstraint("body <> ''", name="body"),
        CheckConstraint("outlet_id IS NOT NULL OR operator_id IS NOT NULL", name="party"),
        UniqueConstraint("author_id", "client_key", name="uq_messages_client_key"),
        Index("ix_messages_document", "document_kind", "document_id", "id"),
        Index("ix_messages_outlet_id", "outlet_id", "id"),
        Index("ix_messages_operator_id", "operator_id", "id"),
        Index("ix_messages_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_kind: Mapped[str] = mapped_column(String(24))
    document_id: Mapped[int] = mapped_column(BigInteger)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    side: Mapped[str] = mapped_column(String(8))
    author_id: Mapped[int | None] = mapped_column(BigInteger)
    author_name: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    client_key: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def name(self) -> str:
        """What the audit log calls it: the document it is written on."""
        return f"{self.document_kind} {self.document_id}"


class MessageView(Base):
    """When a side first had a message of somebody else's before it, and who of that side."""

    __tablename__ = "message_views"
    __table_args__ = (CheckConstraint("side IN ('seller', 'outlet')", name="side"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(8), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_by: Mapped[int | None] = mapped_column(BigInteger)
