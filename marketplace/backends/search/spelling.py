"""Which known words somebody may have meant: by the letters two words share, then by edit distance.

Our own small table of letter pairs over the index's vocabulary, so that no backend must scan for it.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CANDIDATES = 60
GUESSES_KEPT = 5_000
KNOWN_WELL = 3
SHORT = 4
MOST_ALIKE = 3
"""People leave vowels out: krng is kering."""
VOWELS = frozenset("aiueo")


@dataclass(frozen=True)
class Guess:
    """A known word near the one that was written."""

    word: str
    distance: int
    documents: int
    sounds_alike: bool
    """Its consonants are the same: kripik and keripik, pedes and pedas."""

    @property
    def right(self) -> float:
        """How much it may stand for what was written, 0 to 1."""
        return 0.9 - 0.1 * self.distance if self.sounds_alike else 0.7 / self.distance


class Speller:
    """Guesses words of a vocabulary that may grow."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._known: dict[str, int] = {}
        self._counts: Mapping[str, int] = {}
        self._pairs: dict[str, list[int]] = {}
        self._arrays: dict[str, npt.NDArray[np.int32]] = {}
        self._sorted: list[str] | None = None
        self._guessed: dict[tuple[str, int], list[Guess]] = {}

    def learn(self, vocabulary: Mapping[str, int]) -> None:
        """Take in what is new in a vocabulary."""
        if vocabulary is self._counts:
            return
        self._counts = vocabulary
        self._guessed.clear()
        for word in vocabulary.keys() - self._known.keys():
            if len(word) >= SHORT - 1 and not word.isdigit():
                self._take(word)
        self._sorted = None

    def _take(self, word: str) -> None:
        number = len(self._words)
        self._words.append(word)
        self._known[word] = number
        for pair in _letter_pairs(word):
            self._pairs.setdefault(pair, []).append(number)
            self._arrays.pop(pair, None)

    def count(self, word: str) -> int:
        """In how many documents a word stands; 0 for an unknown one."""
        return self._counts.get(word, 0)

    def near(self, word: str, *, limit: int = 3, least: int = 1) -> list[Guess]:
        """Known words of at least so many documents that may have been meant, the likeliest first; none
        for very short ones."""
        if len(word) < SHORT - 1 or word.isdigit():
            return []
        found = self._guessed.get((word, least))
        if found is None:
            if len(self._guessed) >= GUESSES_KEPT:
                self._guessed.clear()
            found = self._guessed[word, least] = self._guess(word, least)
        return found[:limit]

    def _guess(self, word: str, least: int) -> list[Guess]:
        guesses = []
        bones = skeleton(word)
        for other in self._candidates(word):
            count = self.count(other)
            if other == word or count < least:
                continue
            alike = bones == skeleton(other)
            distance = edit_distance(word, other, MOST_ALIKE if alike else 1 if len(word) <= SHORT else 2)
            if distance is not None:
                guesses.append(Guess(other, distance, count, alike))
        guesses.sort(key=lambda guess: (guess.distance - guess.sounds_alike, -guess.documents, guess.word))
        return guesses

    def beginning_with(self, start: str, *, limit: int = 8) -> list[str]:
        """Known words that begin so, those of most documents first."""
        if self._sorted is None:
            self._sorted = sorted(self._counts)
        first = bisect.bisect_left(self._sorted, start)
        last = bisect.bisect_left(self._sorted, start + "\U0010ffff")
        found = self._sorted[first:last]
        return sorted(found, key=lambda word: (-self._counts[word], word))[:limit]

    def split(self, word: str) -> tuple[str, str] | None:
        """Two known words that somebody wrote as one: kuekering is kue kering."""
        best: tuple[int, str, str] | None = None
        for place in range(SHORT - 1, len(word) - SHORT + 2):
            one, other = word[:place], word[place:]
            count = min(self.count(one), self.count(other))
            if count >= KNOWN_WELL and (best is None or count > best[0]):
                best = (count, one, other)
        return (best[1], best[2]) if best else None

    def _candidates(self, word: str) -> list[str]:
        """The known words that share most letter pairs with it."""
        lists = [self._array(pair) for pair in _letter_pairs(word) if pair in self._pairs]
        if not lists:
            return []
        shared = np.bincount(np.concatenate(lists), minlength=len(self._words))
        best = np.argpartition(-shared, min(CANDIDATES, len(shared) - 1))[:CANDIDATES]
        return [self._words[number] for number in best if shared[number] > 0]

    def _array(self, pair: str) -> npt.NDArray[np.int32]:
        if pair not in self._arrays:
            self._arrays[pair] = np.array(self._pairs[pair], np.int32)
        return self._arrays[pair]


def _letter_pairs(word: str) -> set[str]:
    """Its letter pairs with both ends marked, and its skeleton's, so that wrong vowels do not hide it."""
    whole, bones = f"^{word}$", skeleton(word)
    pairs = {whole[place : place + 2] for place in range(len(whole) - 1)}
    return pairs | {f"~{bones[place : place + 2]}" for place in range(len(bones) - 1)}


def skeleton(word: str) -> str:
    """A word without vowels, h and doubled letters."""
    bones = [letter for letter in word if letter not in VOWELS and letter != "h"]
    return "".join(letter for place, letter in enumerate(bones) if not place or bones[place - 1] != letter)


def edit_distance(one: str, other: str, most: int) -> int | None:
    """How many letters must be put in, left out, changed or swapped with the next; None beyond `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    last = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        now = [place]
        for there, sign in enumerate(other, start=1):
            cost = min(last[there] + 1, now[there - 1] + 1, last[there - 1] + (letter != sign))
            if place > 1 and there > 1 and letter == other[there - 2] and one[place - 2] == sign:
                cost = min(cost, before[there - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return None
        before, last = last, now
    return last[-1] if last[-1] <= most else None
