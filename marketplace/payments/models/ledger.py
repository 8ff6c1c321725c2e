"""Tables of money: the journal in double entry, what is payable, what was paid."""

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


class AccountKind(StrEnum):
    """What an account of one operator and one seller holds. A debit is positive, a credit negative.

    What the store owes stands in OWED until a payment is reported, then in TRANSIT until the maker says it
    came, then in RECEIVED. SALES, COMMISSION, LOSSES and CORRECTION say what the debt came from, DISPUTED
    what both see differently. ADVANCE is what was asked for goods that are still to come, TAX the VAT in a
    bill, HELD what a provider captured for the maker, FEES what it kept, REFUNDS what must go back.
    """

    SALES = "sales"
    COMMISSION = "commission"
    LOSSES = "losses"
    CORRECTION = "correction"
    DISPUTED = "disputed"
    OWED = "owed"
    TRANSIT = "transit"
    RECEIVED = "received"
    ADVANCE = "advance"
    TAX = "tax"
    HELD = "held"
    FEES = "fees"
    REFUNDS = "refunds"


ACCOUNT_KINDS = (
    "kind IN ('sales', 'commission', 'losses', 'correction', 'disputed', 'owed', 'transit', 'received',"
    " 'advance', 'tax', 'held', 'fees', 'refunds')"
)
STEP_KINDS = (
    "kind IN ('issued', 'disputed', 'decided', 'paid', 'confirmed', 'denied', 'reversed', 'advanced',"
    " 'invoiced', 'credited', 'withdrawn', 'captured', 'fee', 'refund_due', 'refunded', 'paid_out')"
)


class JournalAccount(Base):
    """What one operator and one seller are to each other in one respect; `balance_rupiah` sums its lines."""

    __tablename__ = "journal_accounts"
    __table_args__ = (
        UniqueConstraint("operator_id", "seller_id", "kind", name="uq_journal_accounts_parties"),
        CheckConstraint(ACCOUNT_KINDS, name="kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    kind: Mapped[str] = mapped_column(String(12))
    balance_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)


class JournalTransaction(Base):
    """One step that moved rupiah between accounts. Its lines sum to zero; rows are never changed.

    `ref` names the step ('settlement:12:issued'), so that a step is entered once whatever is retried.
    """

    __tablename__ = "journal_transactions"
    __table_args__ = (
        UniqueConstraint("ref", name="uq_journal_transactions_ref"),
        UniqueConstraint("reverses_id", name="uq_journal_transactions_reverses_id"),
        CheckConstraint(STEP_KINDS, name="kind"),
        Index("ix_journal_transactions_cause", "cause_kind", "cause_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))
    cause_kind: Mapped[str] = mapped_column(String(16))
    cause_id: Mapped[int] = mapped_column(BigInteger)
    occurred_on: Mapped[date] = mapped_column(Date)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("journal_transactions.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class JournalLine(Base):
    """What a step did to one account."""

    __tablename__ = "journal_lines"
    __table_args__ = (
        CheckConstraint("amount_rupiah <> 0", name="amount"),
        Index("ix_journal_lines_account_id", "account_id", "transaction_id"),
    )

    transaction_id: Mapped[int] = mapped_column(
        ForeignKey("journal_transactions.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("journal_accounts.id"), primary_key=True, autoincrement=False
    )
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)


class Payable(Base):
    """What an operator owes a seller for one document, and how far it is paid.

    `paid_rupiah` counts payments that were reported and not denied, `confirmed_rupiah` those that the seller
    said came. What is disputed is not in `amount_rupiah` until it is decided.
    """

    __tablename__ = "payables"
    __table_args__ = (
        UniqueConstraint("kind", "document_id", name="uq_payables_document"),
        CheckConstraint("kind IN ('settlement', 'invoice', 'advance')", name="kind"),
        CheckConstraint("confirmed_rupiah >= 0", name="confirmed"),
        CheckConstraint("paid_rupiah >= confirmed_rupiah", name="paid"),
        CheckConstraint("amount_rupiah >= paid_rupiah", name="amount"),
        CheckConstraint("due_on >= papers_complete_on", name="due_on"),
        Index("ix_payables_operator_id", "operator_id", "due_on"),
        Index("ix_payables_seller_id", "seller_id", "due_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    document_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(String(64))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    paid_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    confirmed_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    papers_complete_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reminded_on: Mapped[date | None] = mapped_column(Date)
    """When its payer was last reminded of it."""

    @property
    def open_rupiah(self) -> int:
        """What is still to be paid."""
        return self.amount_rupiah - self.paid_rupiah


class PaymentMethod(StrEnum):
    """How money went from one to the other."""

    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    PROVIDER = "provider"
    QRIS = "qris"


class PaymentState(StrEnum):
    """What became of a payment."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    REVERSED = "reversed"


class Payment(Base):
    """Money that an operator says it gave to a seller, and what the seller says of it."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("idempotency_key", name="uq_payments_idempotency_key"),
        CheckConstraint("method IN ('bank_transfer', 'cash', 'provider', 'qris')", name="method"),
        CheckConstraint("state IN ('reported', 'confirmed', 'denied', 'reversed')", name="state"),
        CheckConstraint("amount_rupiah > 0", name="amount"),
        CheckConstraint("(confirmed_on IS NULL) OR state IN ('confirmed', 'reversed')", name="confirmed_on"),
        CheckConstraint("state <> 'confirmed' OR confirmed_on IS NOT NULL", name="confirmed"),
        CheckConstraint("(proof_key IS NULL) = (proof_kind IS NULL)", name="proof"),
        Index("ix_payments_operator_id", "operator_id", "id"),
        Index("ix_payments_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(100))
    content_hash: Mapped[str] = mapped_column(String(64))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    method: Mapped[str] = mapped_column(String(16))
    provider: Mapped[str] = mapped_column(String(32), default="")
    provider_ref: Mapped[str | None] = mapped_column(String(200), unique=True)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str] = mapped_column(String(200), default="")
    proof_key: Mapped[str | None] = mapped_column(String(100))
    proof_kind: Mapped[str | None] = mapped_column(String(8))
    proof_bytes: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_on: Mapped[date | None] = mapped_column(Date)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answer_reason: Mapped[str] = mapped_column(Text, default="")


class PaymentAllocation(Base):
    """How much of a payment pays one payable."""

    __tablename__ = "payment_allocations"
    __table_args__ = (
        CheckConstraint("amount_rupiah > 0", name="amount"),
        Index("ix_payment_allocations_payable_id", "payable_id"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, autoincrement=False)
    payable_id: Mapped[int] = mapped_column(ForeignKey("payables.id"), primary_key=True, autoincrement=False)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
