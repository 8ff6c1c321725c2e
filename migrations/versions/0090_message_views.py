"""Placements: which messages each side has seen, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "message_views",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("side IN ('seller', 'outlet')", name=op.f("ck_message_views_side")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_views_message_id")),
        sa.PrimaryKeyConstraint("message_id", "side", name=op.f("pk_message_views")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("message_views")
