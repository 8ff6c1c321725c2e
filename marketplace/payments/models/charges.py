"""Tables of money that a provider carries: what it was asked, what it told, what it gave back."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
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

    captured = what went to the documents' sellers + fees + refunds + what payers' banks took back, at every
    moment; all whole rupiah. A bank may take what was given back already: then the sellers' part is negative.
    `reference` is our name of it, which the provider gives back with everything it tells; `provider_ref` is
    the provider's own name, `intent_ref` that of the payment beneath. `flag` says what did not fit in what
    the provider told ('amount', 'currency', 'reference', 'refund'): somebody must look.
    """

    __tablename__ = "charges"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_charges_reference"),
        UniqueConstraint("provider", "provider_ref", name="uq_charges_provider_ref"),
        CheckConstraint("state IN ('started', 'open', 'pending', 'paid', 'failed', 'expired')", name="state"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("captured_rupiah IN (0, amount_rupiah)", name="captured"),
        CheckConstraint("fee_rupiah >= 0 AND refunded_rupiah >= 0 AND lost_rupiah >= 0", name="parts"),
        CheckConstraint("refunded_rupiah <= captured_rupiah", name="refunded"),
        CheckConstraint("lost_rupiah <= captured_rupiah", name="lost"),
        CheckConstraint("(state = 'paid') = (captured_rupiah > 0)", name="paid"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_at"),
        Index("ix_charges_operator_id", "operator_id", "id"),
        Index("ix_charges_state", "state", "expires_at"),
        Index("ix_charges_intent_ref", "provider", "intent_ref"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(16))
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    intent_ref: Mapped[str | None] = mapped_column(String(200))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    captured_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    fee_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    fee_known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refunded_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    lost_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(Text, default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    flag: Mapped[str] = mapped_column(String(16), default="")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the provider was last asked, or last told something."""
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def returned_rupiah(self) -> int:
        """What the payer has back: given back, or taken back by its bank."""
        return self.refunded_rupiah + self.lost_rupiah


class ItemOutcome(StrEnum):
    """What came of a document in a charge that was paid."""

    PAID = "paid"
    RETURNED = "returned"
    """It was no longer owed: the money goes back whole."""


class ChargeItem(Base):
    """What a charge is to pay of one document. A document has at most one charge that may still come in.

    `lost_rupiah` of what was paid was taken back by payers' banks.
    """

    __tablename__ = "charge_items"
    __table_args__ = (
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("outcome IS NULL OR outcome IN ('paid', 'returned')", name="outcome"),
        CheckConstraint("outcome IS NULL OR NOT is_live", name="live"),
        CheckConstraint("lost_rupiah BETWEEN 0 AND amount_rupiah", name="lost"),
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
    outcome: Mapped[str | None] = mapped_column(String(8))
    lost_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)


class RefundState(StrEnum):
    """What became of money that goes back."""

    WAITING = "waiting"
    """It goes back once the payment that it is of is confirmed; nothing goes back if that never came."""
    DUE = "due"
    """It must go back; nobody has sent it yet."""
    SENT = "sent"
    """The seller says that it was sent, or the provider was asked."""
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"
    """There was nothing to give back: the payment never came."""


class Refund(Base):
    """Money that goes back to its buyer: through the charge it came by, or by the seller's own hand.

    The provider is asked with this row's own key ('refund-<id>'), so that it is asked once.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("ref", name="uq_refunds_ref"),
        UniqueConstraint("provider_ref", name="uq_refunds_provider_ref"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("state IN ('waiting', 'due', 'sent', 'done', 'failed', 'dropped')", name="state"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        CheckConstraint("payable_id IS NOT NULL OR charge_id IS NOT NULL", name="of"),
        CheckConstraint("method IN ('', 'bank_transfer', 'cash')", name="method"),
        CheckConstraint("method <> 'bank_transfer' OR proof_key IS NOT NULL", name="proof"),
        CheckConstraint("charge_id IS NULL OR method = ''", name="by_provider"),
        CheckConstraint(
            "charge_id IS NOT NULL OR method <> '' OR state NOT IN ('sent', 'done')", name="by_hand"
        ),
        Index("ix_refunds_charge_id", "charge_id"),
        Index("ix_refunds_payable_id", "payable_id"),
        Index("ix_refunds_seller_id", "seller_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(100))
    """What it is for ('order:12:cancelled', 'credit:5'): the same is given back once."""
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    payable_id: Mapped[int | None] = mapped_column(ForeignKey("payables.id"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(8))
    method: Mapped[str] = mapped_column(String(16), default="")
    """How it was sent by hand; empty while it was not."""
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    proof_key: Mapped[str | None] = mapped_column(String(100))
    proof_kind: Mapped[str | None] = mapped_column(String(8))
    failure: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_by: Mapped[int | None] = mapped_column(BigInteger)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(BigInteger)


class ChargeDispute(Base):
    """A payer's bank takes a charge back: what for, by when to answer, how it ended.

    `shares` says how much of it falls on which document, by the document's id.
    """

    __tablename__ = "charge_disputes"
    __table_args__ = (
        UniqueConstraint("provider_ref", name="uq_charge_disputes_provider_ref"),
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state"),
        CheckConstraint("amount_rupiah > 0 AND fee_rupiah >= 0", name="amount"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_charge_disputes_charge_id", "charge_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    provider_ref: Mapped[str] = mapped_column(String(200))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    fee_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    shares: Mapped[dict[str, int]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(8))
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProviderCall(Base):
    """A call to a provider, written before it is made; tried again, its key and question stay the same."""

    __tablename__ = "provider_calls"
    __table_args__ = (
        UniqueConstraint("provider", "idempotency_key", name="uq_provider_calls_idempotency_key"),
        CheckConstraint("what IN ('charge', 'refund')", name="what"),
        CheckConstraint("state IN ('started', 'answered', 'refused')", name="state"),
        CheckConstraint("(state = 'started') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(what = 'refund') = (refund_id IS NOT NULL)", name="refund"),
        Index("ix_provider_calls_charge_id", "charge_id"),
        Index("ix_provider_calls_refund_id", "refund_id"),
        Index("ix_provider_calls_state", "state", "started_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    idempotency_key: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(40))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    state: Mapped[str] = mapped_column(String(8))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProviderEvent(Base):
    """Something that a provider told us: applied once, however often and in whatever order it comes."""

    __tablename__ = "provider_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_ref", name="uq_provider_events_event_ref"),
        Index("ix_provider_events_charge_id", "charge_id"),
    )

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
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class PayoutLine(Base):
    """How much of a payout comes from one buyer's money; less than nothing where more went back than came."""

    __tablename__ = "payout_lines"
    __table_args__ = (CheckConstraint("amount_rupiah <> 0", name="amount"),)

    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"), primary_key=True, autoincrement=False)
    operator_id: Mapped[int] = mapped_column(
        ForeignKey("operators.id"), primary_key=True, autoincrement=False
    )
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
