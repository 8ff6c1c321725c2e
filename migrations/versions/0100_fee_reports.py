"""Placements: what sellers tell the office of fees that stores asked for outside their agreements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0090"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "fee_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("maker_name", sa.String(length=300), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_fee_reports_amount")),
        sa.CheckConstraint("body <> ''", name=op.f("ck_fee_reports_body")),
        sa.CheckConstraint("state IN ('new', 'looking', 'closed')", name=op.f("ck_fee_reports_state")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_fee_reports_closed_at")
        ),
        sa.CheckConstraint("(state = 'closed') = (answer <> '')", name=op.f("ck_fee_reports_answer")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_fee_reports_agreement_id")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_fee_reports_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_fee_reports_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_reports")),
        sa.UniqueConstraint("seller_id", "client_key", name="uq_fee_reports_client_key"),
    )
    op.create_index("ix_fee_reports_agreement_id", "fee_reports", ["agreement_id"], unique=False)
    op.create_index("ix_fee_reports_outlet_id", "fee_reports", ["outlet_id", "id"], unique=False)
    op.create_index("ix_fee_reports_seller_id", "fee_reports", ["seller_id", "id"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("fee_reports")
