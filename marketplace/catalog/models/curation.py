"""Tables of curation: criteria, reviews of new products and of changes, their history, approved prices."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime
from .products import _one_of
from .steps import Step


class CriterionScope(StrEnum):
    """Which products a criterion is for."""

    ALL = "all"
    FOOD = "food"
    NON_FOOD = "non_food"


class ReviewKind(StrEnum):
    """What a review is about."""

    NEW = "new"
    CHANGE = "change"


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


class Criterion(Base):
    """One thing the office looks at before a product goes live. What was ticked is copied into the review."""

    __tablename__ = "curation_criteria"
    __table_args__ = (CheckConstraint(_one_of("scope", CriterionScope), name="scope"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scope: Mapped[str] = mapped_column(String(16), default=CriterionScope.ALL)
    is_essential: Mapped[bool] = mapped_column(default=False)
    label: Mapped[str] = mapped_column(String(200))
    label_en: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class CurationSettings(Base):
    """The office's numbers, in one row: how many of the other criteria, and from which change of price on."""

    __tablename__ = "curation_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("others_food >= 0 AND others_non_food >= 0", name="others"),
        CheckConstraint("price_limit_percent BETWEEN 0 AND 1000", name="price_limit"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    others_food: Mapped[int] = mapped_column(Integer)
    others_non_food: Mapped[int] = mapped_column(Integer)
    price_limit_percent: Mapped[int] = mapped_column(Integer)


class Review(Base):
    """A product, or a change to one on sale, that the office is asked to look at; at most one waits.

    `changes` of a change: {column: {"before": ..., "after": ...}} in plain JSON values. `criteria` is what
    was ticked when it was decided: [{"id", "label", "is_essential", "is_met"}].
    """

    __tablename__ = "curation_reviews"
    __table_args__ = (
        CheckConstraint(_one_of("kind", ReviewKind), name="kind"),
        CheckConstraint(_one_of("state", ReviewState), name="state"),
        CheckConstraint("state <> 'sent_back' OR reason <> ''", name="reason"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_curation_reviews_waiting",
            "product_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_curation_reviews_product_id", "product_id", "id"),
        Index("ix_curation_reviews_state", "state", "kind", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=ReviewState.WAITING)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    message: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)


class ReviewEvent(Step, Base):
    """One step of a review: submitted, changed, withdrawn, approved, sent back."""

    __tablename__ = "curation_events"
    __table_args__ = (Index("ix_curation_events_review_id", "review_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("curation_reviews.id"))


class ApprovedPrice(Base):
    """The price that the office last saw, so that many small steps are measured as one."""

    __tablename__ = "approved_prices"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
