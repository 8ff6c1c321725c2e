"""Catalog: certificates."""

from __future__ import annotations

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
