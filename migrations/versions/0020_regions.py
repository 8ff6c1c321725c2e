"""Regions: places by their Kemendagri codes, all 91,599 of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.regions import reference

revision = "0020"
down_revision = "0010"


def upgrade() -> None:
    """Make the table and fill it with the country."""
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_code", sa.String(length=13), nullable=True),
        sa.Column("population", sa.BigInteger(), nullable=True),
        sa.Column("area_km2", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_regions_level")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_index("ix_regions_parent_code", "regions", ["parent_code"], unique=False)
    reference.load(op.get_bind())


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_regions_parent_code", table_name="regions")
    op.drop_table("regions")
