"""Catalog: photos of products."""

from __future__ import annotations

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
