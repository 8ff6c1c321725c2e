"""What two parties agreed, version by version: an accepted version is never changed, only followed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class VersionState(StrEnum):
    """What became of a version."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    COUNTERED = "countered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CommissionBasis(StrEnum):
    """How the store's share is reckoned."""

    PERCENT_OF_RETAIL = "percent_of_retail"
    FIXED_PER_UNIT = "fixed_per_unit"
    NET_PRICE = "net_price"
    NONE = "none"


class Bearer(StrEnum):
    """The party that bears a loss."""

    OUTLET = "outlet"
    SELLER = "seller"


class SettlementCycle(StrEnum):
    """How often sales are settled. Weeks begin on Monday; twice a month is the 1st to 15th, then the rest."""

    WEEKLY = "weekly"
    TWICE_MONTHLY = "twice_monthly"
    MONTHLY = "monthly"


class AgreementVersion(Base):
    """The terms of an agreement from `valid_from` until the next accepted version begins.

    A counter-offer is a new version and leaves the one it answers `countered`. Sales keep the terms of the
    version in force on their own day. At most one version of an agreement waits for an answer; the database
    refuses to change or delete one that was answered.

    `group_code` binds what one proposal asked of many pairs at once; `reminded_on` is the last day on which
    the worker wrote to whoever has to answer.
    """

    __tablename__ = "agreement_versions"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number", name="uq_agreement_versions_number"),
        CheckConstraint(
            "state IN ('proposed', 'accepted', 'countered', 'declined', 'withdrawn')", name="state"
        ),
        CheckConstraint("basis IN ('consignment', 'outright')", name="basis"),
        CheckConstraint(
            "commission_basis IN ('percent_of_retail', 'fixed_per_unit', 'net_price', 'none')",
            name="commission_basis",
        ),
        CheckConstraint(
            "(commission_basis = 'percent_of_retail') = (commission_percent IS NOT NULL)",
            name="commission_percent_given",
        ),
        CheckConstraint("commission_percent BETWEEN 0 AND 100", name="commission_percent"),
        CheckConstraint(
            "(commission_basis = 'fixed_per_unit') = (commission_rupiah IS NOT NULL)",
            name="commission_rupiah_given",
        ),
        CheckConstraint("commission_rupiah >= 0", name="commission_rupiah"),
        CheckConstraint("loss_borne_by IN ('outlet', 'seller')", name="loss_borne_by"),
        CheckConstraint("expiry_borne_by IN ('outlet', 'seller')", name="expiry_borne_by"),
        CheckConstraint(
            "settlement_cycle IN ('weekly', 'twice_monthly', 'monthly')", name="settlement_cycle"
        ),
        CheckConstraint("due_days BETWEEN 0 AND 366", name="due_days"),
        CheckConstraint("report_cycle_days BETWEEN 1 AND 366", name="report_cycle_days"),
        CheckConstraint("min_life_days >= 0", name="min_life_days"),
        CheckConstraint("return_window_days >= 0", name="return_window_days"),
        CheckConstraint("price_notice_days >= 0", name="price_notice_days"),
        CheckConstraint("end_notice_days BETWEEN 0 AND 366", name="end_notice_days"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days"),
        Index(
            "uq_agreement_versions_waiting",
            "agreement_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_agreement_versions_in_force", "agreement_id", "state", "valid_from"),
        Index(
            "ix_agreement_versions_reply_by",
            "reply_by",
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    basis: Mapped[str] = mapped_column(String(12))
    valid_from: Mapped[date] = mapped_column(Date)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    commission_basis: Mapped[str] = mapped_column(String(20))
    commission_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    commission_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    loss_borne_by: Mapped[str] = mapped_column(String(8), default=Bearer.OUTLET)
    expiry_borne_by: Mapped[str] = mapped_column(String(8), default=Bearer.SELLER)
    settlement_cycle: Mapped[str] = mapped_column(String(16), default=SettlementCycle.MONTHLY)
    due_days: Mapped[int] = mapped_column(Integer, default=14)
    report_cycle_days: Mapped[int] = mapped_column(Integer, default=7)
    min_life_days: Mapped[int | None] = mapped_column(Integer)
    return_window_days: Mapped[int | None] = mapped_column(Integer)
    price_notice_days: Mapped[int] = mapped_column(Integer, default=30)
    end_notice_days: Mapped[int] = mapped_column(Integer, default=0)
    display_place: Mapped[str] = mapped_column(String(200), default="")
    fees: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    terms: Mapped[str] = mapped_column(Text, default="")
    proposed_by_side: Mapped[str] = mapped_column(String(8), default="")
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply_by: Mapped[date | None] = mapped_column(Date)
    reminded_on: Mapped[date | None] = mapped_column(Date)
    group_code: Mapped[str] = mapped_column(String(16), default="")
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgreementVersionProduct(Base):
    """A product in the annex of a version, with the prices that both agreed to.

    `retail_price_rupiah` is what a customer pays for a unit; `net_price_rupiah` what the maker gets for it,
    given where the commission's basis is the net price (or goods are bought outright).
    """

    __tablename__ = "agreement_version_products"
    __table_args__ = (
        CheckConstraint("retail_price_rupiah >= 0", name="retail_price"),
        CheckConstraint("net_price_rupiah >= 0", name="net_price"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("agreement_versions.id"), primary_key=True, autoincrement=False
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    retail_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    net_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)


class AgreementPaper(Base):
    """The written agreement of an accepted version: what it says, numbered and frozen for ever.

    `content` is all that the paper is made of, `content_hash` the SHA-256 of its canonical JSON.
    """

    __tablename__ = "agreement_papers"
    __table_args__ = (
        UniqueConstraint("number", name="uq_agreement_papers_number"),
        UniqueConstraint("verify_code", name="uq_agreement_papers_verify_code"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("agreement_versions.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(100))
    verify_code: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgreementPaperFile(Base):
    """The PDF that was set from a paper, once: where it is kept, and the SHA-256 of its bytes."""

    __tablename__ = "agreement_paper_files"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("agreement_papers.version_id"), primary_key=True, autoincrement=False
    )
    file_key: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
