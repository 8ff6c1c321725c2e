"""Many processes that want the same thing at the same moment, forked from one that loaded the marketplace.

What each was answered goes to a log, a line each.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from marketplace import clock
from marketplace.db import db
from marketplace.errors import MarketplaceError
from tests.stock.till import NOON

WAIT_S = 60

Act = Callable[[], dict[str, Any]]


def race(log: str, together: Barrier, acts: Sequence[Act]) -> None:
    """One process: every act in turn, each begun when all are ready. A refusal is noted by its code."""
    file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    db.engine.dispose(close=False)  # what the parent opened is the parent's
    for act in acts:
        db.session.connection()
        db.session.rollback()
        together.wait(WAIT_S)
        try:
            told = act()
        except MarketplaceError as error:
            told = {"refused": error.code}
        os.write(file, (json.dumps(told) + "\n").encode())


def rush(app: Flask, processes: int, run: Callable[[int, Barrier], None]) -> int:
    """Fork; each child runs with its number and what all wait for each other at. 0 when all ended well."""
    forked = multiprocessing.get_context("fork")
    together = forked.Barrier(processes)

    def child(number: int) -> None:
        with app.app_context(), clock.frozen(NOON):
            run(number, together)

    children = [forked.Process(target=child, args=(number,)) for number in range(processes)]
    for one in children:
        one.start()
    for one in children:
        one.join()
    return max(abs(one.exitcode or 0) for one in children)
