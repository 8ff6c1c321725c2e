"""Tables of sales reports: one row for each, whatever way it came; who is silent; what sold too cheaply."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
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


class ReportSource(StrEnum):
    """How a report came."""

    SCREEN = "screen"
    FILE = "file"
    API = "api"


class SalesReport(Base):
    """What an outlet reported at once: the days it speaks of, how much, and how late it came.

    Its lines are `sale_lines` with its id. A report that covers days on which nothing sold is a report
    (`is_zero`). `corrects_id` is the report some lines of which it takes back and tells anew.
    """

    __tablename__ = "sales_reports"
    __table_args__ = (
        CheckConstraint("source IN ('screen', 'file', 'api')", name="source"),
        CheckConstraint("(first_on IS NULL) = (last_on IS NULL)", name="both_days"),
        CheckConstraint("first_on <= last_on", name="days"),
        CheckConstraint("late_days >= 0", name="late_days"),
        CheckConstraint(
            "line_count >= 0 AND units >= 0 AND missing_units >= 0 AND refused_count >= 0", name="counts"
        ),
        CheckConstraint("(reversed_at IS NULL) = (reverse_reason = '')", name="reversed"),
        UniqueConstraint("import_run_id", "outlet_id", name="uq_sales_reports_import_run_id"),
        UniqueConstraint("recorded_by", "client_key", name="uq_sales_reports_client_key"),
        Index("ix_sales_reports_outlet_id", "outlet_id", "last_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    source: Mapped[str] = mapped_column(String(8))
    client_key: Mapped[str | None] = mapped_column(String(200))
    import_run_id: Mapped[int | None] = mapped_column(BigInteger)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("sales_reports.id"))
    first_on: Mapped[date | None] = mapped_column(Date)
    last_on: Mapped[date | None] = mapped_column(Date)
    is_zero: Mapped[bool] = mapped_column(Boolean, default=False)
    late_days: Mapped[int] = mapped_column(Integer, default=0)
    line_count: Mapped[int] = mapped_column(BigInteger, default=0)
    units: Mapped[int] = mapped_column(BigInteger, default=0)
    missing_units: Mapped[int] = mapped_column(BigInteger, default=0)
    refused_count: Mapped[int] = mapped_column(BigInteger, default=0)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversed_by: Mapped[int | None] = mapped_column(BigInteger)
    reverse_reason: Mapped[str] = mapped_column(Text, default="")


class PriceFlag(Base):
    """A sale below the agreed price to which the maker had not agreed: it is paid from the agreed price."""

    __tablename__ = "price_flags"
    __table_args__ = (
        CheckConstraint("price_rupiah < agreed_rupiah", name="below"),
        Index("ix_price_flags_report_id", "report_id"),
        Index("ix_price_flags_seller_id", "seller_id", "occurred_on"),
    )

    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), primary_key=True, autoincrement=False)
    line_ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("sales_reports.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    occurred_on: Mapped[date] = mapped_column(Date)
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    agreed_rupiah: Mapped[int] = mapped_column(BigInteger)


class ReportSilence(Base):
    """Days of an outlet that no report covers, longer than agreed: reminded once, then shown to everybody.

    `since` is the first day without a report. `ended_on` is the day a report came.
    """

    __tablename__ = "report_silences"
    __table_args__ = (
        CheckConstraint("cycle_days BETWEEN 1 AND 366", name="cycle_days"),
        UniqueConstraint("outlet_id", "since", name="uq_report_silences_since"),
        Index("ix_report_silences_ended_on", "ended_on", "outlet_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    since: Mapped[date] = mapped_column(Date)
    cycle_days: Mapped[int] = mapped_column(Integer)
    reminded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_on: Mapped[date | None] = mapped_column(Date)
