"""Payments: the journal of rupiah, what is payable, what was paid."""

from __future__ import annotations

revision = "0065"
down_revision = "0060"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
