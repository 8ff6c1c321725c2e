"""Payments: the journal of rupiah with its guards, what is payable, what was paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard

revision = "0065"
down_revision = "0060"

GUARDED = {
    "journal_transactions": (
        "id = NEW.id",
        "ref = NEW.ref",
        "NEW.reverses_id IS NOT NULL AND reverses_id = NEW.reverses_id",
    ),
    "journal_lines": ("transaction_id = NEW.transaction_id AND account_id = NEW.account_id",),
}
"""Tables to which rows are only ever added, and how SQLite knows a row that REPLACE would delete."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "journal_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("balance_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sales', 'commission', 'losses', 'correction', 'disputed', 'owed', 'transit', 'received')",
            name=op.f("ck_journal_accounts_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_journal_accounts_operator_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_journal_accounts_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_accounts")),
        sa.UniqueConstraint("operator_id", "seller_id", "kind", name="uq_journal_accounts_parties"),
    )
    op.create_table(
        "journal_transactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cause_kind", sa.String(length=16), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('issued', 'disputed', 'decided', 'paid', 'confirmed', 'denied', 'reversed')",
            name=op.f("ck_journal_transactions_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["journal_transactions.id"], name=op.f("fk_journal_transactions_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_transactions")),
        sa.UniqueConstraint("ref", name="uq_journal_transactions_ref"),
        sa.UniqueConstraint("reverses_id", name="uq_journal_transactions_reverses_id"),
    )
    op.create_index(
        "ix_journal_transactions_cause", "journal_transactions", ["cause_kind", "cause_id"], unique=False
    )
    op.create_table(
        "journal_lines",
        sa.Column(
            "transaction_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_rupiah <> 0", name=op.f("ck_journal_lines_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["journal_accounts.id"], name=op.f("fk_journal_lines_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["journal_transactions.id"], name=op.f("fk_journal_lines_transaction_id")
        ),
        sa.PrimaryKeyConstraint("transaction_id", "account_id", name=op.f("pk_journal_lines")),
    )
    op.create_index(
        "ix_journal_lines_account_id", "journal_lines", ["account_id", "transaction_id"], unique=False
    )
    op.create_table(
        "payables",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("paid_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("papers_complete_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('settlement', 'invoice')", name=op.f("ck_payables_kind")),
        sa.CheckConstraint("amount_rupiah >= paid_rupiah", name=op.f("ck_payables_amount")),
        sa.CheckConstraint("confirmed_rupiah >= 0", name=op.f("ck_payables_confirmed")),
        sa.CheckConstraint("due_on >= papers_complete_on", name=op.f("ck_payables_due_on")),
        sa.CheckConstraint("paid_rupiah >= confirmed_rupiah", name=op.f("ck_payables_paid")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_payables_operator_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_payables_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payables")),
        sa.UniqueConstraint("kind", "document_id", name="uq_payables_document"),
    )
    op.create_index("ix_payables_operator_id", "payables", ["operator_id", "due_on"], unique=False)
    op.create_index("ix_payables_seller_id", "payables", ["seller_id", "due_on"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("proof_key", sa.String(length=100), nullable=True),
        sa.Column("proof_kind", sa.String(length=8), nullable=True),
        sa.Column("proof_bytes", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(confirmed_on IS NULL) OR state IN ('confirmed', 'reversed')",
            name=op.f("ck_payments_confirmed_on"),
        ),
        sa.CheckConstraint(
            "method IN ('bank_transfer', 'cash', 'provider')", name=op.f("ck_payments_method")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_on IS NOT NULL", name=op.f("ck_payments_confirmed")
        ),
        sa.CheckConstraint(
            "state IN ('reported', 'confirmed', 'denied', 'reversed')", name=op.f("ck_payments_state")
        ),
        sa.CheckConstraint("(proof_key IS NULL) = (proof_kind IS NULL)", name=op.f("ck_payments_proof")),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_payments_operator_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_payments_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("idempotency_key", name="uq_payments_idempotency_key"),
        sa.UniqueConstraint("provider_ref", name=op.f("uq_payments_provider_ref")),
    )
    op.create_index("ix_payments_operator_id", "payments", ["operator_id", "id"], unique=False)
    op.create_index("ix_payments_seller_id", "payments", ["seller_id", "id"], unique=False)
    op.create_table(
        "payment_allocations",
        sa.Column(
            "payment_id",
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
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_payment_allocations_amount")),
        sa.ForeignKeyConstraint(
            ["payable_id"], ["payables.id"], name=op.f("fk_payment_allocations_payable_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_allocations_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", "payable_id", name=op.f("pk_payment_allocations")),
    )
    op.create_index("ix_payment_allocations_payable_id", "payment_allocations", ["payable_id"], unique=False)
    for table, same_row in GUARDED.items():
        guard(table, same_row=same_row)


def downgrade() -> None:
    """Drop the tables."""
    for table in GUARDED:
        unguard(table)
    op.drop_index("ix_payment_allocations_payable_id", table_name="payment_allocations")
    op.drop_table("payment_allocations")
    op.drop_index("ix_payments_operator_id", table_name="payments")
    op.drop_index("ix_payments_seller_id", table_name="payments")
    op.drop_table("payments")
    op.drop_index("ix_payables_operator_id", table_name="payables")
    op.drop_index("ix_payables_seller_id", table_name="payables")
    op.drop_table("payables")
    op.drop_index("ix_journal_lines_account_id", table_name="journal_lines")
    op.drop_table("journal_lines")
    op.drop_index("ix_journal_transactions_cause", table_name="journal_transactions")
    op.drop_table("journal_transactions")
    op.drop_table("journal_accounts")
