"""Writing down one step of a review or of a certificate."""

from __future__ import annotations

from typing import Any

from ... import clock
from ...permissions import Actor


def step(actor: Actor, verb: str, message: str = "") -> dict[str, Any]:
    """The columns of models.steps.Step: what the actor does now, with which words."""
    return {
        "verb": verb,
        "by_user_id": actor.user_id,
        "by_name": actor.name,
        "is_office": actor.is_office,
        "message": message,
        "recorded_at": clock.now(),
    }
