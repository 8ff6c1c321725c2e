"""Orders: quotations, standing orders."""

from __future__ import annotations

revision = "0150"
down_revision = "0140"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them."""
