"""The core: webhooks that tell outside programs."""

from __future__ import annotations

revision = "0160"
down_revision = "0150"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them."""
