"""Reminders of deadlines: each is sent once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0160"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "deadline_reminders",
        sa.Column("subject", sa.String(length=8), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("subject IN ('order', 'claim')", name=op.f("ck_deadline_reminders_subject")),
        sa.PrimaryKeyConstraint("subject", "subject_id", "due_at", name=op.f("pk_deadline_reminders")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("deadline_reminders")
