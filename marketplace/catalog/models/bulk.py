"""Tables of what a seller's own imports did, so that they can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import UniqueConstraint

from ...db import Base, BigId, UtcDateTime

WORK_STATES = "('none', 'waiting', 'running', 'done', 'failed')"


class ProductImport(Base):
    """A seller's import: how far its photos are, and whether it was undone."""

    __tablename__ = "product_imports"
    __table_args__ = (
        CheckConstraint(f"photos_state IN {WORK_STATES}", name="photos_state"),
        CheckConstraint(f"undo_state IN {WORK_STATES}", name="undo_state"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"), primary_key=True, autoincrement=False)
    photos_state: Mapped[str] = mapped_column(String(16), default="none")
    photos_total: Mapped[int] = mapped_column(Integer, default=0)
    photos_done: Mapped[int] = mapped_column(Integer, default=0)
    photos_added: Mapped[int] = mapped_column(Integer, default=0)
    photos_known: Mapped[int] = mapped_column(Integer, default=0)
    photos_problems: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    undo_state: Mapped[str] = mapped_column(String(16), default="none")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProductImportRow(Base):
    """One product that an import made or changed: its columns before and after, and the photos it got.

    `product_id` has no key to products, because undoing deletes drafts. `outcome` is '', 'undone' or 'left';
    `reason` says why it was left.
    """

    __tablename__ = "product_import_rows"
    __table_args__ = (
        UniqueConstraint("run_id", "product_id", name="uq_product_import_rows_run_id_product_id"),
        CheckConstraint("outcome IN ('', 'undone', 'left')", name="outcome"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"))
    product_id: Mapped[int] = mapped_column(BigInteger)
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300), default="")
    was_created: Mapped[bool] = mapped_column(Boolean)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    photo_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    outcome: Mapped[str] = mapped_column(String(8), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
