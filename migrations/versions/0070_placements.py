"""Placements: agreements and suspensions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0065"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "agreements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_ref", sa.String(length=64), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("terminated_on", sa.Date(), nullable=True),
        sa.Column("commission_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("settlement_days", sa.Integer(), nullable=True),
        sa.Column("proposed_by_side", sa.String(length=8), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("end_told_on", sa.Date(), nullable=True),
        sa.Column("termination_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("basis IN ('consignment', 'outright')", name=op.f("ck_agreements_basis")),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_agreements_state")
        ),
        sa.CheckConstraint("commission_percent BETWEEN 0 AND 100", name=op.f("ck_agreements_commission")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_agreements_days")),
        sa.CheckConstraint("settlement_days BETWEEN 0 AND 366", name=op.f("ck_agreements_settlement_days")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_agreements_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_agreements_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("agreement_ref", name=op.f("uq_agreements_agreement_ref")),
    )
    op.create_index("ix_agreements_outlet_id", "agreements", ["outlet_id", "seller_id"], unique=False)
    op.create_index("ix_agreements_seller_id", "agreements", ["seller_id"], unique=False)
    op.create_table(
        "suspensions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("first_day < end_day", name=op.f("ck_suspensions_days")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_suspensions_agreement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspensions")),
    )
    op.create_index("ix_suspensions_agreement_id", "suspensions", ["agreement_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_suspensions_agreement_id", table_name="suspensions")
    op.drop_table("suspensions")
    op.drop_index("ix_agreements_outlet_id", table_name="agreements")
    op.drop_index("ix_agreements_seller_id", table_name="agreements")
    op.drop_table("agreements")
