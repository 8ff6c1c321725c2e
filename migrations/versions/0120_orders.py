"""Orders: carts, orders with every step, promised units, shipments, claims, invoices; offices that buy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard

revision = "0120"
down_revision = "0110"

GUARDED = {
    "order_steps": ("id = NEW.id", "order_id = NEW.order_id AND position = NEW.position"),
    "ready_stock_entries": ("id = NEW.id", "ref = NEW.ref"),
    "invoices": (
        "id = NEW.id",
        "order_id = NEW.order_id",
        "seller_id = NEW.seller_id AND number = NEW.number",
        "code = NEW.code",
    ),
    "invoice_lines": ("invoice_id = NEW.invoice_id AND position = NEW.position",),
    "credit_notes": (
        "id = NEW.id",
        "NEW.claim_id IS NOT NULL AND claim_id = NEW.claim_id",
        "seller_id = NEW.seller_id AND number = NEW.number",
        "code = NEW.code",
    ),
}
"""Tables to which rows are only ever added, and how SQLite knows a row that REPLACE would delete."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "office_buyers",
        sa.Column(
            "office_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_office_buyers_office_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_office_buyers_operator_id")),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_office_buyers")),
        sa.UniqueConstraint("operator_id", name=op.f("uq_office_buyers_operator_id")),
    )
    op.create_table(
        "cart_lines",
        sa.Column(
            "operator_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "user_id",
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
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("card_text", sa.String(length=300), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_lines_quantity")),
        sa.CheckConstraint("seen_price_rupiah >= 0", name=op.f("ck_cart_lines_seen_price")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_cart_lines_operator_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_cart_lines_product_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_cart_lines_user_id")),
        sa.PrimaryKeyConstraint("operator_id", "user_id", "product_id", name=op.f("pk_cart_lines")),
    )
    op.create_index("ix_cart_lines_product_id", "cart_lines", ["product_id"], unique=False)
    op.create_table(
        "checkouts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_key", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("order_count", sa.Integer(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decider_name", sa.String(length=300), nullable=False),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("maker_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (is_approved IS NULL)", name=op.f("ck_checkouts_decided")),
        sa.CheckConstraint("needs_approval OR decided_at IS NULL", name=op.f("ck_checkouts_approval")),
        sa.CheckConstraint("total_rupiah >= 0", name=op.f("ck_checkouts_total")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_checkouts_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint("operator_id", "client_key", name="uq_checkouts_client_key"),
    )
    op.create_index("ix_checkouts_made_at", "checkouts", ["operator_id", "made_at"], unique=False)
    op.create_index("ix_checkouts_operator_id", "checkouts", ["operator_id", "id"], unique=False)
    op.create_table(
        "approval_limits",
        sa.Column(
            "operator_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("limit_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("limit_rupiah >= 0", name=op.f("ck_approval_limits_limit")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_approval_limits_operator_id")
        ),
        sa.PrimaryKeyConstraint("operator_id", "user_id", name=op.f("pk_approval_limits")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_ref", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("checkout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("deliver_from", sa.Date(), nullable=False),
        sa.Column("deliver_to", sa.Date(), nullable=False),
        sa.Column("shipping_kind", sa.String(length=12), nullable=False),
        sa.Column("payment_plan", sa.String(length=12), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("accept_days", sa.Integer(), nullable=False),
        sa.Column("claim_days", sa.Integer(), nullable=False),
        sa.Column("is_pre_order", sa.Boolean(), nullable=False),
        sa.Column("goods_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("shipping_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("tax_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("advance_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("quote_id", sa.BigInteger(), nullable=True),
        sa.Column("standing_id", sa.BigInteger(), nullable=True),
        sa.Column("procurement_ref", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "outlet_id IS NOT NULL OR address <> '' OR shipping_kind = 'pickup'", name=op.f("ck_orders_to")
        ),
        sa.CheckConstraint(
            "payment_plan IN ('before', 'advance', 'on_delivery', 'later')",
            name=op.f("ck_orders_payment_plan"),
        ),
        sa.CheckConstraint(
            "shipping_kind IN ('seller_rate', 'pickup', 'quoted')", name=op.f("ck_orders_shipping_kind")
        ),
        sa.CheckConstraint(
            "state IN ('awaiting_approval', 'refused', 'expired', 'cancelled') OR number IS NOT NULL",
            name=op.f("ck_orders_number"),
        ),
        sa.CheckConstraint(
            "state IN ('awaiting_approval', 'refused', 'placed', 'quoted', 'declined', 'expired', 'awaiting_payment', 'paid', 'confirmed', 'packed', 'shipped', 'received', 'invoiced', 'settled', 'closed', 'cancelled')",
            name=op.f("ck_orders_state"),
        ),
        sa.CheckConstraint(
            "accept_days BETWEEN 1 AND 60 AND claim_days BETWEEN 0 AND 60", name=op.f("ck_orders_days")
        ),
        sa.CheckConstraint("advance_rupiah BETWEEN 0 AND total_rupiah", name=op.f("ck_orders_advance")),
        sa.CheckConstraint("deliver_to >= deliver_from", name=op.f("ck_orders_window")),
        sa.CheckConstraint(
            "due_days BETWEEN 0 AND 366 AND (payment_plan = 'later' OR due_days = 0)",
            name=op.f("ck_orders_due_days"),
        ),
        sa.CheckConstraint(
            "payment_plan = 'advance' OR advance_rupiah = CASE payment_plan WHEN 'before' THEN total_rupiah ELSE 0 END",
            name=op.f("ck_orders_plan"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('awaiting_approval', 'placed', 'quoted', 'awaiting_payment', 'shipped', 'settled') OR due_at IS NOT NULL",
            name=op.f("ck_orders_due"),
        ),
        sa.CheckConstraint(
            "goods_rupiah >= 0 AND shipping_rupiah >= 0 AND tax_rupiah >= 0 AND total_rupiah = goods_rupiah + shipping_rupiah + tax_rupiah",
            name=op.f("ck_orders_total"),
        ),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"], name=op.f("fk_orders_checkout_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_orders_operator_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_orders_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_orders_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("checkout_id", "seller_id", name="uq_orders_checkout_id"),
        sa.UniqueConstraint("operator_id", "number", name="uq_orders_number"),
        sa.UniqueConstraint("order_ref", name=op.f("uq_orders_order_ref")),
    )
    op.create_index("ix_orders_due_at", "orders", ["state", "due_at"], unique=False)
    op.create_index("ix_orders_operator_id", "orders", ["operator_id", "state", "id"], unique=False)
    op.create_index("ix_orders_outlet_id", "orders", ["outlet_id", "id"], unique=False)
    op.create_index("ix_orders_seller_id", "orders", ["seller_id", "state", "id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("is_parcel", sa.Boolean(), nullable=False),
        sa.Column("card_text", sa.String(length=300), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("billed", sa.Integer(), nullable=False),
        sa.CheckConstraint("accepted BETWEEN 0 AND sent", name=op.f("ck_order_lines_accepted")),
        sa.CheckConstraint(
            "amount_rupiah = unit_price_rupiah * quantity", name=op.f("ck_order_lines_amount")
        ),
        sa.CheckConstraint("billed BETWEEN 0 AND accepted", name=op.f("ck_order_lines_billed")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity")),
        sa.CheckConstraint("sent BETWEEN 0 AND quantity", name=op.f("ck_order_lines_sent")),
        sa.CheckConstraint("unit_price_rupiah >= 0", name=op.f("ck_order_lines_unit_price")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "position", name="uq_order_lines_position"),
    )
    op.create_index("ix_order_lines_product_id", "order_lines", ["product_id"], unique=False)
    op.create_table(
        "order_steps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('buyer', 'seller', 'system')", name=op.f("ck_order_steps_side")),
        sa.CheckConstraint(
            "to_state IN ('awaiting_approval', 'refused', 'placed', 'quoted', 'declined', 'expired', 'awaiting_payment', 'paid', 'confirmed', 'packed', 'shipped', 'received', 'invoiced', 'settled', 'closed', 'cancelled')",
            name=op.f("ck_order_steps_to_state"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_steps_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_steps")),
        sa.UniqueConstraint("order_id", "position", name="uq_order_steps_position"),
    )
    op.create_table(
        "order_shares",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("advance_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("billed_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "advance_rupiah BETWEEN 0 AND amount_rupiah", name=op.f("ck_order_shares_advance")
        ),
        sa.CheckConstraint("amount_rupiah >= 0 AND billed_rupiah >= 0", name=op.f("ck_order_shares_amounts")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_shares_order_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_order_shares_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_shares")),
        sa.UniqueConstraint("order_id", "seller_id", name="uq_order_shares_order_id"),
    )
    op.create_index("ix_order_shares_seller_id", "order_shares", ["seller_id"], unique=False)
    op.create_table(
        "ready_stocks",
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("on_hand >= reserved", name=op.f("ck_ready_stocks_on_hand")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_ready_stocks_reserved")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_ready_stocks_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_ready_stocks")),
    )
    op.create_table(
        "ready_stock_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('counted', 'sent')", name=op.f("ck_ready_stock_entries_kind")),
        sa.CheckConstraint("change <> 0", name=op.f("ck_ready_stock_entries_change")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_ready_stock_entries_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ready_stock_entries")),
        sa.UniqueConstraint("ref", name="uq_ready_stock_entries_ref"),
    )
    op.create_index(
        "ix_ready_stock_entries_product_id", "ready_stock_entries", ["product_id", "id"], unique=False
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("from_stock", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'held') = (ended_at IS NULL)", name=op.f("ck_reservations_ended")),
        sa.CheckConstraint("state IN ('held', 'sent', 'released')", name=op.f("ck_reservations_state")),
        sa.CheckConstraint("from_stock BETWEEN 0 AND quantity", name=op.f("ck_reservations_from_stock")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservations_quantity")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_reservations_order_line_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_reservations_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("order_line_id", "product_id", name="uq_reservations_order_line_id"),
    )
    op.create_index(
        "ix_reservations_product_id", "reservations", ["product_id", "state", "week"], unique=False
    )
    op.create_table(
        "capacity_weeks",
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("booked >= 0", name=op.f("ck_capacity_weeks_booked")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_capacity_weeks_product_id")),
        sa.PrimaryKeyConstraint("product_id", "week", name=op.f("pk_capacity_weeks")),
    )
    op.create_table(
        "shipments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("carrier", sa.String(length=120), nullable=False),
        sa.Column("tracking", sa.String(length=120), nullable=False),
        sa.Column("driver", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=True),
        sa.Column("sender_name", sa.String(length=300), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.BigInteger(), nullable=True),
        sa.Column("receiver_name", sa.String(length=300), nullable=False),
        sa.Column("is_deemed", sa.Boolean(), nullable=False),
        sa.Column("receipt_note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(received_on IS NULL) = (received_at IS NULL)", name=op.f("ck_shipments_received")
        ),
        sa.CheckConstraint("received_on >= sent_on", name=op.f("ck_shipments_days")),
        sa.CheckConstraint("received_on IS NOT NULL OR NOT is_deemed", name=op.f("ck_shipments_deemed")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_shipments_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("code", name=op.f("uq_shipments_code")),
        sa.UniqueConstraint("order_id", name="uq_shipments_order_id"),
        sa.UniqueConstraint("seller_id", "number", name="uq_shipments_number"),
    )
    op.create_table(
        "shipment_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_code", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=True),
        sa.Column("short", sa.Integer(), nullable=True),
        sa.Column("damaged", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(accepted IS NULL AND short IS NULL AND damaged IS NULL) OR (accepted >= 0 AND short >= 0 AND damaged >= 0 AND accepted + short + damaged = quantity)",
            name=op.f("ck_shipment_lines_receipt"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_shipment_lines_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_shipment_lines_shipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_lines")),
        sa.UniqueConstraint("shipment_id", "position", name="uq_shipment_lines_position"),
    )
    op.create_index("ix_shipment_lines_order_line_id", "shipment_lines", ["order_line_id"], unique=False)
    op.create_table(
        "order_claims",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("maker_name", sa.String(length=300), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answerer_name", sa.String(length=300), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decider_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'accepted') = (granted > 0)", name=op.f("ck_order_claims_accepted")),
        sa.CheckConstraint("state <> 'open' OR due_at IS NOT NULL", name=op.f("ck_order_claims_due")),
        sa.CheckConstraint(
            "kind IN ('damaged', 'short', 'wrong', 'expired')", name=op.f("ck_order_claims_kind")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'rejected', 'referred', 'withdrawn')",
            name=op.f("ck_order_claims_state"),
        ),
        sa.CheckConstraint("granted BETWEEN 0 AND quantity", name=op.f("ck_order_claims_granted")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_claims_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_claims_order_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_order_claims_order_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_claims")),
        sa.UniqueConstraint("order_id", "client_key", name="uq_order_claims_client_key"),
    )
    op.create_index("ix_order_claims_order_line_id", "order_claims", ["order_line_id"], unique=False)
    op.create_index("ix_order_claims_state", "order_claims", ["state", "due_at"], unique=False)
    op.create_table(
        "claim_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("storage_key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["order_claims.id"], name=op.f("fk_claim_photos_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_photos")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_claim_photos_storage_key")),
    )
    op.create_index("ix_claim_photos_claim_id", "claim_photos", ["claim_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("goods_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("shipping_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("tax_base_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("tax_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("tax_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("advance_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("due_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "advance_rupiah >= 0 AND due_rupiah >= 0 AND total_rupiah = advance_rupiah + due_rupiah",
            name=op.f("ck_invoices_due"),
        ),
        sa.CheckConstraint("due_on >= issued_on", name=op.f("ck_invoices_due_on")),
        sa.CheckConstraint(
            "goods_rupiah >= 0 AND shipping_rupiah >= 0 AND tax_base_rupiah >= 0 AND tax_rupiah >= 0 AND total_rupiah = goods_rupiah + shipping_rupiah + tax_rupiah",
            name=op.f("ck_invoices_total"),
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_invoices_operator_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_invoices_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("code", name=op.f("uq_invoices_code")),
        sa.UniqueConstraint("order_id", name="uq_invoices_order_id"),
        sa.UniqueConstraint("seller_id", "number", name="uq_invoices_number"),
    )
    op.create_index("ix_invoices_operator_id", "invoices", ["operator_id", "issued_on"], unique=False)
    op.create_table(
        "invoice_lines",
        sa.Column(
            "invoice_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_rupiah = unit_price_rupiah * quantity", name=op.f("ck_invoice_lines_amount")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_invoice_lines_quantity")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_invoice_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_lines")),
    )
    op.create_index("ix_invoice_lines_order_line_id", "invoice_lines", ["order_line_id"], unique=False)
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("goods_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("tax_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("goods_rupiah >= 0 AND tax_rupiah >= 0", name=op.f("ck_credit_notes_parts")),
        sa.CheckConstraint(
            "total_rupiah = goods_rupiah + tax_rupiah AND total_rupiah > 0",
            name=op.f("ck_credit_notes_total"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["order_claims.id"], name=op.f("fk_credit_notes_claim_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_credit_notes_invoice_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_credit_notes_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("claim_id", name="uq_credit_notes_claim_id"),
        sa.UniqueConstraint("code", name=op.f("uq_credit_notes_code")),
        sa.UniqueConstraint("seller_id", "number", name="uq_credit_notes_number"),
    )
    op.create_index("ix_credit_notes_invoice_id", "credit_notes", ["invoice_id"], unique=False)
    op.create_table(
        "selling_terms",
        sa.Column(
            "seller_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("delivers", sa.Boolean(), nullable=False),
        sa.Column("shipping_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("free_from_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("offers_pickup", sa.Boolean(), nullable=False),
        sa.Column("quotes_shipping", sa.Boolean(), nullable=False),
        sa.Column("takes_before", sa.Boolean(), nullable=False),
        sa.Column("takes_on_delivery", sa.Boolean(), nullable=False),
        sa.Column("advance_percent", sa.Integer(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("advance_percent BETWEEN 0 AND 100", name=op.f("ck_selling_terms_advance")),
        sa.CheckConstraint("answer_days BETWEEN 1 AND 14", name=op.f("ck_selling_terms_answer_days")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 366", name=op.f("ck_selling_terms_due_days")),
        sa.CheckConstraint("free_from_rupiah >= 0", name=op.f("ck_selling_terms_free_from")),
        sa.CheckConstraint("shipping_rupiah >= 0", name=op.f("ck_selling_terms_shipping")),
        sa.CheckConstraint(
            "takes_before OR takes_on_delivery OR due_days > 0", name=op.f("ck_selling_terms_takes")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_selling_terms_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", name=op.f("pk_selling_terms")),
    )
    for table, same_row in GUARDED.items():
        guard(table, same_row=same_row)


def downgrade() -> None:
    """Drop them."""
    for table in GUARDED:
        unguard(table)
    op.drop_table("selling_terms")
    op.drop_index("ix_credit_notes_invoice_id", table_name="credit_notes")
    op.drop_table("credit_notes")
    op.drop_index("ix_invoice_lines_order_line_id", table_name="invoice_lines")
    op.drop_table("invoice_lines")
    op.drop_index("ix_invoices_operator_id", table_name="invoices")
    op.drop_table("invoices")
    op.drop_index("ix_claim_photos_claim_id", table_name="claim_photos")
    op.drop_table("claim_photos")
    op.drop_index("ix_order_claims_order_line_id", table_name="order_claims")
    op.drop_index("ix_order_claims_state", table_name="order_claims")
    op.drop_table("order_claims")
    op.drop_index("ix_shipment_lines_order_line_id", table_name="shipment_lines")
    op.drop_table("shipment_lines")
    op.drop_table("shipments")
    op.drop_table("capacity_weeks")
    op.drop_index("ix_reservations_product_id", table_name="reservations")
    op.drop_table("reservations")
    op.drop_index("ix_ready_stock_entries_product_id", table_name="ready_stock_entries")
    op.drop_table("ready_stock_entries")
    op.drop_table("ready_stocks")
    op.drop_index("ix_order_shares_seller_id", table_name="order_shares")
    op.drop_table("order_shares")
    op.drop_table("order_steps")
    op.drop_index("ix_order_lines_product_id", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index("ix_orders_due_at", table_name="orders")
    op.drop_index("ix_orders_operator_id", table_name="orders")
    op.drop_index("ix_orders_outlet_id", table_name="orders")
    op.drop_index("ix_orders_seller_id", table_name="orders")
    op.drop_table("orders")
    op.drop_table("approval_limits")
    op.drop_index("ix_checkouts_made_at", table_name="checkouts")
    op.drop_index("ix_checkouts_operator_id", table_name="checkouts")
    op.drop_table("checkouts")
    op.drop_index("ix_cart_lines_product_id", table_name="cart_lines")
    op.drop_table("cart_lines")
    op.drop_table("office_buyers")
