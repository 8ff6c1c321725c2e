"""Placements: sales reports, stock counts, markdowns."""

from __future__ import annotations

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
