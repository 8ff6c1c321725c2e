"""Catalog: certificates, what was done with them, and which reminders were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "certificates",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("seller_id", BIG_ID, nullable=False),
        sa.Column("product_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file_key", sa.String(length=200), nullable=True),
        sa.Column("file_kind", sa.String(length=8), nullable=True),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('halal', 'pirt', 'bpom', 'sni', 'trademark', 'other')",
            name=op.f("ck_certificates_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'verified', 'rejected', 'withdrawn')", name=op.f("ck_certificates_state")
        ),
        sa.CheckConstraint("expires_on >= issued_on", name=op.f("ck_certificates_dates")),
        sa.CheckConstraint("state <> 'rejected' OR reason <> ''", name=op.f("ck_certificates_reason")),
        sa.CheckConstraint("(file_key IS NULL) = (file_kind IS NULL)", name=op.f("ck_certificates_file")),
        sa.CheckConstraint("file_kind IN ('pdf', 'photo')", name=op.f("ck_certificates_file_kind")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_certificates_product_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_certificates_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
    )
    op.create_index("ix_certificates_product_id", "certificates", ["product_id"], unique=False)
    op.create_index("ix_certificates_seller_id", "certificates", ["seller_id", "id"], unique=False)
    op.create_index("ix_certificates_state", "certificates", ["state", "submitted_at"], unique=False)
    op.create_index("ix_certificates_expires_on", "certificates", ["expires_on"], unique=False)
    op.create_table(
        "certificate_events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("certificate_id", BIG_ID, nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.String(length=300), nullable=False),
        sa.Column("is_office", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_events_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_events")),
    )
    op.create_index(
        "ix_certificate_events_certificate_id", "certificate_events", ["certificate_id", "id"], unique=False
    )
    op.create_table(
        "certificate_reminders",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("certificate_id", BIG_ID, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_reminders_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_reminders")),
        sa.UniqueConstraint(
            "certificate_id", "expires_on", "days_before", name="uq_certificate_reminders_certificate_id"
        ),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("certificate_reminders")
    op.drop_table("certificate_events")
    op.drop_table("certificates")
