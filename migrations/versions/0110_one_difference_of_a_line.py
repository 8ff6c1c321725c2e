"""Placements: one thing at a time is open about a line of a sales report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
OPEN_SALE_LINE = sa.text("kind = 'sale_excess' AND state = 'open'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "uq_differences_open_sale_line",
        "differences",
        ["outlet_id", "line_ref"],
        unique=True,
        sqlite_where=OPEN_SALE_LINE,
        postgresql_where=OPEN_SALE_LINE,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("uq_differences_open_sale_line", "differences")
