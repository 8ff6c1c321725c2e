"""Table of the photos of products."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class PhotoState(StrEnum):
    """How far a photo is: uploaded, made in all sizes, or not to be decoded after all."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class ProductPhoto(Base):
    """One photo of a product. Its files in the store are named after `stem`; `upload` is the original's key.

    `is_held`: added to a product on sale and not yet seen by the office. `removed_at`: taken away by its
    seller, who may bring it back for a day. `client_key`: the name that the phone gave it, so that an upload
    tried again is the same photo.
    """

    __tablename__ = "product_photos"
    __table_args__ = (
        UniqueConstraint("product_id", "client_key", name="uq_product_photos_product_id_client_key"),
        CheckConstraint("state IN ('waiting', 'ready', 'failed')", name="state"),
        CheckConstraint("state <> 'ready' OR (width > 0 AND height > 0)", name="ready"),
        CheckConstraint("state <> 'waiting' OR upload IS NOT NULL", name="waiting"),
        CheckConstraint("upload_bytes >= 0 AND kept_bytes >= 0", name="bytes"),
        Index("ix_product_photos_product_id", "product_id", "position"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    stem: Mapped[str] = mapped_column(String(20), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(Integer)
    alt: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(16), default=PhotoState.WAITING)
    is_held: Mapped[bool] = mapped_column(Boolean, default=False)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    upload: Mapped[str | None] = mapped_column(String(64))
    upload_bytes: Mapped[int] = mapped_column(BigInteger)
    kept_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
