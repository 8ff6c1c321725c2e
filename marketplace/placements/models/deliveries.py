"""Tables of delivery notes: what a maker sent to a store, and what of it the store took in."""

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


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Delivery(Base):
    """A delivery note (surat jalan): goods of one seller on their way to one outlet.

    It gets its number, gapless for each seller and year, when it is sent. `code` stands in its QR.
    `client_key` is the name that the form gave it, so that a form sent twice makes one note.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'sent', 'received', 'cancelled')", name="state"),
        CheckConstraint("state NOT IN ('sent', 'received') OR number IS NOT NULL", name="number"),
        CheckConstraint("(number IS NULL) = (sent_on IS NULL)", name="sent"),
        CheckConstraint("(state = 'received') = (received_on IS NOT NULL)", name="received"),
        CheckConstraint("received_on >= sent_on", name="days"),
        UniqueConstraint("seller_id", "number", name="uq_deliveries_number"),
        UniqueConstraint("seller_id", "client_key", name="uq_deliveries_client_key"),
        Index("ix_deliveries_outlet_id", "outlet_id", "state", "id"),
        Index("ix_deliveries_seller_id", "seller_id", "state", "id"),
        Index("ix_deliveries_agreement_id", "agreement_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    client_key: Mapped[str | None] = mapped_column(String(64))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    state: Mapped[str] = mapped_column(String(10), default=DeliveryState.DRAFT)
    deliver_on: Mapped[date] = mapped_column(Date)
    vehicle: Mapped[str] = mapped_column(String(120), default="")
    driver: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_on: Mapped[date | None] = mapped_column(Date)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_by: Mapped[int | None] = mapped_column(BigInteger)
    sender_name: Mapped[str] = mapped_column(String(300), default="")
    received_on: Mapped[date | None] = mapped_column(Date)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_by: Mapped[int | None] = mapped_column(BigInteger)
    receiver_name: Mapped[str] = mapped_column(String(300), default="")
    receipt_note: Mapped[str] = mapped_column(Text, default="")
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[int | None] = mapped_column(BigInteger)
    cancel_reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def name(self) -> str:
        """What people call it: its number once it has one."""
        return self.number or f"#{self.id}"


class DeliveryLine(Base):
    """Units of one product and lot on a delivery note, and what the store said of them.

    `refused` are units that the store had to turn away because of their remaining life; only `accepted` ones
    reach the shelf. Before the receipt all four are empty.
    """

    __tablename__ = "delivery_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_rupiah >= 0", name="unit_price"),
        CheckConstraint(
            "(accepted IS NULL AND short IS NULL AND damaged IS NULL AND refused IS NULL) OR "
            "(accepted >= 0 AND short >= 0 AND damaged >= 0 AND refused >= 0 "
            "AND accepted + short + damaged + refused = quantity)",
            name="receipt",
        ),
        UniqueConstraint("delivery_id", "position", name="uq_delivery_lines_position"),
        Index("ix_delivery_lines_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    lot_code: Mapped[str] = mapped_column(String(64), default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(BigInteger)
    unit_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    accepted: Mapped[int | None] = mapped_column(BigInteger)
    short: Mapped[int | None] = mapped_column(BigInteger)
    damaged: Mapped[int | None] = mapped_column(BigInteger)
    refused: Mapped[int | None] = mapped_column(BigInteger)
