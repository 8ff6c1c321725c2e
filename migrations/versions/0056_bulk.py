"""Catalog: imports that can be undone."""

from __future__ import annotations

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
