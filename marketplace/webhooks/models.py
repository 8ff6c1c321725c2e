"""Tables of webhooks: where an organization is told of events, what was told, and every try."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..crypto import EncryptedText
from ..db import Base, BigId, UtcDateTime


class WebhookEndpoint(Base):
    """One address of a seller or an operator, and how it fares.

    `failures` counts tries that failed in a row, since `failing_since`; it rests until `rests_until`, which
    stands until it answers quickly again. Whoever sends holds it until `leased_until`, so that one event at a
    time goes there; `tried_at` lets addresses take turns.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("(seller_id IS NULL) <> (operator_id IS NULL)", name="owner"),
        CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous"),
        CheckConstraint("failures >= 0 AND (failures = 0) = (failing_since IS NULL)", name="failures"),
        CheckConstraint("(stopped_at IS NULL) = (stop_reason = '')", name="stopped"),
        CheckConstraint("stop_reason IN ('', 'by_hand', 'failing', 'gone')", name="stop_reason"),
        Index("ix_webhook_endpoints_seller_id", "seller_id"),
        Index("ix_webhook_endpoints_operator_id", "operator_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int | None] = mapped_column(BigInteger)
    operator_id: Mapped[int | None] = mapped_column(BigInteger)
    url: Mapped[str] = mapped_column(String(600))
    topics: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(EncryptedText)
    previous_secret: Mapped[str | None] = mapped_column(EncryptedText)
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stop_reason: Mapped[str] = mapped_column(String(8), default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def is_on(self) -> bool:
        """Whether events go there."""
        return self.stopped_at is None

    def overlaps_until(self, now: datetime) -> datetime | None:
        """Until when the secret before signs as well; None when it does no more."""
        until = self.previous_until
        return until if until is not None and until > now else None


class WebhookDelivery(Base):
    """One event for one address, as it is sent. `tries` counts since it was written, or asked for again."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_ref", name="uq_webhook_deliveries_event_ref"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        CheckConstraint("(state = 'waiting') = (next_try_at IS NOT NULL)", name="next_try_at"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("tries BETWEEN 0 AND attempts", name="tries"),
        Index("ix_webhook_deliveries_endpoint_id", "endpoint_id", "id"),
        Index("ix_webhook_deliveries_state", "state", "next_try_at"),
        Index("ix_webhook_deliveries_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_ref: Mapped[str] = mapped_column(String(48))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    first_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookAttempt(Base):
    """One try: what the other side answered, how long it took, the first bytes of what it said."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (CheckConstraint("duration_ms >= 0", name="duration"),)

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_deliveries.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(16))
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(Text, default="")
