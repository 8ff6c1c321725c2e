"""From what somebody types to what the index is asked: stems, synonyms, guesses at typing errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...backends.search import Group
from ...backends.search.spelling import Guess, Speller
from ...backends.search.words import stem, tokens

MAX_WORDS = 8
STEM, SYNONYM, BEGINNING, SOUND = 0.8, 0.9, 0.75, 0.6
SHORTEST_BEGINNING = 3
MANY_TIMES, FEW = 8, 5
EMPTY_WORDS = frozenset("dan yang untuk utk di ke dari dengan dgn yg atau the of and".split())


@dataclass(frozen=True)
class Wording:
    """The groups to ask for, and the words as they were understood where that is something else."""

    groups: tuple[Group, ...] = ()
    corrected: str = ""


def wording(q: str, synonyms: Mapping[str, tuple[str, ...]], speller: Speller) -> Wording:
    """What to ask the index for."""
    every = tokens(q)
    words = list(dict.fromkeys(word for word in every if word not in EMPTY_WORDS))[:MAX_WORDS]
    words = words or list(dict.fromkeys(every))[:MAX_WORDS]
    groups, understood = [], []
    for word in words:
        group, meant = _group(word, synonyms, speller)
        groups.append(group)
        understood.append(meant)
    return Wording(tuple(groups), " ".join(understood) if understood != words else "")


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
    """A word that stands nowhere: the beginning of one, or misspelt."""
    begun = speller.beginning_with(word) if len(word) >= SHORTEST_BEGINNING else []
    for longer in begun:
        _add(terms, {longer: BEGINNING})
    if begun:
        return Group(terms), word
    guesses = speller.near(word)
    for guess in guesses:
        _add(terms, _with_stem(guess.word, guess.right))
    return Group(terms), guesses[0].word if guesses else word


def _much_commoner(word: str, known: int, speller: Speller) -> list[Guess]:
    """Spellings that sound the same and stand in far more documents: some write kripik as well."""
    if len(word) <= SHORTEST_BEGINNING:
        return []
    least = max(known * MANY_TIMES, FEW)
    return [
        guess
        for guess in speller.near(word)
        if guess.sounds_alike and guess.distance == 1 and guess.documents >= least
    ]


def _with_stem(word: str, right: float) -> dict[str, float]:
    root = stem(word)
    return {word: right} if root == word else {word: right, root: right * STEM}


def _add(terms: dict[str, float], more: Mapping[str, float]) -> None:
    for term, right in more.items():
        terms[term] = max(terms.get(term, 0.0), right)
