"""Catalog: photos of products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "product_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("stem", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("upload", sa.String(length=64), nullable=True),
        sa.Column("upload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("kept_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed')", name=op.f("ck_product_photos_state")),
        sa.CheckConstraint(
            "state <> 'ready' OR (width > 0 AND height > 0)", name=op.f("ck_product_photos_ready")
        ),
        sa.CheckConstraint(
            "state <> 'waiting' OR upload IS NOT NULL", name=op.f("ck_product_photos_waiting")
        ),
        sa.CheckConstraint("upload_bytes >= 0 AND kept_bytes >= 0", name=op.f("ck_product_photos_bytes")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_photos_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_photos")),
        sa.UniqueConstraint("product_id", "client_key", name="uq_product_photos_product_id_client_key"),
        sa.UniqueConstraint("stem", name=op.f("uq_product_photos_stem")),
    )
    op.create_index(
        "ix_product_photos_product_id", "product_photos", ["product_id", "position"], unique=False
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_product_photos_product_id", table_name="product_photos")
    op.drop_table("product_photos")
