"""Orders: parcels of several makers' goods, tax, yearly turnover."""

from __future__ import annotations

revision = "0140"
down_revision = "0130"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them."""
