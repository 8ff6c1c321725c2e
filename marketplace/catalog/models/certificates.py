"""Tables of certificates: papers of a product or of a whole business, what was done with them, reminders."""

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
from .products import _one_of
from .steps import Step


class CertificateKind(StrEnum):
    """What kind of paper it is."""

    HALAL = "halal"
    PIRT = "pirt"
    BPOM = "bpom"
    SNI = "sni"
    TRADEMARK = "trademark"
    OTHER = "other"


class CertificateState(StrEnum):
    """Where a paper stands. Whether it has expired is read from its dates, never stored."""

    WAITING = "waiting"
    VERIFIED = "verified"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Certificate(Base):
    """A permit or certificate with its number, its dates and a picture of it.

    Without a product it stands for everything its seller makes. `expires_on` is the last day on which it
    holds; a halal certificate has none while recipe and process stay as they are. `version` counts the
    seller's changes, so that the office decides on what it has seen.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(_one_of("kind", CertificateKind), name="kind"),
        CheckConstraint(_one_of("state", CertificateState), name="state"),
        CheckConstraint("expires_on >= issued_on", name="dates"),
        CheckConstraint("state <> 'rejected' OR reason <> ''", name="reason"),
        CheckConstraint("(file_key IS NULL) = (file_kind IS NULL)", name="file"),
        CheckConstraint("file_kind IN ('pdf', 'photo')", name="file_kind"),
        Index("ix_certificates_product_id", "product_id"),
        Index("ix_certificates_seller_id", "seller_id", "id"),
        Index("ix_certificates_state", "state", "submitted_at"),
        Index("ix_certificates_expires_on", "expires_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120), default="")
    number: Mapped[str] = mapped_column(String(64), default="")
    issued_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16), default=CertificateState.WAITING)
    reason: Mapped[str] = mapped_column(Text, default="")
    file_key: Mapped[str | None] = mapped_column(String(200))
    file_kind: Mapped[str | None] = mapped_column(String(8))
    file_bytes: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)


class CertificateEvent(Step, Base):
    """One step in the life of a certificate."""

    __tablename__ = "certificate_events"
    __table_args__ = (Index("ix_certificate_events_certificate_id", "certificate_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"))


class CertificateReminder(Base):
    """That a seller was reminded: once for each certificate, end and step (days before; after: negative)."""

    __tablename__ = "certificate_reminders"
    __table_args__ = (
        UniqueConstraint(
            "certificate_id", "expires_on", "days_before", name="uq_certificate_reminders_certificate_id"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"))
    expires_on: Mapped[date] = mapped_column(Date)
    days_before: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
