"""Several people acting at the same moment, each in a thread with a session of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from flask import Flask

from marketplace.db import db
from marketplace.errors import MarketplaceError


def at_once(app: Flask, *acts: Callable[[], object]) -> list[Any]:
    """What each act answers, or the error it meets, when all begin together in threads of their own."""
    together = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        with app.app_context():
            together.wait(timeout=30)
            try:
                answers[place] = act()
            except MarketplaceError as error:
                answers[place] = error
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=copy_context().run, args=(run, place, act)) for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    db.session.rollback()
    db.session.expire_all()
    return answers
