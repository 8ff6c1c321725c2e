"""Placements: deliveries, returns, differences, messages."""

from __future__ import annotations

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
