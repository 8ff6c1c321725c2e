"""Orders: quotations with every version of them, standing orders and what came of each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard

revision = "0150"
down_revision = "0140"

GUARDED = {
    "quote_versions": ("id = NEW.id", "quote_id = NEW.quote_id AND number = NEW.number"),
    "quote_lines": (
        "version_id = NEW.version_id AND position = NEW.position",
        "version_id = NEW.version_id AND product_id = NEW.product_id",
    ),
}
"""Tables to which rows are only ever added, and how SQLite knows a row that REPLACE would delete."""


def upgrade() -> None:
    """Make the tables; an accepted quotation is one order."""
    op.create_table(
        "quotes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quote_ref", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("client_key", sa.String(length=100), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shipping_kind", sa.String(length=12), nullable=False),
        sa.Column("procurement_ref", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asker_name", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_side", sa.String(length=8), nullable=False),
        sa.Column("ender_name", sa.String(length=300), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'accepted') = (order_id IS NOT NULL)", name=op.f("ck_quotes_accepted")),
        sa.CheckConstraint(
            "(state IN ('asked', 'offered', 'countered')) = (due_at IS NOT NULL AND ended_at IS NULL)",
            name=op.f("ck_quotes_ended"),
        ),
        sa.CheckConstraint(
            "outlet_id IS NOT NULL OR address <> '' OR shipping_kind = 'pickup'", name=op.f("ck_quotes_to")
        ),
        sa.CheckConstraint(
            "shipping_kind IN ('seller_rate', 'pickup')", name=op.f("ck_quotes_shipping_kind")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'offered', 'countered', 'accepted', 'declined', 'withdrawn', 'expired')",
            name=op.f("ck_quotes_state"),
        ),
        sa.CheckConstraint("latest > 0", name=op.f("ck_quotes_latest")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_quotes_operator_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_quotes_order_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_quotes_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_quotes_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("operator_id", "client_key", name="uq_quotes_client_key"),
        sa.UniqueConstraint("operator_id", "number", name="uq_quotes_number"),
        sa.UniqueConstraint("order_id", name="uq_quotes_order_id"),
        sa.UniqueConstraint("quote_ref", name=op.f("uq_quotes_quote_ref")),
    )
    op.create_index("ix_quotes_due_at", "quotes", ["due_at"], unique=False)
    op.create_index("ix_quotes_operator_id", "quotes", ["operator_id", "state", "id"], unique=False)
    op.create_index("ix_quotes_seller_id", "quotes", ["seller_id", "state", "id"], unique=False)
    op.create_table(
        "quote_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("deliver_from", sa.Date(), nullable=False),
        sa.Column("deliver_to", sa.Date(), nullable=False),
        sa.Column("payment_plan", sa.String(length=12), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("advance_percent", sa.Integer(), nullable=False),
        sa.Column("goods_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("shipping_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("tax_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("makes_rest", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("maker_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint("number > 1 OR side = 'buyer'", name=op.f("ck_quote_versions_first")),
        sa.CheckConstraint(
            "payment_plan IN ('before', 'advance', 'on_delivery', 'later')",
            name=op.f("ck_quote_versions_payment_plan"),
        ),
        sa.CheckConstraint("side IN ('buyer', 'seller')", name=op.f("ck_quote_versions_side")),
        sa.CheckConstraint("(number = 1) = (total_rupiah IS NULL)", name=op.f("ck_quote_versions_priced")),
        sa.CheckConstraint(
            "(total_rupiah IS NULL AND goods_rupiah IS NULL AND shipping_rupiah IS NULL AND tax_rupiah IS NULL) OR (goods_rupiah >= 0 AND shipping_rupiah >= 0 AND tax_rupiah >= 0 AND total_rupiah = goods_rupiah + shipping_rupiah + tax_rupiah)",
            name=op.f("ck_quote_versions_total"),
        ),
        sa.CheckConstraint("advance_percent BETWEEN 0 AND 100", name=op.f("ck_quote_versions_advance")),
        sa.CheckConstraint("deliver_to >= deliver_from", name=op.f("ck_quote_versions_window")),
        sa.CheckConstraint("side = 'seller' OR NOT makes_rest", name=op.f("ck_quote_versions_makes_rest")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 366", name=op.f("ck_quote_versions_due_days")),
        sa.CheckConstraint("number > 0", name=op.f("ck_quote_versions_positive")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_quote_versions_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_versions")),
        sa.UniqueConstraint("quote_id", "number", name="uq_quote_versions_number"),
    )
    op.create_table(
        "quote_lines",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("list_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("card_text", sa.String(length=300), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_quote_lines_quantity")),
        sa.CheckConstraint(
            "unit_price_rupiah >= 0 AND list_price_rupiah >= 0", name=op.f("ck_quote_lines_prices")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_quote_lines_product_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["quote_versions.id"], name=op.f("fk_quote_lines_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_quote_lines")),
        sa.UniqueConstraint("version_id", "product_id", name="uq_quote_lines_product_id"),
    )
    op.create_index("ix_quote_lines_product_id", "quote_lines", ["product_id"], unique=False)
    op.create_table(
        "standing_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("standing_ref", sa.String(length=24), nullable=False),
        sa.Column("client_key", sa.String(length=100), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("cycle", sa.String(length=12), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("ahead_days", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("max_rise_percent", sa.Integer(), nullable=False),
        sa.Column("shipping_kind", sa.String(length=12), nullable=False),
        sa.Column("payment_plan", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("maker_name", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_standing_orders_ended")
        ),
        sa.CheckConstraint(
            "cycle IN ('weekly', 'two_weekly', 'monthly')", name=op.f("ck_standing_orders_cycle")
        ),
        sa.CheckConstraint(
            "payment_plan IN ('before', 'advance', 'on_delivery', 'later')",
            name=op.f("ck_standing_orders_payment_plan"),
        ),
        sa.CheckConstraint(
            "shipping_kind IN ('seller_rate', 'pickup')", name=op.f("ck_standing_orders_shipping_kind")
        ),
        sa.CheckConstraint("state <> 'active' OR next_on IS NOT NULL", name=op.f("ck_standing_orders_next")),
        sa.CheckConstraint("state IN ('active', 'paused', 'ended')", name=op.f("ck_standing_orders_state")),
        sa.CheckConstraint(
            "ahead_days BETWEEN 0 AND 90 AND window_days BETWEEN 0 AND 31",
            name=op.f("ck_standing_orders_window"),
        ),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_standing_orders_days")),
        sa.CheckConstraint("max_rise_percent BETWEEN 0 AND 100", name=op.f("ck_standing_orders_max_rise")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_standing_orders_operator_id")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_standing_orders_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_standing_orders_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_orders")),
        sa.UniqueConstraint("operator_id", "client_key", name="uq_standing_orders_client_key"),
        sa.UniqueConstraint("standing_ref", name=op.f("uq_standing_orders_standing_ref")),
    )
    op.create_index("ix_standing_orders_next_on", "standing_orders", ["state", "next_on"], unique=False)
    op.create_index(
        "ix_standing_orders_operator_id", "standing_orders", ["operator_id", "state", "id"], unique=False
    )
    op.create_index(
        "ix_standing_orders_seller_id", "standing_orders", ["seller_id", "state", "id"], unique=False
    )
    op.create_table(
        "standing_lines",
        sa.Column(
            "standing_id",
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
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("agreed_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("card_text", sa.String(length=300), nullable=False),
        sa.CheckConstraint("agreed_price_rupiah >= 0", name=op.f("ck_standing_lines_agreed_price")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_standing_lines_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_standing_lines_product_id")),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing_orders.id"], name=op.f("fk_standing_lines_standing_id")
        ),
        sa.PrimaryKeyConstraint("standing_id", "product_id", name=op.f("pk_standing_lines")),
    )
    op.create_index("ix_standing_lines_product_id", "standing_lines", ["product_id"], unique=False)
    op.create_table(
        "standing_runs",
        sa.Column(
            "standing_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'ordered') = (order_id IS NOT NULL)", name=op.f("ck_standing_runs_ordered")
        ),
        sa.CheckConstraint(
            "outcome IN ('ordered', 'waiting', 'failed', 'skipped', 'missed')",
            name=op.f("ck_standing_runs_outcome"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_standing_runs_order_id")),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing_orders.id"], name=op.f("fk_standing_runs_standing_id")
        ),
        sa.PrimaryKeyConstraint("standing_id", "day", name=op.f("pk_standing_runs")),
        sa.UniqueConstraint("order_id", name="uq_standing_runs_order_id"),
    )
    op.create_index("uq_orders_quote_id", "orders", ["quote_id"], unique=True)
    for table, same_row in GUARDED.items():
        guard(table, same_row=same_row)


def downgrade() -> None:
    """Drop them."""
    for table in GUARDED:
        unguard(table)
    op.drop_index("uq_orders_quote_id", table_name="orders")
    op.drop_table("standing_runs")
    op.drop_index("ix_standing_lines_product_id", table_name="standing_lines")
    op.drop_table("standing_lines")
    op.drop_index("ix_standing_orders_next_on", table_name="standing_orders")
    op.drop_index("ix_standing_orders_operator_id", table_name="standing_orders")
    op.drop_index("ix_standing_orders_seller_id", table_name="standing_orders")
    op.drop_table("standing_orders")
    op.drop_index("ix_quote_lines_product_id", table_name="quote_lines")
    op.drop_table("quote_lines")
    op.drop_table("quote_versions")
    op.drop_index("ix_quotes_due_at", table_name="quotes")
    op.drop_index("ix_quotes_operator_id", table_name="quotes")
    op.drop_index("ix_quotes_seller_id", table_name="quotes")
    op.drop_table("quotes")
