"""Placements: who bears a loss, sales reports, stock counts, markdowns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    """Make the tables."""
    make_losses()


def make_losses() -> None:
    """Who bears a loss: said once, never changed."""
    op.create_table(
        "borne_losses",
        sa.Column("movement_ref", sa.String(length=100), nullable=False),
        sa.Column("borne_by", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("document_kind", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("borne_by IN ('outlet', 'seller')", name=op.f("ck_borne_losses_borne_by")),
        sa.CheckConstraint(
            "reason IN ('missing', 'stolen', 'damaged', 'expired', 'near_expiry', 'slow', 'other')",
            name=op.f("ck_borne_losses_reason"),
        ),
        sa.CheckConstraint(
            "document_kind IN ('count', 'destruction')", name=op.f("ck_borne_losses_document_kind")
        ),
        sa.PrimaryKeyConstraint("movement_ref", name=op.f("pk_borne_losses")),
    )
    op.create_index(
        "ix_borne_losses_document", "borne_losses", ["document_kind", "document_id"], unique=False
    )
    guard("borne_losses", same_row=("movement_ref = NEW.movement_ref",))


def downgrade() -> None:
    """Drop the tables."""
    unguard("borne_losses")
    op.drop_index("ix_borne_losses_document", table_name="borne_losses")
    op.drop_table("borne_losses")
