"""Placements: the versions of agreements and their annexes; every agreement so far becomes its version 1."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"

FIRST_VERSIONS = """
INSERT INTO agreement_versions (
    agreement_id, number, state, valid_from, starts_on, ends_on, commission_basis, commission_percent,
    loss_borne_by, expiry_borne_by, settlement_cycle, due_days, report_cycle_days, price_notice_days,
    display_place, fees, terms, proposed_by_side, proposed_by, proposed_at, reply_by, answered_by, answered_at,
    answer_reason, created_at
)
SELECT id, 1, state, starts_on, starts_on, ends_on,
    CASE WHEN commission_percent IS NULL THEN 'none' ELSE 'percent_of_retail' END, commission_percent,
    'outlet', 'seller', 'monthly', COALESCE(settlement_days, 14), 7, 30,
    '', '[]', terms, proposed_by_side, proposed_by, proposed_at, reply_by, answered_by, answered_at,
    answer_reason, created_at
FROM agreements
"""
FIRST_ANNEXES = """
INSERT INTO agreement_version_products (version_id, product_id)
SELECT v.id, p.product_id FROM agreement_products p JOIN agreement_versions v ON v.agreement_id = p.agreement_id
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "agreement_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("commission_basis", sa.String(length=20), nullable=False),
        sa.Column("commission_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("commission_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("loss_borne_by", sa.String(length=8), nullable=False),
        sa.Column("expiry_borne_by", sa.String(length=8), nullable=False),
        sa.Column("settlement_cycle", sa.String(length=16), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("report_cycle_days", sa.Integer(), nullable=False),
        sa.Column("min_life_days", sa.Integer(), nullable=True),
        sa.Column("return_window_days", sa.Integer(), nullable=True),
        sa.Column("price_notice_days", sa.Integer(), nullable=False),
        sa.Column("display_place", sa.String(length=200), nullable=False),
        sa.Column("fees", sa.JSON(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("proposed_by_side", sa.String(length=8), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(commission_basis = 'fixed_per_unit') = (commission_rupiah IS NOT NULL)",
            name=op.f("ck_agreement_versions_commission_rupiah_given"),
        ),
        sa.CheckConstraint(
            "(commission_basis = 'percent_of_retail') = (commission_percent IS NOT NULL)",
            name=op.f("ck_agreement_versions_commission_percent_given"),
        ),
        sa.CheckConstraint(
            "commission_basis IN ('percent_of_retail', 'fixed_per_unit', 'net_price', 'none')",
            name=op.f("ck_agreement_versions_commission_basis"),
        ),
        sa.CheckConstraint(
            "expiry_borne_by IN ('outlet', 'seller')", name=op.f("ck_agreement_versions_expiry_borne_by")
        ),
        sa.CheckConstraint(
            "loss_borne_by IN ('outlet', 'seller')", name=op.f("ck_agreement_versions_loss_borne_by")
        ),
        sa.CheckConstraint(
            "settlement_cycle IN ('weekly', 'twice_monthly', 'monthly')",
            name=op.f("ck_agreement_versions_settlement_cycle"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'countered', 'declined', 'withdrawn')",
            name=op.f("ck_agreement_versions_state"),
        ),
        sa.CheckConstraint(
            "commission_percent BETWEEN 0 AND 100", name=op.f("ck_agreement_versions_commission_percent")
        ),
        sa.CheckConstraint("commission_rupiah >= 0", name=op.f("ck_agreement_versions_commission_rupiah")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 366", name=op.f("ck_agreement_versions_due_days")),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_agreement_versions_days")
        ),
        sa.CheckConstraint("min_life_days >= 0", name=op.f("ck_agreement_versions_min_life_days")),
        sa.CheckConstraint("price_notice_days >= 0", name=op.f("ck_agreement_versions_price_notice_days")),
        sa.CheckConstraint(
            "report_cycle_days BETWEEN 1 AND 366", name=op.f("ck_agreement_versions_report_cycle_days")
        ),
        sa.CheckConstraint("return_window_days >= 0", name=op.f("ck_agreement_versions_return_window_days")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_versions_agreement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_versions")),
        sa.UniqueConstraint("agreement_id", "number", name="uq_agreement_versions_number"),
    )
    op.create_index(
        "ix_agreement_versions_in_force",
        "agreement_versions",
        ["agreement_id", "state", "valid_from"],
        unique=False,
    )
    op.create_index(
        "uq_agreement_versions_waiting",
        "agreement_versions",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "agreement_version_products",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("retail_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("net_price_rupiah", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("net_price_rupiah >= 0", name=op.f("ck_agreement_version_products_net_price")),
        sa.CheckConstraint(
            "retail_price_rupiah >= 0", name=op.f("ck_agreement_version_products_retail_price")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_agreement_version_products_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_versions.id"], name=op.f("fk_agreement_version_products_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "product_id", name=op.f("pk_agreement_version_products")),
    )
    op.execute(FIRST_VERSIONS)
    op.execute(FIRST_ANNEXES)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("agreement_version_products")
    op.drop_index("ix_agreement_versions_in_force", table_name="agreement_versions")
    op.drop_index(
        "uq_agreement_versions_waiting",
        table_name="agreement_versions",
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_table("agreement_versions")
