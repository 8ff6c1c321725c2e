"""Catalog: lists, questions and samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _make_lists()
    _make_questions()
    _make_samples()


def _make_lists() -> None:
    op.create_table(
        "shortlists",
        sa.Column("id", _id(), nullable=False),
        sa.Column("operator_id", _id(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_favourites", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_shortlists_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlists")),
        sa.UniqueConstraint("operator_id", "name", name="uq_shortlists_operator_id_name"),
    )
    op.create_index(
        "uq_shortlists_favourites",
        "shortlists",
        ["operator_id"],
        unique=True,
        sqlite_where=sa.text("is_favourites"),
        postgresql_where=sa.text("is_favourites"),
    )
    op.create_table(
        "shortlist_items",
        sa.Column("id", _id(), nullable=False),
        sa.Column("shortlist_id", _id(), nullable=False),
        sa.Column("product_id", _id(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shortlist_id"],
            ["shortlists.id"],
            name=op.f("fk_shortlist_items_shortlist_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_shortlist_items_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlist_items")),
        sa.UniqueConstraint("shortlist_id", "product_id", name="uq_shortlist_items_shortlist_id_product_id"),
    )
    op.create_index("ix_shortlist_items_product_id", "shortlist_items", ["product_id"], unique=False)


def _make_questions() -> None:
    op.create_table(
        "product_questions",
        sa.Column("id", _id(), nullable=False),
        sa.Column("product_id", _id(), nullable=False),
        sa.Column("operator_id", _id(), nullable=True),
        sa.Column("office_id", _id(), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_product_questions_answer")),
        sa.CheckConstraint(
            "answered_at IS NOT NULL OR NOT is_public", name=op.f("ck_product_questions_public")
        ),
        sa.CheckConstraint(
            "operator_id IS NULL OR office_id IS NULL", name=op.f("ck_product_questions_asker")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_questions_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_product_questions_operator_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_product_questions_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_questions")),
    )
    op.create_index(
        "ix_product_questions_product_id", "product_questions", ["product_id", "id"], unique=False
    )
    op.create_index(
        "ix_product_questions_operator_id", "product_questions", ["operator_id", "id"], unique=False
    )


def _make_samples() -> None:
    op.create_table(
        "sample_requests",
        sa.Column("id", _id(), nullable=False),
        sa.Column("product_id", _id(), nullable=False),
        sa.Column("operator_id", _id(), nullable=False),
        sa.Column("outlet_id", _id(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shipping_note", sa.String(length=300), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined', 'withdrawn', 'shipped', 'received')",
            name=op.f("ck_sample_requests_state"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_sample_requests_quantity")),
        sa.CheckConstraint("state <> 'declined' OR reason <> ''", name=op.f("ck_sample_requests_reason")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_sample_requests_product_id")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_sample_requests_operator_id")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_sample_requests_outlet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_requests")),
    )
    op.create_index(
        "uq_sample_requests_open",
        "sample_requests",
        ["product_id", "operator_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('requested', 'approved', 'shipped')"),
        postgresql_where=sa.text("state IN ('requested', 'approved', 'shipped')"),
    )
    op.create_index("ix_sample_requests_operator_id", "sample_requests", ["operator_id", "id"], unique=False)
    op.create_index("ix_sample_requests_product_id", "sample_requests", ["product_id", "id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("sample_requests", "product_questions", "shortlist_items", "shortlists"):
        op.drop_table(table)
