"""What to suggest while somebody types: words that go on so, and the first products."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...backends.search.words import tokens
from .card import ProductCard
from .engine import engine
from .finding import find
from .search import Search

WORDS, PRODUCTS = 5, 4
SHORTEST = 2


@dataclass(frozen=True)
class Suggestions:
    """Whole questions to choose from, and the first products of what is typed."""

    q: str = ""
    questions: list[str] = field(default_factory=list)
    products: list[ProductCard] = field(default_factory=list)
    total: int = 0


def suggest(q: str) -> Suggestions:
    """Nothing before two letters."""
    words = tokens(q)
    if not words or len(q) < SHORTEST:
        return Suggestions(q)
    found = find(Search(q=q), size=PRODUCTS)
    *before, last = words
    longer = engine().spelling().beginning_with(last, limit=WORDS + 1)
    questions = [" ".join([*before, word]) for word in longer if word != last][:WORDS]
    if found.corrected and found.corrected not in questions:
        questions.insert(0, found.corrected)
    return Suggestions(q, questions[:WORDS], found.items, found.total)
