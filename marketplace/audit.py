"""The audit log: who did what to which thing, when and why, written with the act itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, Index, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .bulk import Rows, moment_text
from .db import Base, BigId, UtcDateTime
from .permissions import Actor
from .texts import lines

NAMING = ("name", "number", "regulation_ref", "agreement_ref", "file_name", "role")
PERSONAL_WORDS = ("nik", "npwp", "bank", "password", "phone", "email", "address", "token", "code_hash")


class AuditEvent(Base):
    """One act. Rows are only ever added."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_events_office", "office_region", "id"),
        Index("ix_audit_events_user", "user_id", "id"),
        Index("ix_audit_events_recorded_at", "recorded_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(300))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    subject_name: Mapped[str] = mapped_column(String(300), default="")
    office_region: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: Any,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    region: str = "",
) -> AuditEvent:
    """Write one act in the caller's transaction.

    `action` is 'seller.verified' and the like; `subject` a row with an id (and perhaps a name);
    `before` and `after` hold the fields that changed: personal ones are noted as changed, never copied.
    """
    event = AuditEvent(
        recorded_at=clock.now(),
        user_id=actor.user_id,
        actor_name=actor.name,
        action=action,
        subject_kind=subject.__tablename__,
        subject_id=getattr(subject, "id", None),
        subject_name=_name_of(subject),
        office_region=region,
        reason=lines(reason),
        changes={"before": _plain(before or {}), "after": _plain(after or {})},
    )
    session.add(event)
    return event


def rows_of(
    connection: Connection,
    actor: Actor,
    action: str,
    subjects: Sequence[Any],
    *,
    after: dict[str, Any],
    regions: Sequence[str],
) -> Rows:
    """What `record` writes of the same act upon several rows, each in its region, for `bulk.write_rows`."""
    moment, changes = moment_text(connection, clock.now()), {"before": {}, "after": _plain(after)}
    rows: list[Sequence[Any]] = [
        (
            moment, actor.user_id, actor.name, action, subject.__tablename__, subject.id, _name_of(subject),
            region, "", json.dumps(changes),
        )
        for subject, region in zip(subjects, regions, strict=True)
    ]  # fmt: skip
    return Rows(AuditEvent.__tablename__, _COLUMNS, rows)


_COLUMNS = (
    "recorded_at", "user_id", "actor_name", "action", "subject_kind", "subject_id", "subject_name",
    "office_region", "reason", "changes",
)  # fmt: skip


def _name_of(subject: Any) -> str:
    """What people call the thing: its name, else its number or reference."""
    names = (getattr(subject, attribute, None) for attribute in NAMING)
    return str(next((name for name in names if name), ""))[:300]


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(name, value) for name, value in fields.items()}


def _plain_value(name: str, value: Any) -> Any:
    if value is not None and any(word in name for word in PERSONAL_WORDS):
        return "***"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
