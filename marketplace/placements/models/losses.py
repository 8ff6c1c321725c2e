"""Who bears a loss: said once for each movement of the ledger that took lost units off a shelf."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, UtcDateTime


class LossReason(StrEnum):
    """Why units are gone."""

    MISSING = "missing"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    NEAR_EXPIRY = "near_expiry"
    SLOW = "slow"
    OTHER = "other"


class BorneLoss(Base):
    """The party that bears a loss, and the document that said so (a count, a destruction). Never changed.

    A settlement charges the outlet for what it bears; a reversal of the movement takes the charge back.
    """

    __tablename__ = "borne_losses"
    __table_args__ = (
        CheckConstraint("borne_by IN ('outlet', 'seller')", name="borne_by"),
        CheckConstraint(
            "reason IN ('missing', 'stolen', 'damaged', 'expired', 'near_expiry', 'slow', 'other')",
            name="reason",
        ),
        CheckConstraint("document_kind IN ('count', 'destruction')", name="document_kind"),
        Index("ix_borne_losses_document", "document_kind", "document_id"),
    )

    movement_ref: Mapped[str] = mapped_column(String(100), primary_key=True)
    borne_by: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(16))
    document_kind: Mapped[str] = mapped_column(String(16))
    document_id: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
