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
    make_reports()
    make_counts()
    make_markdowns()


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


def make_reports() -> None:
    """Sales reports, what sold too cheaply, who is silent."""
    op.create_table(
        "sales_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("client_key", sa.String(length=200), nullable=True),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("is_zero", sa.Boolean(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("missing_units", sa.BigInteger(), nullable=False),
        sa.Column("refused_count", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_by", sa.BigInteger(), nullable=True),
        sa.Column("reverse_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(reversed_at IS NULL) = (reverse_reason = '')", name=op.f("ck_sales_reports_reversed")
        ),
        sa.CheckConstraint("source IN ('screen', 'file', 'api')", name=op.f("ck_sales_reports_source")),
        sa.CheckConstraint("(first_on IS NULL) = (last_on IS NULL)", name=op.f("ck_sales_reports_both_days")),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_sales_reports_days")),
        sa.CheckConstraint("late_days >= 0", name=op.f("ck_sales_reports_late_days")),
        sa.CheckConstraint(
            "line_count >= 0 AND units >= 0 AND missing_units >= 0 AND refused_count >= 0",
            name=op.f("ck_sales_reports_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["sales_reports.id"], name=op.f("fk_sales_reports_corrects_id")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_sales_reports_outlet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_reports")),
        sa.UniqueConstraint("import_run_id", "outlet_id", name="uq_sales_reports_import_run_id"),
        sa.UniqueConstraint("recorded_by", "client_key", name="uq_sales_reports_client_key"),
    )
    op.create_index("ix_sales_reports_outlet_id", "sales_reports", ["outlet_id", "last_on"], unique=False)
    op.create_table(
        "price_flags",
        sa.Column(
            "outlet_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("line_ref", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("agreed_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_rupiah < agreed_rupiah", name=op.f("ck_price_flags_below")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_price_flags_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_price_flags_product_id")),
        sa.ForeignKeyConstraint(["report_id"], ["sales_reports.id"], name=op.f("fk_price_flags_report_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_price_flags_seller_id")),
        sa.PrimaryKeyConstraint("outlet_id", "line_ref", name=op.f("pk_price_flags")),
    )
    op.create_index("ix_price_flags_report_id", "price_flags", ["report_id"], unique=False)
    op.create_index("ix_price_flags_seller_id", "price_flags", ["seller_id", "occurred_on"], unique=False)
    op.create_table(
        "report_silences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("cycle_days", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("cycle_days BETWEEN 1 AND 366", name=op.f("ck_report_silences_cycle_days")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_report_silences_outlet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_silences")),
        sa.UniqueConstraint("outlet_id", "since", name="uq_report_silences_since"),
    )
    op.create_index("ix_report_silences_ended_on", "report_silences", ["ended_on", "outlet_id"], unique=False)


def make_counts() -> None:
    """Stock counts with their lines."""
    op.create_table(
        "stock_counts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("lost_units", sa.BigInteger(), nullable=False),
        sa.Column("found_units", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(client_key) BETWEEN 8 AND 64", name=op.f("ck_stock_counts_client_key")),
        sa.CheckConstraint(
            "line_count >= 0 AND lost_units >= 0 AND found_units >= 0", name=op.f("ck_stock_counts_counts")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_stock_counts_outlet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_counts")),
        sa.UniqueConstraint("client_key", name="uq_stock_counts_client_key"),
    )
    op.create_index("ix_stock_counts_outlet_id", "stock_counts", ["outlet_id", "counted_on"], unique=False)
    op.create_table(
        "stock_count_lines",
        sa.Column(
            "count_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("borne_by", sa.String(length=8), nullable=True),
        sa.Column("movement_ref", sa.String(length=100), nullable=True),
        sa.CheckConstraint("borne_by IN ('outlet', 'seller')", name=op.f("ck_stock_count_lines_borne_by")),
        sa.CheckConstraint(
            "reason IN ('missing', 'stolen', 'damaged', 'expired', 'near_expiry', 'slow', 'other')",
            name=op.f("ck_stock_count_lines_reason"),
        ),
        sa.CheckConstraint(
            "(counted < expected) = (borne_by IS NOT NULL)", name=op.f("ck_stock_count_lines_borne")
        ),
        sa.CheckConstraint(
            "(counted = expected) = (movement_ref IS NULL)", name=op.f("ck_stock_count_lines_movement")
        ),
        sa.CheckConstraint("counted >= 0 AND expected >= 0", name=op.f("ck_stock_count_lines_quantities")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_counts.id"], name=op.f("fk_stock_count_lines_count_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_stock_count_lines_lot_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stock_count_lines_product_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_stock_count_lines_seller_id")),
        sa.PrimaryKeyConstraint("count_id", "line", name=op.f("pk_stock_count_lines")),
        sa.UniqueConstraint("movement_ref", name="uq_stock_count_lines_movement_ref"),
    )
    op.create_index("ix_stock_count_lines_seller_id", "stock_count_lines", ["seller_id"], unique=False)


def make_markdowns() -> None:
    """Lower prices asked for, and the answers."""
    op.create_table(
        "markdowns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("agreed_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('agreed', 'declined')) = (answered_at IS NOT NULL)",
            name=op.f("ck_markdowns_answered"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_markdowns_reason")),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'withdrawn')", name=op.f("ck_markdowns_state")
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_markdowns_days")),
        sa.CheckConstraint("price_rupiah < agreed_rupiah", name=op.f("ck_markdowns_lower")),
        sa.CheckConstraint("price_rupiah >= 0", name=op.f("ck_markdowns_price")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_markdowns_agreement_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_markdowns_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_markdowns_product_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_markdowns_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_markdowns")),
        sa.UniqueConstraint("asked_by", "client_key", name="uq_markdowns_client_key"),
    )
    op.create_index(
        "ix_markdowns_agreement_id", "markdowns", ["agreement_id", "product_id", "state"], unique=False
    )
    op.create_index("ix_markdowns_outlet_id", "markdowns", ["outlet_id", "id"], unique=False)
    op.create_index("ix_markdowns_seller_id", "markdowns", ["seller_id", "id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_markdowns_agreement_id", table_name="markdowns")
    op.drop_index("ix_markdowns_outlet_id", table_name="markdowns")
    op.drop_index("ix_markdowns_seller_id", table_name="markdowns")
    op.drop_table("markdowns")
    op.drop_index("ix_stock_count_lines_seller_id", table_name="stock_count_lines")
    op.drop_table("stock_count_lines")
    op.drop_index("ix_stock_counts_outlet_id", table_name="stock_counts")
    op.drop_table("stock_counts")
    op.drop_index("ix_report_silences_ended_on", table_name="report_silences")
    op.drop_table("report_silences")
    op.drop_index("ix_price_flags_report_id", table_name="price_flags")
    op.drop_index("ix_price_flags_seller_id", table_name="price_flags")
    op.drop_table("price_flags")
    op.drop_index("ix_sales_reports_outlet_id", table_name="sales_reports")
    op.drop_table("sales_reports")
    unguard("borne_losses")
    op.drop_index("ix_borne_losses_document", table_name="borne_losses")
    op.drop_table("borne_losses")
