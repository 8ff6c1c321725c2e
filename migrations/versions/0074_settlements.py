"""Placements: settlements, their lines with their guards, what is disputed; how soon small sellers are paid."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard

revision = "0074"
down_revision = "0073"

LINES = "settlement_lines"
PAYMENT_DAYS = "payment_days_small"
CITATION = "Perpres 112/2007 pasal 10(b), Permendag 53/2008 (naskah belum diperiksa)"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "settlements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("bill_number", sa.String(length=32), nullable=True),
        sa.Column("verify_code", sa.String(length=32), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("gross_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("commission_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("charged_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("net_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL)", name=op.f("ck_settlements_confirmed")
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (number IS NULL) AND (state = 'draft') = (bill_number IS NULL) AND (state = 'draft') = (verify_code IS NULL) AND (state = 'draft') = (issued_at IS NULL) AND (state = 'draft') = (due_on IS NULL)",
            name=op.f("ck_settlements_issued"),
        ),
        sa.CheckConstraint("state = 'draft' OR net_rupiah >= 0", name=op.f("ck_settlements_not_negative")),
        sa.CheckConstraint("state IN ('draft', 'issued', 'confirmed')", name=op.f("ck_settlements_state")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_settlements_days")),
        sa.CheckConstraint("line_count > 0", name=op.f("ck_settlements_line_count")),
        sa.CheckConstraint(
            "net_rupiah = gross_rupiah - commission_rupiah + charged_rupiah", name=op.f("ck_settlements_net")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_settlements_agreement_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_settlements_operator_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_settlements_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_settlements_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("agreement_id", "last_day", name="uq_settlements_cycle"),
        sa.UniqueConstraint("operator_id", "number", name="uq_settlements_number"),
        sa.UniqueConstraint("seller_id", "bill_number", name="uq_settlements_bill_number"),
        sa.UniqueConstraint("verify_code", name="uq_settlements_verify_code"),
    )
    op.create_index(
        "ix_settlements_operator_id", "settlements", ["operator_id", "state", "last_day"], unique=False
    )
    op.create_index("ix_settlements_outlet_id", "settlements", ["outlet_id", "last_day"], unique=False)
    op.create_index(
        "ix_settlements_seller_id", "settlements", ["seller_id", "state", "last_day"], unique=False
    )
    op.create_table(
        "settlement_lines",
        sa.Column(
            "movement_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gross_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("commission_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("net_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sale', 'reversal', 'loss', 'found')", name=op.f("ck_settlement_lines_kind")
        ),
        sa.CheckConstraint(
            "net_rupiah = gross_rupiah - commission_rupiah", name=op.f("ck_settlement_lines_net")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_settlement_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["stock_movements.id"], name=op.f("fk_settlement_lines_movement_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_settlement_lines_product_id")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlements.id"], name=op.f("fk_settlement_lines_settlement_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_versions.id"], name=op.f("fk_settlement_lines_version_id")
        ),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_settlement_lines")),
    )
    op.create_index(
        "ix_settlement_lines_settlement_id",
        "settlement_lines",
        ["settlement_id", "occurred_on"],
        unique=False,
    )
    op.create_table(
        "settlement_disputes",
        sa.Column(
            "movement_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("withheld_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("claimed_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("added_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_settlement_disputes_closed")
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_settlement_disputes_state")),
        sa.CheckConstraint("claimed_rupiah >= 0", name=op.f("ck_settlement_disputes_claimed")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["settlement_lines.movement_id"], name=op.f("fk_settlement_disputes_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlements.id"], name=op.f("fk_settlement_disputes_settlement_id")
        ),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_settlement_disputes")),
    )
    op.create_index(
        "ix_settlement_disputes_settlement_id", "settlement_disputes", ["settlement_id"], unique=False
    )
    guard(LINES, same_row=("movement_id = NEW.movement_id",))
    parameters = sa.table(
        "legal_parameters",
        sa.column("key", sa.String),
        sa.column("value", sa.BigInteger),
        sa.column("unit", sa.String),
        sa.column("valid_from", sa.Date),
        sa.column("valid_to", sa.Date),
        sa.column("citation", sa.String),
        sa.column("is_verified", sa.Boolean),
    )
    op.bulk_insert(
        parameters,
        [
            {
                "key": PAYMENT_DAYS,
                "value": 15,
                "unit": "day",
                "valid_from": date(2007, 12, 27),
                "valid_to": date(9999, 12, 31),
                "citation": CITATION,
                "is_verified": False,
            }
        ],
    )


def downgrade() -> None:
    """Drop the tables."""
    op.execute(sa.text("DELETE FROM legal_parameters WHERE key = :key").bindparams(key=PAYMENT_DAYS))
    unguard(LINES)
    op.drop_index("ix_settlement_disputes_settlement_id", table_name="settlement_disputes")
    op.drop_table("settlement_disputes")
    op.drop_index("ix_settlement_lines_settlement_id", table_name="settlement_lines")
    op.drop_table("settlement_lines")
    op.drop_index("ix_settlements_operator_id", table_name="settlements")
    op.drop_index("ix_settlements_outlet_id", table_name="settlements")
    op.drop_index("ix_settlements_seller_id", table_name="settlements")
    op.drop_table("settlements")
