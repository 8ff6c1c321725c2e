"""Placements: deliveries, returns, destruction minutes, warnings of expiry, differences, messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=False),
        sa.Column("vehicle", sa.String(length=120), nullable=False),
        sa.Column("driver", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.BigInteger(), nullable=True),
        sa.Column("sender_name", sa.String(length=300), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.BigInteger(), nullable=True),
        sa.Column("receiver_name", sa.String(length=300), nullable=False),
        sa.Column("receipt_note", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.BigInteger(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'received') = (received_on IS NOT NULL)", name=op.f("ck_deliveries_received")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'received', 'cancelled')", name=op.f("ck_deliveries_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('sent', 'received') OR number IS NOT NULL", name=op.f("ck_deliveries_number")
        ),
        sa.CheckConstraint("(number IS NULL) = (sent_on IS NULL)", name=op.f("ck_deliveries_sent")),
        sa.CheckConstraint("received_on >= sent_on", name=op.f("ck_deliveries_days")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_deliveries_agreement_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_deliveries_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_deliveries_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("code", name=op.f("uq_deliveries_code")),
        sa.UniqueConstraint("seller_id", "client_key", name="uq_deliveries_client_key"),
        sa.UniqueConstraint("seller_id", "number", name="uq_deliveries_number"),
    )
    op.create_index("ix_deliveries_agreement_id", "deliveries", ["agreement_id"], unique=False)
    op.create_index("ix_deliveries_outlet_id", "deliveries", ["outlet_id", "state", "id"], unique=False)
    op.create_index("ix_deliveries_seller_id", "deliveries", ["seller_id", "state", "id"], unique=False)
    op.create_table(
        "delivery_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_code", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.BigInteger(), nullable=True),
        sa.Column("short", sa.BigInteger(), nullable=True),
        sa.Column("damaged", sa.BigInteger(), nullable=True),
        sa.Column("refused", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(accepted IS NULL AND short IS NULL AND damaged IS NULL AND refused IS NULL) OR (accepted >= 0 AND short >= 0 AND damaged >= 0 AND refused >= 0 AND accepted + short + damaged + refused = quantity)",
            name=op.f("ck_delivery_lines_receipt"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_delivery_lines_quantity")),
        sa.CheckConstraint("unit_price_rupiah >= 0", name=op.f("ck_delivery_lines_unit_price")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_lines_delivery_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_delivery_lines_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_lines")),
        sa.UniqueConstraint("delivery_id", "position", name="uq_delivery_lines_position"),
    )
    op.create_index("ix_delivery_lines_product_id", "delivery_lines", ["product_id"], unique=False)
    op.create_table(
        "return_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("fetch_by", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("maker_name", sa.String(length=300), nullable=False),
        sa.Column("fetched_on", sa.Date(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_by", sa.BigInteger(), nullable=True),
        sa.Column("fetcher_name", sa.String(length=300), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.BigInteger(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'fetched') = (fetched_on IS NOT NULL)", name=op.f("ck_return_notes_fetched")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'fetched', 'destroyed', 'cancelled')", name=op.f("ck_return_notes_state")
        ),
        sa.CheckConstraint("fetched_on >= made_on", name=op.f("ck_return_notes_days")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_return_notes_agreement_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_return_notes_operator_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_return_notes_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_return_notes_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_notes")),
        sa.UniqueConstraint("code", name=op.f("uq_return_notes_code")),
        sa.UniqueConstraint("operator_id", "number", name="uq_return_notes_number"),
        sa.UniqueConstraint("outlet_id", "client_key", name="uq_return_notes_client_key"),
    )
    op.create_index("ix_return_notes_outlet_id", "return_notes", ["outlet_id", "state", "id"], unique=False)
    op.create_index("ix_return_notes_seller_id", "return_notes", ["seller_id", "state", "id"], unique=False)
    op.create_table(
        "return_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_code", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('expired', 'near_expiry', 'damaged', 'slow', 'end_of_agreement')",
            name=op.f("ck_return_lines_reason"),
        ),
        sa.CheckConstraint("fetched BETWEEN 0 AND quantity", name=op.f("ck_return_lines_fetched")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_lines_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_return_lines_product_id")),
        sa.ForeignKeyConstraint(
            ["return_note_id"], ["return_notes.id"], name=op.f("fk_return_lines_return_note_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_lines")),
        sa.UniqueConstraint("return_note_id", "position", name="uq_return_lines_position"),
    )
    op.create_index("ix_return_lines_product_id", "return_lines", ["product_id"], unique=False)
    op.create_table(
        "destructions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("return_note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("witness_name", sa.String(length=300), nullable=False),
        sa.Column("seller_witness_name", sa.String(length=300), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(length=40), nullable=False),
        sa.Column("photo_digest", sa.String(length=64), nullable=False),
        sa.Column("photo_width", sa.Integer(), nullable=False),
        sa.Column("photo_height", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("recorder_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint("photo <> ''", name=op.f("ck_destructions_photo")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_destructions_agreement_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_destructions_operator_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_destructions_outlet_id")),
        sa.ForeignKeyConstraint(
            ["return_note_id"], ["return_notes.id"], name=op.f("fk_destructions_return_note_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_destructions_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destructions")),
        sa.UniqueConstraint("code", name=op.f("uq_destructions_code")),
        sa.UniqueConstraint("operator_id", "number", name="uq_destructions_number"),
        sa.UniqueConstraint("outlet_id", "client_key", name="uq_destructions_client_key"),
        sa.UniqueConstraint("return_note_id", name="uq_destructions_return_note_id"),
    )
    op.create_index("ix_destructions_outlet_id", "destructions", ["outlet_id", "id"], unique=False)
    op.create_index("ix_destructions_seller_id", "destructions", ["seller_id", "id"], unique=False)
    op.create_table(
        "destruction_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("destruction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_code", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("borne_by", sa.String(length=8), nullable=False),
        sa.CheckConstraint("borne_by IN ('outlet', 'seller')", name=op.f("ck_destruction_lines_borne_by")),
        sa.CheckConstraint("reason IN ('expired', 'damaged')", name=op.f("ck_destruction_lines_reason")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_destruction_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["destruction_id"], ["destructions.id"], name=op.f("fk_destruction_lines_destruction_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_destruction_lines_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_lines")),
        sa.UniqueConstraint("destruction_id", "position", name="uq_destruction_lines_position"),
    )
    op.create_index("ix_destruction_lines_product_id", "destruction_lines", ["product_id"], unique=False)
    op.create_table(
        "expiry_alerts",
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("days_before", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_expiry_alerts_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", "days_before", name=op.f("pk_expiry_alerts")),
    )
    op.create_table(
        "differences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("rupiah", sa.BigInteger(), nullable=True),
        sa.Column("document_kind", sa.String(length=24), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("line_ref", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("favours", sa.String(length=8), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("referred_by", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(favours IS NOT NULL) = (COALESCE(outcome, '') = 'officer_decides')",
            name=op.f("ck_differences_decided"),
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (outcome IS NOT NULL)", name=op.f("ck_differences_settled")
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL)", name=op.f("ck_differences_settled_at")
        ),
        sa.CheckConstraint("favours IN ('seller', 'outlet')", name=op.f("ck_differences_favours")),
        sa.CheckConstraint(
            "kind IN ('delivery_short', 'delivery_damaged', 'sale_excess', 'settlement_line')",
            name=op.f("ck_differences_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('seller_agrees', 'store_corrects', 'officer_decides')",
            name=op.f("ck_differences_outcome"),
        ),
        sa.CheckConstraint("state IN ('open', 'settled')", name=op.f("ck_differences_state")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_differences_quantity")),
        sa.CheckConstraint("quantity IS NOT NULL OR rupiah IS NOT NULL", name=op.f("ck_differences_amount")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_differences_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_differences_product_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_differences_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
        sa.UniqueConstraint("kind", "document_kind", "document_id", "line_ref", name="uq_differences_line"),
    )
    op.create_index("ix_differences_document", "differences", ["document_kind", "document_id"], unique=False)
    op.create_index("ix_differences_outlet_id", "differences", ["outlet_id", "state", "id"], unique=False)
    op.create_index("ix_differences_seller_id", "differences", ["seller_id", "state", "id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_kind", sa.String(length=24), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("author_name", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_messages_body")),
        sa.CheckConstraint("side IN ('seller', 'outlet', 'office')", name=op.f("ck_messages_side")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_messages_outlet_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_messages_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("author_id", "client_key", name="uq_messages_client_key"),
    )
    op.create_index("ix_messages_document", "messages", ["document_kind", "document_id", "id"], unique=False)
    op.create_index("ix_messages_outlet_id", "messages", ["outlet_id", "id"], unique=False)
    op.create_index("ix_messages_seller_id", "messages", ["seller_id", "id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_messages_document", table_name="messages")
    op.drop_index("ix_messages_outlet_id", table_name="messages")
    op.drop_index("ix_messages_seller_id", table_name="messages")
    op.drop_table("messages")
    op.drop_index("ix_differences_document", table_name="differences")
    op.drop_index("ix_differences_outlet_id", table_name="differences")
    op.drop_index("ix_differences_seller_id", table_name="differences")
    op.drop_table("differences")
    op.drop_table("expiry_alerts")
    op.drop_index("ix_destruction_lines_product_id", table_name="destruction_lines")
    op.drop_table("destruction_lines")
    op.drop_index("ix_destructions_outlet_id", table_name="destructions")
    op.drop_index("ix_destructions_seller_id", table_name="destructions")
    op.drop_table("destructions")
    op.drop_index("ix_return_lines_product_id", table_name="return_lines")
    op.drop_table("return_lines")
    op.drop_index("ix_return_notes_outlet_id", table_name="return_notes")
    op.drop_index("ix_return_notes_seller_id", table_name="return_notes")
    op.drop_table("return_notes")
    op.drop_index("ix_delivery_lines_product_id", table_name="delivery_lines")
    op.drop_table("delivery_lines")
    op.drop_index("ix_deliveries_agreement_id", table_name="deliveries")
    op.drop_index("ix_deliveries_outlet_id", table_name="deliveries")
    op.drop_index("ix_deliveries_seller_id", table_name="deliveries")
    op.drop_table("deliveries")
