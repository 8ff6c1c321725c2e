"""What a check of one written value answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Whether a value may be stored, whether it looks odd, what to tell the person, and the tidied value.

    `ok` False refuses the value. `warning` True stores it and shows the sentence.
    """

    value: str | None
    ok: bool = True
    warning: bool = False
    sentence: str = ""


def fine(value: str | None) -> Check:
    """Nothing to say."""
    return Check(value)


def odd(value: str, sentence: str) -> Check:
    """Stored, with a warning."""
    return Check(value, warning=True, sentence=sentence)


def refused(value: str, sentence: str) -> Check:
    """Not stored."""
    return Check(value, ok=False, sentence=sentence)
