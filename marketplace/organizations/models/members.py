"""Offices, and which person is what in which organization."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime

ROLES = (
    "seller_owner", "seller_manager", "seller_staff", "buyer_owner", "buyer_manager", "buyer_staff",
    "officer", "head", "coach", "admin",
)  # fmt: skip
_ROLE_LIST = ", ".join(f"'{role}'" for role in ROLES)
BELONGS = (
    "(role LIKE 'seller%' AND seller_id IS NOT NULL AND operator_id IS NULL AND office_id IS NULL) OR "
    "(role LIKE 'buyer%' AND operator_id IS NOT NULL AND seller_id IS NULL AND office_id IS NULL) OR "
    "(role IN ('officer', 'head', 'coach') AND office_id IS NOT NULL AND seller_id IS NULL "
    "AND operator_id IS NULL) OR "
    "(role = 'admin' AND seller_id IS NULL AND operator_id IS NULL AND office_id IS NULL)"
)


class Office(Base):
    """A government's MSME office; it sees what lies under its region."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), unique=True)
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(320))
    head_name: Mapped[str] = mapped_column(String(300), default="")
    head_title: Mapped[str] = mapped_column(String(300), default="")


class OfficeBuyer(Base):
    """The operator through which an office buys for itself, made when it first does."""

    __tablename__ = "office_buyers"

    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), primary_key=True, autoincrement=False)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), unique=True)


class Membership(Base):
    """A person's role in one organization (none for a platform admin)."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLE_LIST})", name="role"),
        CheckConstraint(BELONGS, name="belongs"),
        Index("ix_memberships_user_id", "user_id"),
        Index("ix_memberships_seller_id", "seller_id"),
        Index("ix_memberships_operator_id", "operator_id"),
        Index("uq_memberships_seller", "user_id", "seller_id", unique=True),
        Index("uq_memberships_operator", "user_id", "operator_id", unique=True),
        Index("uq_memberships_office", "user_id", "office_id", unique=True),
        Index(
            "uq_memberships_admin",
            "user_id",
            unique=True,
            sqlite_where=text("role = 'admin'"),
            postgresql_where=text("role = 'admin'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class Invitation(Base):
    """An offer of membership, answered through the link in the mail."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLE_LIST})", name="role"),
        CheckConstraint(BELONGS, name="belongs"),
        Index("ix_invitations_email", "email"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(16))
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
