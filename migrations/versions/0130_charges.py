"""Payments: what providers carry, refunds, disputes, bank statements, QRIS; more kinds of accounts and steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import replace_check
from marketplace.payments import reference

revision = "0130"
down_revision = "0120"

KINDS = "'sales', 'commission', 'losses', 'correction', 'disputed', 'owed', 'transit', 'received'"
STEPS = "'issued', 'disputed', 'decided', 'paid', 'confirmed', 'denied', 'reversed'"
MORE_STEPS = (
    "'advanced', 'invoiced', 'credited', 'withdrawn', 'captured', 'fee', 'refund_due', 'refunded', 'paid_out'"
)
CHECKS = (
    (
        "journal_accounts",
        "ck_journal_accounts_kind",
        f"kind IN ({KINDS})",
        f"kind IN ({KINDS}, 'advance', 'tax', 'held', 'fees', 'refunds')",
    ),
    (
        "journal_transactions",
        "ck_journal_transactions_kind",
        f"kind IN ({STEPS})",
        f"kind IN ({STEPS}, {MORE_STEPS})",
    ),
    (
        "payables",
        "ck_payables_kind",
        "kind IN ('settlement', 'invoice')",
        "kind IN ('settlement', 'invoice', 'advance')",
    ),
    (
        "payments",
        "ck_payments_method",
        "method IN ('bank_transfer', 'cash', 'provider')",
        "method IN ('bank_transfer', 'cash', 'provider', 'qris')",
    ),
)


def upgrade() -> None:
    """Widen the checks, make the tables."""
    for table, name, old, new in CHECKS:
        replace_check(table, name, old, new)
    op.add_column("payables", sa.Column("reminded_on", sa.Date(), nullable=True))
    op.create_table(
        "charges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("intent_ref", sa.String(length=200), nullable=True),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("captured_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("fee_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("fee_known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("lost_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("flag", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'paid') = (captured_rupiah > 0)", name=op.f("ck_charges_paid")),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_charges_paid_at")),
        sa.CheckConstraint(
            "state IN ('started', 'open', 'pending', 'paid', 'failed', 'expired')",
            name=op.f("ck_charges_state"),
        ),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_charges_amount")),
        sa.CheckConstraint("captured_rupiah IN (0, amount_rupiah)", name=op.f("ck_charges_captured")),
        sa.CheckConstraint(
            "fee_rupiah >= 0 AND refunded_rupiah >= 0 AND lost_rupiah >= 0", name=op.f("ck_charges_parts")
        ),
        sa.CheckConstraint("lost_rupiah <= captured_rupiah", name=op.f("ck_charges_lost")),
        sa.CheckConstraint("refunded_rupiah <= captured_rupiah", name=op.f("ck_charges_refunded")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_charges_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
        sa.UniqueConstraint("provider", "provider_ref", name="uq_charges_provider_ref"),
        sa.UniqueConstraint("reference", name="uq_charges_reference"),
    )
    op.create_index("ix_charges_intent_ref", "charges", ["provider", "intent_ref"], unique=False)
    op.create_index("ix_charges_operator_id", "charges", ["operator_id", "id"], unique=False)
    op.create_index("ix_charges_state", "charges", ["state", "expires_at"], unique=False)
    op.create_table(
        "charge_items",
        sa.Column(
            "charge_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "payable_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("lost_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('paid', 'returned')", name=op.f("ck_charge_items_outcome")
        ),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_charge_items_amount")),
        sa.CheckConstraint("lost_rupiah BETWEEN 0 AND amount_rupiah", name=op.f("ck_charge_items_lost")),
        sa.CheckConstraint("outcome IS NULL OR NOT is_live", name=op.f("ck_charge_items_live")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_charge_items_charge_id")),
        sa.ForeignKeyConstraint(["payable_id"], ["payables.id"], name=op.f("fk_charge_items_payable_id")),
        sa.PrimaryKeyConstraint("charge_id", "payable_id", name=op.f("pk_charge_items")),
    )
    op.create_index(
        "uq_charge_items_live",
        "charge_items",
        ["payable_id"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payable_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("proof_key", sa.String(length=100), nullable=True),
        sa.Column("proof_kind", sa.String(length=8), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_refunds_done")),
        sa.CheckConstraint(
            "method <> 'bank_transfer' OR proof_key IS NOT NULL", name=op.f("ck_refunds_proof")
        ),
        sa.CheckConstraint("method IN ('', 'bank_transfer', 'cash')", name=op.f("ck_refunds_method")),
        sa.CheckConstraint("charge_id IS NULL OR method = ''", name=op.f("ck_refunds_by_provider")),
        sa.CheckConstraint(
            "charge_id IS NOT NULL OR method <> '' OR state NOT IN ('sent', 'done')",
            name=op.f("ck_refunds_by_hand"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'due', 'sent', 'done', 'failed', 'dropped')", name=op.f("ck_refunds_state")
        ),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_refunds_amount")),
        sa.CheckConstraint("payable_id IS NOT NULL OR charge_id IS NOT NULL", name=op.f("ck_refunds_of")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_refunds_charge_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_refunds_operator_id")),
        sa.ForeignKeyConstraint(["payable_id"], ["payables.id"], name=op.f("fk_refunds_payable_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_refunds_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("provider_ref", name="uq_refunds_provider_ref"),
        sa.UniqueConstraint("ref", name="uq_refunds_ref"),
    )
    op.create_index("ix_refunds_charge_id", "refunds", ["charge_id"], unique=False)
    op.create_index("ix_refunds_payable_id", "refunds", ["payable_id"], unique=False)
    op.create_index("ix_refunds_seller_id", "refunds", ["seller_id", "state"], unique=False)
    op.create_table(
        "charge_disputes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_ref", sa.String(length=200), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("fee_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_charge_disputes_state")),
        sa.CheckConstraint("amount_rupiah > 0 AND fee_rupiah >= 0", name=op.f("ck_charge_disputes_amount")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_charge_disputes_ended")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_charge_disputes_charge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_disputes")),
        sa.UniqueConstraint("provider_ref", name="uq_charge_disputes_provider_ref"),
    )
    op.create_index("ix_charge_disputes_charge_id", "charge_disputes", ["charge_id"], unique=False)
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'started') = (ended_at IS NULL)", name=op.f("ck_provider_calls_ended")),
        sa.CheckConstraint(
            "state IN ('started', 'answered', 'refused')", name=op.f("ck_provider_calls_state")
        ),
        sa.CheckConstraint("what IN ('charge', 'refund')", name=op.f("ck_provider_calls_what")),
        sa.CheckConstraint(
            "(what = 'refund') = (refund_id IS NOT NULL)", name=op.f("ck_provider_calls_refund")
        ),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_provider_calls_charge_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_provider_calls_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_calls")),
        sa.UniqueConstraint("provider", "idempotency_key", name="uq_provider_calls_idempotency_key"),
    )
    op.create_index("ix_provider_calls_charge_id", "provider_calls", ["charge_id"], unique=False)
    op.create_index("ix_provider_calls_refund_id", "provider_calls", ["refund_id"], unique=False)
    op.create_index("ix_provider_calls_state", "provider_calls", ["state", "started_at"], unique=False)
    op.create_table(
        "provider_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("event_ref", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_provider_events_charge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_events")),
        sa.UniqueConstraint("provider", "event_ref", name="uq_provider_events_event_ref"),
    )
    op.create_index("ix_provider_events_charge_id", "provider_events", ["charge_id"], unique=False)
    op.create_table(
        "payouts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_payouts_amount")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_payouts_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("idempotency_key", name="uq_payouts_idempotency_key"),
    )
    op.create_index("ix_payouts_seller_id", "payouts", ["seller_id", "id"], unique=False)
    op.create_table(
        "payout_lines",
        sa.Column(
            "payout_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "operator_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_rupiah <> 0", name=op.f("ck_payout_lines_amount")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_payout_lines_operator_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_lines_payout_id")),
        sa.PrimaryKeyConstraint("payout_id", "operator_id", name=op.f("pk_payout_lines")),
    )
    op.create_table(
        "bank_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_hash", sa.String(length=64), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matched_by", sa.BigInteger(), nullable=True),
        sa.Column("is_set_aside", sa.Boolean(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(payment_id IS NULL) = (matched_at IS NULL)", name=op.f("ck_bank_lines_matched")),
        sa.CheckConstraint("payment_id IS NULL OR NOT is_set_aside", name=op.f("ck_bank_lines_aside")),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_bank_lines_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_bank_lines_payment_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_bank_lines_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("payment_id", name="uq_bank_lines_payment_id"),
        sa.UniqueConstraint("seller_id", "line_hash", name="uq_bank_lines_line_hash"),
    )
    op.create_index("ix_bank_lines_seller_id", "bank_lines", ["seller_id", "booked_on"], unique=False)
    op.create_table(
        "seller_qris",
        sa.Column(
            "seller_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("payload", sa.String(length=512), nullable=False),
        sa.Column("merchant_name", sa.String(length=25), nullable=False),
        sa.Column("merchant_city", sa.String(length=15), nullable=False),
        sa.Column("nmid", sa.String(length=15), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_seller_qris_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", name=op.f("pk_seller_qris")),
        sa.UniqueConstraint("nmid", name="uq_seller_qris_nmid"),
    )
    reference.load(op.get_bind())


def downgrade() -> None:
    """Drop them."""
    reference.unload(op.get_bind())
    op.drop_table("seller_qris")
    op.drop_index("ix_bank_lines_seller_id", table_name="bank_lines")
    op.drop_table("bank_lines")
    op.drop_table("payout_lines")
    op.drop_index("ix_payouts_seller_id", table_name="payouts")
    op.drop_table("payouts")
    op.drop_index("ix_provider_events_charge_id", table_name="provider_events")
    op.drop_table("provider_events")
    op.drop_index("ix_provider_calls_charge_id", table_name="provider_calls")
    op.drop_index("ix_provider_calls_refund_id", table_name="provider_calls")
    op.drop_index("ix_provider_calls_state", table_name="provider_calls")
    op.drop_table("provider_calls")
    op.drop_index("ix_charge_disputes_charge_id", table_name="charge_disputes")
    op.drop_table("charge_disputes")
    op.drop_index("ix_refunds_charge_id", table_name="refunds")
    op.drop_index("ix_refunds_payable_id", table_name="refunds")
    op.drop_index("ix_refunds_seller_id", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(
        "uq_charge_items_live",
        table_name="charge_items",
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.drop_table("charge_items")
    op.drop_index("ix_charges_intent_ref", table_name="charges")
    op.drop_index("ix_charges_operator_id", table_name="charges")
    op.drop_index("ix_charges_state", table_name="charges")
    op.drop_table("charges")
    op.execute("ALTER TABLE payables DROP COLUMN reminded_on")
    for table, name, old, new in CHECKS:
        replace_check(table, name, new, old)
