"""Placements: messages between a buyer and a seller, on what is bought outright and may go to no outlet."""

from __future__ import annotations

from alembic import op

from marketplace.migrating import allow_null, refuse_null

revision = "0180"
down_revision = "0170"


def upgrade() -> None:
    """Name the buyer; one of outlet and buyer is always named."""
    allow_null("messages", "outlet_id")
    op.execute(
        "ALTER TABLE messages ADD COLUMN operator_id BIGINT"
        " CONSTRAINT fk_messages_operator_id REFERENCES operators (id)"
        " CONSTRAINT ck_messages_party CHECK (outlet_id IS NOT NULL OR operator_id IS NOT NULL)"
    )
    op.create_index("ix_messages_operator_id", "messages", ["operator_id", "id"])


def downgrade() -> None:
    """Forget what was written to buyers."""
    op.drop_index("ix_messages_operator_id", "messages")
    of_buyers = "SELECT id FROM messages WHERE operator_id IS NOT NULL"
    op.execute(f"DELETE FROM message_views WHERE message_id IN ({of_buyers})")
    op.execute("DELETE FROM messages WHERE operator_id IS NOT NULL")
    op.execute("ALTER TABLE messages DROP COLUMN operator_id")
    refuse_null("messages", "outlet_id")
