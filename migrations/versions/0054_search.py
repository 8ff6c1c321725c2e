"""Catalog: search."""

from __future__ import annotations

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
