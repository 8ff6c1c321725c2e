"""Regulations as dated rows, the standing of outlets, and issued reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import LAST_DAY
from ..db import Base, BigId, UtcDateTime


class Regulation(Base):
    """A rule of counting for a region (every code under it) and outlet kinds, from valid_from to valid_to.

    Once in force it is never edited: it is ended (valid_to) and followed by another row.
    """

    __tablename__ = "regulations"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="days"),
        CheckConstraint("binding IN ('mandatory', 'target')", name="binding"),
        CheckConstraint("min_sellers >= 0", name="min_sellers"),
        CheckConstraint(
            "display_window_days >= 0 AND outright_window_days >= 0 AND grace_days >= 0", name="windows"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    regulation_ref: Mapped[str] = mapped_column(String(64), unique=True)
    region_code: Mapped[str] = mapped_column(String(13))
    outlet_kinds: Mapped[list[str]] = mapped_column(JSON)
    counted_bases: Mapped[list[str]] = mapped_column(JSON)
    min_sellers: Mapped[int] = mapped_column(Integer)
    binding: Mapped[str] = mapped_column(String(10), default="mandatory")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date, default=LAST_DAY)
    display_window_days: Mapped[int] = mapped_column(Integer, default=30)
    outright_window_days: Mapped[int] = mapped_column(Integer, default=90)
    grace_days: Mapped[int] = mapped_column(Integer, default=0)
    citation: Mapped[str] = mapped_column(Text, default="")
    is_text_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)


class Standing(Base):
    """What an outlet was found to be on a day: kept so that a dashboard need not count again.

    A copy of what `evaluate` answers; rows are dropped as soon as their evidence changes.
    """

    __tablename__ = "standings"
    __table_args__ = (
        Index("ix_standings_outlet_id", "outlet_id"),
        # Holds all that a trend sums up, so that the rows themselves need not be read.
        Index("ix_standings_totals", "day", "binding", "status", "region_code", "required", "counted"),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), primary_key=True, autoincrement=False)
    operator_id: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str] = mapped_column(String(13))
    kind: Mapped[str] = mapped_column(String(24))
    opened_on: Mapped[date] = mapped_column(Date)
    regulation_id: Mapped[int | None] = mapped_column(ForeignKey("regulations.id"))
    binding: Mapped[str | None] = mapped_column(String(10))
    required: Mapped[int | None] = mapped_column(Integer)
    counted: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))


class StandingDay(Base):
    """A day whose standings are complete, except for outlets with an open EvidenceChange."""

    __tablename__ = "standing_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EvidenceChange(Base):
    """Evidence about an outlet changed from a day on; consumed when its standings are computed anew."""

    __tablename__ = "evidence_changes"
    __table_args__ = (Index("ix_evidence_changes_outlet_id", "outlet_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(BigInteger)
    from_day: Mapped[date] = mapped_column(Date)


class IssuedReport(Base):
    """A report as it was signed: its figures, rows, inputs' hash and regulations never change."""

    __tablename__ = "issued_reports"
    __table_args__ = (
        UniqueConstraint("number", name="uq_issued_reports_number"),
        UniqueConstraint("verify_code", name="uq_issued_reports_verify_code"),
        Index("ix_issued_reports_office_id", "office_id", "as_of"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    verify_code: Mapped[str] = mapped_column(String(32))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    office_name: Mapped[str] = mapped_column(String(300))
    region_code: Mapped[str] = mapped_column(String(13))
    as_of: Mapped[date] = mapped_column(Date)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(BigInteger)
    signed_by_name: Mapped[str] = mapped_column(String(300))
    signed_by_title: Mapped[str] = mapped_column(String(300))
    note: Mapped[str] = mapped_column(Text, default="")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("issued_reports.id"))
    inputs_hash: Mapped[str] = mapped_column(String(64))
    regulations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    rows_json: Mapped[bytes] = mapped_column(LargeBinary)
    rows_hash: Mapped[str] = mapped_column(String(64))
