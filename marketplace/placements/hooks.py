"""What higher areas tell placements, because it may not look up at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, current_app

from ..permissions import Actor

EXTENSION = "etalase_counts_here"
MORE_WORK = "etalase_more_work"
CountsHere = Callable[[int, int, date], bool]


def register_counts_here(app: Flask, counts: CountsHere) -> CountsHere:
    """Register what says whether a seller counts for an outlet's duty: (outlet_id, seller_id, day)."""
    app.extensions[EXTENSION] = counts
    return counts


def counts_here(outlet_id: int, seller_id: int, day: date) -> bool:
    """Whether a seller counts for an outlet's duty on a day; nobody does where nothing counts."""
    counts: CountsHere | None = current_app.extensions.get(EXTENSION)
    return counts is not None and counts(outlet_id, seller_id, day)


@dataclass(frozen=True)
class MoreWork:
    """What a higher area adds to the lists of things to do, each with the same number of questions however
    much waits.

    `for_seller` answers the tasks (views.tasks.Task) of a seller's person on a day, `at_outlet` the sections
    (views.board_tasks.Section) of one outlet's board, `by_outlet` how many tasks of these that are urgent or
    soon wait at each outlet, `owed_at` what its bills for one outlet come to: rupiah, and how many.
    """

    for_seller: Callable[[Actor, date], Sequence[Any]]
    at_outlet: Callable[[Actor, int, date], Sequence[Any]]
    by_outlet: Callable[[Actor], Counter[int]]
    owed_at: Callable[[Actor, int], tuple[int, int]] = lambda _actor, _outlet_id: (0, 0)


def register_more_work(app: Flask, work: MoreWork) -> MoreWork:
    """Add what waits for people in a higher area."""
    app.extensions.setdefault(MORE_WORK, []).append(work)
    return work


def more_work() -> Sequence[MoreWork]:
    """What higher areas add."""
    found: Sequence[MoreWork] = current_app.extensions.get(MORE_WORK, ())
    return found
