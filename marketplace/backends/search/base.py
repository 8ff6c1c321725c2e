"""What every search backend can do, and the values that go in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Protocol

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


class Weight(StrEnum):
    """How much a word counts by where it stands; the four weights that PostgreSQL knows."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


RATHER_SHORT = 6
BOOSTS: Mapping[Weight, float] = {Weight.A: 1.0, Weight.B: 0.45, Weight.C: 0.35, Weight.D: 0.12}


@dataclass(frozen=True)
class Document:
    """Something to find: its terms by weight, and a stamp that changes when they do."""

    id: int
    stamp: int
    terms: Mapping[Weight, Sequence[str]]

    @property
    def brevity(self) -> float:
        """A word says more in a short title than in a long one: 1 up to RATHER_SHORT words, then falling."""
        return 1 / (1 + max(len(self.terms.get(Weight.A, ())) - RATHER_SHORT, 0) / 20)


@dataclass(frozen=True)
class Group:
    """One word that somebody asks for: itself, and what may stand for it with less right (0 to 1)."""

    terms: dict[str, float]


@dataclass(frozen=True)
class Hits:
    """The documents that match, in no order, with a score each: higher is better."""

    ids: Ids
    scores: Scores

    def __len__(self) -> int:
        return len(self.ids)


NOTHING = Hits(np.empty(0, np.int64), np.empty(0, np.float32))


class SearchIndex(Protocol):
    """Finds documents by their terms. Any number may read while one writes."""

    def version(self) -> int | None:
        """The number that the last `put` or `rebuild` gave; None while there is no index."""

    def find(self, groups: Sequence[Group], *, at_least: int | None = None) -> Hits:
        """Documents that hold a term of every group, or of at least so many groups."""

    def vocabulary(self) -> Mapping[str, int]:
        """Every word and in how many documents it stands, roughly; no numbers. The same mapping until it
        changes."""

    def writing(self) -> AbstractContextManager[None]:
        """The right to write, held by one at a time; others wait."""

    def put(self, documents: Iterable[Document], *, gone: Iterable[int], version: int) -> None:
        """Keep these documents in place of what was kept of them, forget others. Call it while `writing`.

        Raises LookupError while there is no index.
        """

    def rebuild(self, documents: Iterable[Document], *, version: int) -> None:
        """Make the index anew beside the one that serves, which others may go on writing, and swap.

        What was put meanwhile is not in it: whoever asked for it puts what changed since `version`.
        """

    def stamps(self) -> dict[int, int]:
        """Every document that the index holds, by id, with its stamp."""


def enough(groups: Sequence[Group], at_least: int | None) -> list[tuple[Group, ...]]:
    """The combinations of groups of which one must match wholly."""
    count = len(groups) if at_least is None else max(1, min(at_least, len(groups)))
    return list(combinations(groups, count)) if groups else []
