"""Tables of money that a provider carries: what it was asked, what it told, what it gave back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
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


class ChargeState(StrEnum):
    """What became of a request for payment."""

    STARTED = "started"
    """Written here; the provider may not have heard of it yet."""
    OPEN = "open"
    PENDING = "pending"
    """The buyer has done its part; the provider has not said that the money came (asynchronous methods)."""
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class Charge(Base):
    """One request to a provider to carry money of one buyer for one or more documents.

    captured = what went to the documents' sellers + fees + refunds, at every moment; all whole rupiah.
    `provider_ref` is the provider's own name of it, `intent_ref` that of the payment beneath.
    """

    __tablename__ = "charges"
    __table_args__ = (
        UniqueConstraint("provider", "provider_ref", name="uq_charges_provider_ref"),
        CheckConstraint("state IN ('started', 'open', 'pending', 'paid', 'failed', 'expired')", name="state"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("captured_rupiah IN (0, amount_rupiah)", name="captured"),
        CheckConstraint("fee_rupiah >= 0 AND refunded_rupiah >= 0", name="parts"),
        CheckConstraint("refunded_rupiah <= captured_rupiah", name="refunded"),
        CheckConstraint("(state = 'paid') = (captured_rupiah > 0)", name="paid"),
        Index("ix_charges_operator_id", "operator_id", "id"),
        Index("ix_charges_state", "state", "expires_at"),
        Index("ix_charges_intent_ref", "provider", "intent_ref"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    intent_ref: Mapped[str | None] = mapped_column(String(200))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    captured_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    fee_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(Text, default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)


class ChargeItem(Base):
    """What a charge is to pay of one document. A document has at most one charge that may still come in."""

    __tablename__ = "charge_items"
    __table_args__ = (
        CheckConstraint("amount_rupiah > 0", name="amount"),
        Index(
            "uq_charge_items_live",
            "payable_id",
            unique=True,
            sqlite_where=text("is_live"),
            postgresql_where=text("is_live"),
        ),
    )

    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"), primary_key=True, autoincrement=False)
    payable_id: Mapped[int] = mapped_column(ForeignKey("payables.id"), primary_key=True, autoincrement=False)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    is_live: Mapped[bool] = mapped_column(default=True)


class RefundState(StrEnum):
    """What became of money that goes back."""

    DUE = "due"
    """It must go back; nobody has sent it yet."""
    SENT = "sent"
    """The seller says that it was sent, or the provider was asked."""
    DONE = "done"
    FAILED = "failed"


class Refund(Base):
    """Money that goes back to its buyer: through the charge it came by, or by the seller's own hand.

    The provider is asked with this row's own key ('refund-<id>'), so that it is asked once.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("ref", name="uq_refunds_ref"),
        UniqueConstraint("provider_ref", name="uq_refunds_provider_ref"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("state IN ('due', 'sent', 'done', 'failed')", name="state"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        CheckConstraint("payable_id IS NOT NULL OR charge_id IS NOT NULL", name="of"),
        Index("ix_refunds_charge_id", "charge_id"),
        Index("ix_refunds_payable_id", "payable_id"),
        Index("ix_refunds_seller_id", "seller_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(100))
    """What it is for ('order:12:cancelled', 'credit:5'): the same is given back once."""
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"))
    payable_id: Mapped[int | None] = mapped_column(ForeignKey("payables.id"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(8))
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    proof_key: Mapped[str | None] = mapped_column(String(100))
    proof_kind: Mapped[str | None] = mapped_column(String(8))
    failure: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChargeDispute(Base):
    """A payer's bank takes a charge back: what for, by when to answer, how it ended."""

    __tablename__ = "charge_disputes"
    __table_args__ = (
        UniqueConstraint("provider_ref", name="uq_charge_disputes_provider_ref"),
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        Index("ix_charge_disputes_charge_id", "charge_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    provider_ref: Mapped[str] = mapped_column(String(200))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(8))
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProviderCall(Base):
    """A call to a provider, written before it is made: its key stays the same however often it is tried."""

    __tablename__ = "provider_calls"
    __table_args__ = (
        UniqueConstraint("provider", "idempotency_key", name="uq_provider_calls_idempotency_key"),
        CheckConstraint("state IN ('started', 'answered', 'refused')", name="state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    idempotency_key: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(8))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProviderEvent(Base):
    """Something that a provider told us: applied once, however often and in whatever order it comes."""

    __tablename__ = "provider_events"
    __table_args__ = (UniqueConstraint("provider", "event_ref", name="uq_provider_events_event_ref"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    event_ref: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(80))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id"))
    outcome: Mapped[str] = mapped_column(String(40))
    body_hash: Mapped[str] = mapped_column(String(64))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Payout(Base):
    """What was captured for a seller and sent on to its bank account; the platform's people enter it."""

    __tablename__ = "payouts"
    __table_args__ = (
        UniqueConstraint("idempotency_key", name="uq_payouts_idempotency_key"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        Index("ix_payouts_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(100))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
