"""Retailers (the company) and their outlets (one store, hotel, souvenir centre)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...clock import FIRST_DAY, LAST_DAY
from ...crypto import EncryptedText
from ...db import Base, BigId, UtcDateTime


class OutletKind(StrEnum):
    """What kind of outlet; modern stores by floor area (PP 29/2021 art. 86-87), hotels, souvenir centres."""

    MINIMARKET = "minimarket"
    SUPERMARKET = "supermarket"
    HYPERMARKET = "hypermarket"
    DEPARTMENT_STORE = "department_store"
    WHOLESALE = "wholesale"
    HOTEL = "hotel"
    SOUVENIR_CENTRE = "souvenir_centre"


_KINDS = ", ".join(f"'{kind}'" for kind in OutletKind)


class Operator(Base):
    """A retailer: the company that runs outlets."""

    __tablename__ = "operators"
    __table_args__ = (CheckConstraint("status IN ('pending', 'verified', 'rejected')", name="status"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operator_ref: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    npwp: Mapped[str | None] = mapped_column(EncryptedText)
    nib: Mapped[str | None] = mapped_column(String(13))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(320))
    address: Mapped[str] = mapped_column(Text, default="")
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    status: Mapped[str] = mapped_column(String(16), default="verified")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outlet(Base):
    """One place where goods stand. What counting reads of it is in OutletFacts."""

    __tablename__ = "outlets"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("stars BETWEEN 0 AND 5", name="stars"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_ref: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(Text, default="")
    floor_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutletFacts(Base):
    """What counting reads of an outlet, for the days valid_from <= day < valid_to.

    Rows with superseded_at empty are what is known now and follow each other without a gap; the others
    are what was known before.
    """

    __tablename__ = "outlet_facts"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="days"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        Index(
            "uq_outlet_facts_current",
            "outlet_id",
            "valid_from",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_outlet_facts_operator_id", "operator_id"),
        Index("ix_outlet_facts_region_code", "region_code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    valid_from: Mapped[date] = mapped_column(Date, default=FIRST_DAY)
    valid_to: Mapped[date] = mapped_column(Date, default=LAST_DAY)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    kind: Mapped[str] = mapped_column(String(24))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    opened_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
