"""Catalog: imports that can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"

STATES = "('none', 'waiting', 'running', 'done', 'failed')"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "product_imports",
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("photos_state", sa.String(length=16), nullable=False),
        sa.Column("photos_total", sa.Integer(), nullable=False),
        sa.Column("photos_done", sa.Integer(), nullable=False),
        sa.Column("photos_added", sa.Integer(), nullable=False),
        sa.Column("photos_known", sa.Integer(), nullable=False),
        sa.Column("photos_problems", sa.JSON(), nullable=False),
        sa.Column("undo_state", sa.String(length=16), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"photos_state IN {STATES}", name=op.f("ck_product_imports_photos_state")),
        sa.CheckConstraint(f"undo_state IN {STATES}", name=op.f("ck_product_imports_undo_state")),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name=op.f("fk_product_imports_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_product_imports")),
    )
    op.create_table(
        "product_import_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("was_created", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("photo_ids", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('', 'undone', 'left')", name=op.f("ck_product_import_rows_outcome")),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name=op.f("fk_product_import_rows_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_import_rows")),
        sa.UniqueConstraint("run_id", "product_id", name="uq_product_import_rows_run_id_product_id"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("product_import_rows")
    op.drop_table("product_imports")
