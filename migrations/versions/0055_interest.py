"""Catalog: lists, questions and samples."""

from __future__ import annotations

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
