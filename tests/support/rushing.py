"""Many processes that want the same thing at the same moment. What each was answered goes to a log."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from flask import Flask

from marketplace.db import db
from marketplace.errors import MarketplaceError
from tests.support.forking import FORKED, ended, fork

WAIT_S = 60

Act = Callable[[], dict[str, Any]]
ActsOf = Callable[[Flask, int, Barrier], Sequence[Act]]
"""What the process of a number does with its own app, and what all wait for each other at."""


def rush(app: Flask, folder: Path, processes: int, acts_of: ActsOf) -> list[dict[str, Any]]:
    """Fork them; each does its acts in turn, each begun when all are ready. All that they were answered."""
    log, together = folder / "answers.jsonl", FORKED.Barrier(processes)
    log.touch()

    def run(number: int, own: Flask) -> None:
        _race(log, together, acts_of(own, number, together))

    children = [fork(app, partial(run, number)) for number in range(processes)]
    assert ended(children) == [0] * processes
    return [json.loads(line) for line in log.read_text().splitlines()]


def _race(log: Path, together: Barrier, acts: Sequence[Act]) -> None:
    """One process. A refusal is noted by its code."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    for act in acts:
        db.session.connection()
        db.session.rollback()
        together.wait(WAIT_S)
        try:
            told = act()
        except MarketplaceError as error:
            told = {"refused": error.code}
        os.write(file, (json.dumps(told) + "\n").encode())
