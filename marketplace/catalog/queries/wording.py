"""From what somebody types to what the index is asked: stems, synonyms, guesses at typing errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...backends.search import Group
from ...backends.search.spelling import Guess, Speller
from ...backends.search.words import stem, tokens

MAX_WORDS, MOST_WRITTEN = 8, 16
STEM, SYNONYM, JOINED, BEGINNING, SOUND = 0.9, 0.9, 0.9, 0.75, 0.6
SHORTEST_BEGINNING = 3
MANY_TIMES, FEW = 8, 5
EMPTY_WORDS = frozenset("dan yang untuk utk di ke dari dengan dgn yg atau the of and".split())
SHOP_WORDS = frozenset("produk jual beli cari".split())
"""What everything in a shop is; in 'produk 17' there is nothing better to go by."""


@dataclass(frozen=True)
class Wording:
    """The groups to ask for, and the words as they were understood where that is something else."""

    groups: tuple[Group, ...] = ()
    corrected: str = ""


def wording(q: str, synonyms: Mapping[str, tuple[str, ...]], speller: Speller) -> Wording:
    """What to ask the index for."""
    words = list(dict.fromkeys(tokens(q)))[:MOST_WRITTEN]
    parts = _taken_apart(words, speller)
    understood = [_group(word, synonyms, speller) for word in parts]
    _join_neighbours(parts, [group for group, _meant in understood], speller)
    telling = _telling([meant for _group, meant in understood])
    groups = [group for group, meant in understood if meant in telling][:MAX_WORDS]
    meant = [meant for _group, meant in understood]
    return Wording(tuple(groups), " ".join(meant) if meant != words else "")


def _telling(words: list[str]) -> set[str]:
    """The words that tell what is looked for; all of them where none does."""
    kept = [word for word in words if word not in EMPTY_WORDS] or words
    telling = [word for word in kept if word not in SHOP_WORDS]
    return set(telling if any(word.isalpha() for word in telling) else kept)


def _taken_apart(words: Sequence[str], speller: Speller) -> list[str]:
    """The words, with two that were written as one apart."""
    parts: list[str] = []
    for word in words:
        two = None if speller.count(word) or speller.near(word, limit=1) else speller.split(word)
        parts += two or (word,)
    return list(dict.fromkeys(parts))


def _join_neighbours(words: Sequence[str], groups: Sequence[Group], speller: Speller) -> None:
    """One word that was written as two may stand for both: hand made is handmade."""
    for place, (one, other) in enumerate(pairwise(words)):
        if speller.count(one + other) >= FEW:
            for group in groups[place : place + 2]:
                group.terms.setdefault(one + other, JOINED)


def _group(word: str, synonyms: Mapping[str, tuple[str, ...]], speller: Speller) -> tuple[Group, str]:
    """A word with what may stand for it, and the word that was probably meant."""
    terms = _with_stem(word, 1.0)
    others = synonyms.get(word) or synonyms.get(stem(word)) or ()
    for other in others:
        _add(terms, _with_stem(other, SYNONYM))
    known = sum(speller.count(term) for term in terms)
    if not known:
        return _guessed(word, terms, speller)
    for guess in _much_commoner(word, known, speller):
        _add(terms, _with_stem(guess.word, SOUND))
    return Group(terms), word


def _guessed(word: str, terms: dict[str, float], speller: Speller) -> tuple[Group, str]:
    """A word that stands nowhere: misspelt so that it sounds the same, the beginning of one, or misspelt."""
    guesses = speller.near(word)
    begun = speller.beginning_with(word) if len(word) >= SHORTEST_BEGINNING else []
    if begun and not any(guess.sounds_alike and guess.documents >= FEW for guess in guesses):
        for longer in begun:
            _add(terms, {longer: BEGINNING})
        return Group(terms), word
    for guess in guesses:
        _add(terms, _with_stem(guess.word, guess.right))
    return Group(terms), guesses[0].word if guesses else word


def _much_commoner(word: str, known: int, speller: Speller) -> list[Guess]:
    """Spellings that sound the same and stand in far more documents: some write kripik as well."""
    if len(word) <= SHORTEST_BEGINNING:
        return []
    least = max(known * MANY_TIMES, FEW)
    return [guess for guess in speller.near(word, least=least) if guess.sounds_alike and guess.distance == 1]


def _with_stem(word: str, right: float) -> dict[str, float]:
    root = stem(word)
    return {word: right} if root == word else {word: right, root: right * STEM}


def _add(terms: dict[str, float], more: Mapping[str, float]) -> None:
    for term, right in more.items():
        terms[term] = max(terms.get(term, 0.0), right)
