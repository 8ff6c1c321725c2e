"""Placements: settlements and their lines."""

from __future__ import annotations

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
