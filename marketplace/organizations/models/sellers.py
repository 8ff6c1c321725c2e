"""Sellers (MSMEs): the registry, what counting reads of them, verification, claims and merges."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ...clock import FIRST_DAY, LAST_DAY
from ...crypto import EncryptedText
from ...db import Base, BigId, UtcDateTime


class KbliCode(Base):
    """A class of the Indonesian business classification, by its edition (2020, 2025)."""

    __tablename__ = "kbli_codes"

    version: Mapped[str] = mapped_column(String(4), primary_key=True)
    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    title: Mapped[str] = mapped_column(String(300))


class Seller(Base):
    """An MSME. What counting reads of it is in SellerFacts.

    Coaching (coached_since, coached_until) is apart from registration: neither follows from the other.
    """

    __tablename__ = "sellers"
    __table_args__ = (
        CheckConstraint("coached_until IS NULL OR coached_since IS NOT NULL", name="coached"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="merged_into"),
        Index("ix_sellers_name", "name"),
        Index("ix_sellers_merged_into_id", "merged_into_id"),
        Index("ix_sellers_phone", "phone"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_ref: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    owner_name: Mapped[str] = mapped_column(String(300), default="")
    nib: Mapped[str | None] = mapped_column(String(13))
    npwp: Mapped[str | None] = mapped_column(EncryptedText)
    kbli_code: Mapped[str | None] = mapped_column(String(5))
    kbli_version: Mapped[str] = mapped_column(String(4), default="2020")
    phone: Mapped[str | None] = mapped_column(String(20))
    is_phone_public: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str | None] = mapped_column(String(320))
    address: Mapped[str] = mapped_column(Text, default="")
    story: Mapped[str] = mapped_column(Text, default="")
    bank_name: Mapped[str] = mapped_column(String(100), default="")
    bank_account: Mapped[str | None] = mapped_column(EncryptedText)
    bank_holder: Mapped[str | None] = mapped_column(EncryptedText)
    coached_since: Mapped[date | None] = mapped_column(Date)
    coached_until: Mapped[date | None] = mapped_column(Date)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SellerFacts(Base):
    """What counting reads of a seller, for the days valid_from <= day < valid_to.

    Rows with superseded_at empty are what is known now and follow each other without a gap; the others
    are what was known before. `owner_key` is equal for sellers of one owner: the blind index of the
    owner's NIK, or a value of the seller's own where no NIK is known.
    """

    __tablename__ = "seller_facts"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="days"),
        CheckConstraint("capital_rupiah >= 0", name="capital"),
        CheckConstraint("annual_sales_rupiah >= 0", name="annual_sales"),
        Index(
            "uq_seller_facts_current",
            "seller_id",
            "valid_from",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_seller_facts_owner_key", "owner_key"),
        Index("ix_seller_facts_region_code", "region_code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    valid_from: Mapped[date] = mapped_column(Date, default=FIRST_DAY)
    valid_to: Mapped[date] = mapped_column(Date, default=LAST_DAY)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    owner_nik: Mapped[str | None] = mapped_column(EncryptedText)
    owner_key: Mapped[str] = mapped_column(String(64))
    capital_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    annual_sales_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    verified_on: Mapped[date | None] = mapped_column(Date)
    revoked_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    affiliated_operator_ref: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Verification(Base):
    """A request to be verified and the office's answer; the rows are the history."""

    __tablename__ = "verifications"
    __table_args__ = (
        CheckConstraint("(seller_id IS NULL) <> (operator_id IS NULL)", name="subject"),
        CheckConstraint("decision IN ('approved', 'rejected', 'revoked')", name="decision"),
        Index("ix_verifications_seller_id", "seller_id"),
        Index("ix_verifications_operator_id", "operator_id"),
        Index("ix_verifications_open", "decided_at", "submitted_at"),
        Index(
            "uq_verifications_open_seller",
            "seller_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index(
            "uq_verifications_open_operator",
            "operator_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    region_code: Mapped[str] = mapped_column(String(13))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str | None] = mapped_column(String(16))
    effective_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text, default="")


class Claim(Base):
    """A person's claim to be the owner of an imported seller, by NIK; the office decides."""

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("decision IN ('approved', 'rejected')", name="decision"),
        Index("ix_claims_seller_id", "seller_id"),
        Index("ix_claims_user_id", "user_id"),
        Index(
            "uq_claims_open",
            "seller_id",
            "user_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")


class SellerMerge(Base):
    """Two records found to be one seller: `duplicate_id` leads to `kept_id` from then on."""

    __tablename__ = "seller_merges"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    duplicate_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), unique=True)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text)


class DistinctSellers(Base):
    """Two records that look alike and were found to be two businesses; `one_id` is the smaller."""

    __tablename__ = "distinct_sellers"
    __table_args__ = (CheckConstraint("one_id < other_id", name="order"),)

    one_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), primary_key=True, autoincrement=False)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
