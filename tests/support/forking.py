"""Processes of their own, forked from the test's, which has loaded the marketplace: that takes it seconds.

Each makes an app, an engine and connections of its own after the fork, and none is open when it is forked.
"""

from __future__ import annotations

import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterable
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from marketplace import clock, jobs
from marketplace.db import db
from tests import conftest

FORKED = multiprocessing.get_context("fork")
PATIENCE_S = 300


def fork(app: Flask, act: Callable[[Flask], object], **settings: Any) -> ForkProcess:
    """Start a process that does this within an app of its own: the test's but for the settings given."""
    db.session.rollback()
    db.engine.dispose()  # a connection must not be carried across a fork
    app.extensions[jobs.EXTENSION].huey.storage.close()
    url, folder = app.config["DATABASE_URL"], Path(app.config["DATA_DIR"])

    def child() -> None:
        event.remove(Engine, "connect", conftest._do_not_wait_for_the_disk)  # it may be killed
        own = conftest.make_app(url, folder, **settings)
        with own.app_context(), clock.frozen(conftest.A_SUNDAY):
            act(own)
            db.session.remove()
            db.engine.dispose()

    process = FORKED.Process(target=child, daemon=True)
    with warnings.catch_warnings():
        # Python 3.12 warns of the test's other threads: they serve pages and carry results, and hold nothing
        # that a child asks for.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    return process


def ended(processes: Iterable[ForkProcess]) -> list[int]:
    """How each ended: 0, the status it left with, or the signal that killed it, below zero."""
    deadline, statuses = time.monotonic() + PATIENCE_S, []
    for process in processes:
        process.join(max(0, deadline - time.monotonic()))
        assert process.exitcode is not None, "a process does not end"
        statuses.append(process.exitcode)
    return statuses
