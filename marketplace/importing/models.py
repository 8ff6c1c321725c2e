"""Tables of imports: each run with its progress, and the column mappings that were chosen before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, BigId, UtcDateTime


class ImportRun(Base):
    """One file on its way in: what it is, how far it is, what became of its rows.

    `place` is the place reached in the order of the whole file; `runner` is whoever
    works on it now, alive as long as `heartbeat_at` is young.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('uploaded', 'checking', 'checked', 'running', 'done', 'cancelled', 'failed')",
            name="status",
        ),
        Index("ix_import_runs_region", "region", "id"),
        Index("ix_import_runs_seller_id", "seller_id", "id"),
        Index("ix_import_runs_operator_id", "operator_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    file_name: Mapped[str] = mapped_column(String(300))
    stored_name: Mapped[str] = mapped_column(String(64), default="")
    file_hash: Mapped[str] = mapped_column(String(64), default="")
    file_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    prefix: Mapped[str] = mapped_column(String(32), default="")
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    constants: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(300))
    actor_role: Mapped[str] = mapped_column(String(16))
    office_id: Mapped[int | None] = mapped_column(BigInteger)
    seller_id: Mapped[int | None] = mapped_column(BigInteger)
    operator_id: Mapped[int | None] = mapped_column(BigInteger)
    region: Mapped[str] = mapped_column(String(13), default="")
    status: Mapped[str] = mapped_column(String(12))
    place: Mapped[int] = mapped_column(BigInteger, default=-1)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    created: Mapped[int] = mapped_column(BigInteger, default=0)
    updated: Mapped[int] = mapped_column(BigInteger, default=0)
    unchanged: Mapped[int] = mapped_column(BigInteger, default=0)
    refused: Mapped[int] = mapped_column(BigInteger, default=0)
    warned: Mapped[int] = mapped_column(BigInteger, default=0)
    is_cancel_asked: Mapped[bool] = mapped_column(Boolean, default=False)
    runner: Mapped[str] = mapped_column(String(32), default="")
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportMapping(Base):
    """How the columns of files with these headers were mapped last time, by whose desk: a region's, a
    seller's or a retailer's."""

    __tablename__ = "import_mappings"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    region: Mapped[str] = mapped_column(String(13), primary_key=True)
    headers_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    constants: Mapped[dict[str, Any]] = mapped_column(JSON)
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
