"""Groups of words that mean the same, for the office's page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...backends.search.words import tokens
from ...db import db
from ..models import Synonym

PAGE_SIZE = 25


def synonym_groups(q: str, *, number: int) -> tuple[Sequence[Synonym], int]:
    """One page of the groups, by their first word; those that hold a word that begins so."""
    query = select(Synonym).order_by(Synonym.words, Synonym.id)
    found = list(db.session.scalars(query))
    starts = tokens(q)
    if starts:
        found = [one for one in found if any(word.startswith(starts[0]) for word in one.words.split())]
    start = (number - 1) * PAGE_SIZE
    return found[start : start + PAGE_SIZE], len(found)
