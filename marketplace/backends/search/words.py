"""From text to terms: folded words of Indonesian text, and their stems beside them."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterable

MAX_WORD = 40
MAX_WORDS = 2_000
SHORTEST_STEMMED = 4
_WORD = re.compile(r"[^\W\d_]+|\d+")
_TWICE = re.compile(r"\b([^\W\d_]{3,})2\b")
"""Indonesians write a doubled word with a 2: oleh2 is oleh-oleh."""


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, folded: '250gr Kripik Témpé' is 250, gr, kripik, tempe."""
    folded = unicodedata.normalize("NFKD", text[: MAX_WORD * MAX_WORDS].casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    plain = _TWICE.sub(r"\1 \1", plain)
    return [word for word in _WORD.findall(plain)[:MAX_WORDS] if len(word) <= MAX_WORD]


def terms(text: str) -> list[str]:
    """What a text is found by: its words, and the stems of those that have another one; each once."""
    found: dict[str, None] = {}
    for word in tokens(text):
        found[word] = None
        found[stem(word)] = None
    return list(found)


@functools.lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The root of an Indonesian word: makanan is makan; the word itself where it has none."""
    if len(word) < SHORTEST_STEMMED or not word.isascii() or not word.isalpha():
        return word
    return _stemmer()(word) or word


@functools.cache
def _stemmer() -> functools.partial[str]:
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory  # noqa: PLC0415 - loads a dictionary

    factory = StemmerFactory()
    inner = factory.create_stemmer()
    # The stemmer's own cache has no bound; ours, above, has one.
    return functools.partial(getattr(inner, "delegatedStemmer", inner).stem)


def stamp_of(parts: Iterable[str]) -> int:
    """A positive 63-bit number that changes when a text does."""
    whole = hashlib.blake2b("\x00".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(whole) >> 1
