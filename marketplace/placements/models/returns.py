"""Tables of goods that leave a shelf unsold: return notes, destruction minutes, and warnings of expiry."""

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

REASONS = "'expired', 'near_expiry', 'damaged', 'slow', 'end_of_agreement'"


class ReturnState(StrEnum):
    """Where a return stands: kept by the store until fetched, or destroyed there, or called off."""

    WAITING = "waiting"
    FETCHED = "fetched"
    DESTROYED = "destroyed"
    CANCELLED = "cancelled"


class ReturnReason(StrEnum):
    """Why units go back."""

    EXPIRED = "expired"
    NEAR_EXPIRY = "near_expiry"
    DAMAGED = "damaged"
    SLOW = "slow"
    END_OF_AGREEMENT = "end_of_agreement"


class ReturnNote(Base):
    """A return note: goods that a store has put aside until their maker fetches them.

    They stay on the shelf's balance until then, for the store still holds them. `fetch_by` is the last day
    that the agreement's return window gives.
    """

    __tablename__ = "return_notes"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'fetched', 'destroyed', 'cancelled')", name="state"),
        CheckConstraint("(state = 'fetched') = (fetched_on IS NOT NULL)", name="fetched"),
        CheckConstraint("fetched_on >= made_on", name="days"),
        UniqueConstraint("operator_id", "number", name="uq_return_notes_number"),
        UniqueConstraint("outlet_id", "client_key", name="uq_return_notes_client_key"),
        Index("ix_return_notes_outlet_id", "outlet_id", "state", "id"),
        Index("ix_return_notes_seller_id", "seller_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    client_key: Mapped[str | None] = mapped_column(String(64))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreements.id"))
    state: Mapped[str] = mapped_column(String(10), default=ReturnState.WAITING)
    made_on: Mapped[date] = mapped_column(Date)
    fetch_by: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    maker_name: Mapped[str] = mapped_column(String(300), default="")
    fetched_on: Mapped[date | None] = mapped_column(Date)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fetched_by: Mapped[int | None] = mapped_column(BigInteger)
    fetcher_name: Mapped[str] = mapped_column(String(300), default="")
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[int | None] = mapped_column(BigInteger)
    cancel_reason: Mapped[str] = mapped_column(Text, default="")


class ReturnLine(Base):
    """Units of one product and lot on a return note; `fetched` of them left the shelf in the end."""

    __tablename__ = "return_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("fetched BETWEEN 0 AND quantity", name="fetched"),
        CheckConstraint(f"reason IN ({REASONS})", name="reason"),
        UniqueConstraint("return_note_id", "position", name="uq_return_lines_position"),
        Index("ix_return_lines_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    return_note_id: Mapped[int] = mapped_column(ForeignKey("return_notes.id"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    lot_code: Mapped[str] = mapped_column(String(64), default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    fetched: Mapped[int | None] = mapped_column(BigInteger)


class Destruction(Base):
    """Minutes (berita acara) of goods destroyed at a store, with a photo and two witnesses.

    Written at once and never changed: the goods are gone. `photo` is the stem of its files in the store.
    """

    __tablename__ = "destructions"
    __table_args__ = (
        CheckConstraint("photo <> ''", name="photo"),
        UniqueConstraint("operator_id", "number", name="uq_destructions_number"),
        UniqueConstraint("outlet_id", "client_key", name="uq_destructions_client_key"),
        UniqueConstraint("return_note_id", name="uq_destructions_return_note_id"),
        Index("ix_destructions_outlet_id", "outlet_id", "id"),
        Index("ix_destructions_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    client_key: Mapped[str | None] = mapped_column(String(64))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreements.id"))
    return_note_id: Mapped[int | None] = mapped_column(ForeignKey("return_notes.id"))
    destroyed_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(200))
    witness_name: Mapped[str] = mapped_column(String(300))
    seller_witness_name: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    photo: Mapped[str] = mapped_column(String(40))
    photo_digest: Mapped[str] = mapped_column(String(64))
    photo_width: Mapped[int] = mapped_column(Integer)
    photo_height: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    recorder_name: Mapped[str] = mapped_column(String(300), default="")


class DestructionLine(Base):
    """Units of one product and lot that were destroyed, and who bears them by the agreement."""

    __tablename__ = "destruction_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("reason IN ('expired', 'damaged')", name="reason"),
        CheckConstraint("borne_by IN ('outlet', 'seller')", name="borne_by"),
        UniqueConstraint("destruction_id", "position", name="uq_destruction_lines_position"),
        Index("ix_destruction_lines_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    destruction_id: Mapped[int] = mapped_column(ForeignKey("destructions.id"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    lot_code: Mapped[str] = mapped_column(String(64), default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    borne_by: Mapped[str] = mapped_column(String(8))


class ExpiryAlert(Base):
    """That both sides were told of a lot this many days before it expires: once."""

    __tablename__ = "expiry_alerts"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), primary_key=True, autoincrement=False)
    days_before: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
