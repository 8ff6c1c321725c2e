"""Tables of goods on their way to a buyer, what was taken in, and what was wrong with it."""

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
from .orders import one_of


class Shipment(Base):
    """The delivery note of one order: number gapless in the seller's year, `code` in its QR.

    `is_deemed`: nobody answered in time, so it counts as taken in whole, as both saw beforehand.
    """

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("order_id", name="uq_shipments_order_id"),
        UniqueConstraint("seller_id", "number", name="uq_shipments_number"),
        CheckConstraint("(received_on IS NULL) = (received_at IS NULL)", name="received"),
        CheckConstraint("received_on >= sent_on", name="days"),
        CheckConstraint("received_on IS NOT NULL OR NOT is_deemed", name="deemed"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    carrier: Mapped[str] = mapped_column(String(120), default="")
    tracking: Mapped[str] = mapped_column(String(120), default="")
    driver: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    sent_on: Mapped[date] = mapped_column(Date)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by: Mapped[int | None] = mapped_column(BigInteger)
    sender_name: Mapped[str] = mapped_column(String(300), default="")
    received_on: Mapped[date | None] = mapped_column(Date)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_by: Mapped[int | None] = mapped_column(BigInteger)
    receiver_name: Mapped[str] = mapped_column(String(300), default="")
    is_deemed: Mapped[bool] = mapped_column(default=False)
    receipt_note: Mapped[str] = mapped_column(Text, default="")


class ShipmentLine(Base):
    """Units of one order line and lot on a delivery note, and what the buyer found."""

    __tablename__ = "shipment_lines"
    __table_args__ = (
        UniqueConstraint("shipment_id", "position", name="uq_shipment_lines_position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "(accepted IS NULL AND short IS NULL AND damaged IS NULL) OR (accepted >= 0 AND short >= 0"
            " AND damaged >= 0 AND accepted + short + damaged = quantity)",
            name="receipt",
        ),
        Index("ix_shipment_lines_order_line_id", "order_line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id"))
    position: Mapped[int] = mapped_column(Integer)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    lot_code: Mapped[str] = mapped_column(String(64), default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int | None] = mapped_column(Integer)
    short: Mapped[int | None] = mapped_column(Integer)
    damaged: Mapped[int | None] = mapped_column(Integer)


class ClaimKind(StrEnum):
    """What is wrong with what came."""

    DAMAGED = "damaged"
    SHORT = "short"
    WRONG = "wrong"
    EXPIRED = "expired"


class ClaimState(StrEnum):
    """Where a claim stands; whoever disagrees with the answer takes it to the office."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFERRED = "referred"
    WITHDRAWN = "withdrawn"


class OrderClaim(Base):
    """What a buyer objects to after taking goods in, with photos, within the days that both saw.

    `quantity` units are asked back; accepted for `granted` of them, at the line's price, by a credit note.
    `answer` is what the seller said, `decision` what ended it after that: the office's word, or that the
    buyer took it back.
    """

    __tablename__ = "order_claims"
    __table_args__ = (
        UniqueConstraint("order_id", "client_key", name="uq_order_claims_client_key"),
        CheckConstraint(one_of("kind", ClaimKind), name="kind"),
        CheckConstraint(one_of("state", ClaimState), name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("granted BETWEEN 0 AND quantity", name="granted"),
        CheckConstraint("(state = 'accepted') = (granted > 0)", name="accepted"),
        CheckConstraint("state <> 'open' OR due_at IS NOT NULL", name="due"),
        Index("ix_order_claims_order_line_id", "order_line_id"),
        Index("ix_order_claims_state", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    quantity: Mapped[int] = mapped_column(Integer)
    granted: Mapped[int] = mapped_column(Integer, default=0)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    maker_name: Mapped[str] = mapped_column(String(300), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answerer_name: Mapped[str] = mapped_column(String(300), default="")
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decider_name: Mapped[str] = mapped_column(String(300), default="")


class ClaimPhoto(Base):
    """A photo that goes with a claim."""

    __tablename__ = "claim_photos"
    __table_args__ = (Index("ix_claim_photos_claim_id", "claim_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("order_claims.id"))
    storage_key: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
