"""Writing down one step of a review or of a certificate, and the words that go with it."""

from __future__ import annotations

from typing import Any

from ... import clock
from ...errors import InvalidInput
from ...i18n import _, format_number
from ...permissions import Actor
from ...texts import lines

MAX_WORDS = 1000


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


def checked_words(text: str, field: str) -> str:
    """What somebody wrote, as it is stored. Raises InvalidInput, at the field, for more than MAX_WORDS."""
    words = lines(text)
    if len(words) > MAX_WORDS:
        sentence = _(
            "Tulisan ini %(length)s karakter, paling banyak %(most)s. Persingkat dulu, lalu kirim lagi.",
            length=format_number(len(words)),
            most=format_number(MAX_WORDS),
        )
        raise InvalidInput(sentence, fields={field: sentence})
    return words
