"""Catalog: curation."""

from __future__ import annotations

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
