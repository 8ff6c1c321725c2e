"""The table of reminders: who had a deadline was told once that it nears."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, UtcDateTime


class DeadlineReminder(Base):
    """One deadline of one order or claim, of which its side was reminded. A new deadline is a new row."""

    __tablename__ = "deadline_reminders"
    __table_args__ = (CheckConstraint("subject IN ('order', 'claim')", name="subject"),)

    subject: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
