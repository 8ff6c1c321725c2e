"""Slow work has a lane of its own, so that mail never stands behind it."""

from __future__ import annotations

import threading
import time

from marketplace import jobs


def test_a_lane_does_its_work_once_at_a_time_and_again_when_asked_meanwhile(app):
    begun, go, turns = threading.Event(), threading.Event(), []

    def work() -> None:
        turns.append(1)
        begun.set()
        assert go.wait(5)

    lane = jobs.Lane(app.extensions[jobs.EXTENSION], "trial", work)
    first = threading.Thread(target=lane.run)
    first.start()
    assert begun.wait(5)
    before = time.monotonic()
    lane.run()  # another thread of the worker: it is not held up
    assert time.monotonic() - before < 1
    assert len(turns) == 1
    go.set()
    first.join(5)
    assert len(turns) == 2
