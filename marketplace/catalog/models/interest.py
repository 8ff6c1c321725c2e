"""Tables of what buyers do before they buy: keep products in lists, ask about them, try a sample."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class Shortlist(Base):
    """A named list of products that the whole team of one retailer shares; one of them is its favourites."""

    __tablename__ = "shortlists"
    __table_args__ = (
        UniqueConstraint("operator_id", "name", name="uq_shortlists_operator_id_name"),
        Index(
            "uq_shortlists_favourites",
            "operator_id",
            unique=True,
            sqlite_where=text("is_favourites"),
            postgresql_where=text("is_favourites"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    name: Mapped[str] = mapped_column(String(120))
    is_favourites: Mapped[bool] = mapped_column(Boolean, default=False)
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShortlistItem(Base):
    """One product in a list, with what the team notes about it."""

    __tablename__ = "shortlist_items"
    __table_args__ = (
        UniqueConstraint("shortlist_id", "product_id", name="uq_shortlist_items_shortlist_id_product_id"),
        Index("ix_shortlist_items_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shortlist_id: Mapped[int] = mapped_column(ForeignKey("shortlists.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    added_by: Mapped[int | None] = mapped_column(BigInteger)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Question(Base):
    """What a buyer or the office asks about a product, and what its maker answers."""

    __tablename__ = "product_questions"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer"),
        CheckConstraint("answered_at IS NOT NULL OR NOT is_public", name="public"),
        CheckConstraint("operator_id IS NULL OR office_id IS NULL", name="asker"),
        Index("ix_product_questions_product_id", "product_id", "id"),
        Index("ix_product_questions_operator_id", "operator_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_public: Mapped[bool] = mapped_column(Boolean, default=False)


class SampleState(StrEnum):
    """Where a request for a sample stands. That nobody answered in time follows from `reply_by`."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SHIPPED = "shipped"
    RECEIVED = "received"


class SampleRequest(Base):
    """A retailer wants to try a product; its maker answers by a day, sends it, and it arrives."""

    __tablename__ = "sample_requests"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(s)) for s in SampleState)})", name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("state <> 'declined' OR reason <> ''", name="reason"),
        Index(
            "uq_sample_requests_open",
            "product_id",
            "operator_id",
            unique=True,
            sqlite_where=text("state IN ('requested', 'approved', 'shipped')"),
            postgresql_where=text("state IN ('requested', 'approved', 'shipped')"),
        ),
        Index("ix_sample_requests_operator_id", "operator_id", "id"),
        Index("ix_sample_requests_product_id", "product_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"))
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default=SampleState.REQUESTED)
    requested_by: Mapped[int | None] = mapped_column(BigInteger)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reply_by: Mapped[date] = mapped_column(Date)
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")
    shipping_note: Mapped[str] = mapped_column(String(300), default="")
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
