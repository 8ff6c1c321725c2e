"""Commits together what many threads post at once: one durable commit for all who were waiting.

The first thread to come leads: it opens the unit of work, takes everybody who has queued up by then, writes,
commits, and wakes them. Nobody is answered before the commit. A posting of the group never spoils another:
each is decided whole or not at all, and if the database itself refuses the group, each is tried alone.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from ...db import db, retry_on_conflict, unit_of_work
from ..rules import Posting
from .ledger import Outcome, write

MOST_TOGETHER = 256
GATHER_S = 0.003


class _Ticket:
    """A posting on its way, and what became of it."""

    __slots__ = ("called", "error", "is_done", "outcome", "posting")

    def __init__(self, posting: Posting) -> None:
        self.posting = posting
        self.called = threading.Event()
        self.is_done = False
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None

    def finish(self, outcome: Outcome | None, error: BaseException | None = None) -> None:
        """Say what became of it and wake its thread."""
        self.outcome, self.error, self.is_done = outcome, error, True
        self.called.set()


class GroupCommit:
    """The queue of one database in this process; served in the order of arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._is_led = False
        self._last_size = 1

    def post(self, posting: Posting) -> Outcome:
        """Record one posting durably; raises what the database raised."""
        ticket = _Ticket(posting)
        with self._guard:
            self._waiting.append(ticket)
            leads, self._is_led = not self._is_led, True
        if not leads:
            ticket.called.wait()
        if not ticket.is_done:
            self._lead(ticket)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.outcome is not None
        return ticket.outcome

    def _gather(self) -> None:
        """Those who were answered last come back in a moment and can go along: wait for as many, briefly.

        A writer that was alone the last time waits for nobody.
        """
        deadline = time.perf_counter() + GATHER_S
        while len(self._waiting) < self._last_size and time.perf_counter() < deadline:
            time.sleep(GATHER_S / 10)

    def _lead(self, own: _Ticket) -> None:
        group: list[_Ticket] = []
        try:
            self._gather()
            outcomes = self._write_together(group)
            for ticket, outcome in zip(group, outcomes, strict=True):
                ticket.finish(outcome)
        except Exception as error:  # noqa: BLE001 - goes to the thread it belongs to
            self._write_apart(group or [own], error)
        finally:
            self._withdraw(own)
            for ticket in group:
                if not ticket.is_done:
                    ticket.finish(None, RuntimeError("the thread that wrote for this one was stopped"))
            self._pass_on()

    @retry_on_conflict
    def _write_together(self, group: list[_Ticket]) -> list[Outcome]:
        with unit_of_work() as session:
            # Once we have our turn: whoever came while we waited goes along.
            if not group:
                with self._guard:
                    while self._waiting and len(group) < MOST_TOGETHER:
                        group.append(self._waiting.popleft())
                    self._last_size = len(group)
            return write(session, [ticket.posting for ticket in group])

    def _withdraw(self, own: _Ticket) -> None:
        """A leader that failed before it took its group must not stay in the queue."""
        with self._guard:
            if own in self._waiting:
                self._waiting.remove(own)

    @staticmethod
    def _write_apart(group: Sequence[_Ticket], error: Exception) -> None:
        if len(group) == 1 and not isinstance(error, IntegrityError):
            group[0].finish(None, error)
            return
        for ticket in group:
            try:
                ticket.finish(write_alone(ticket.posting))
            except Exception as own_error:  # noqa: BLE001 - goes to the thread it belongs to
                ticket.finish(None, own_error)

    def _pass_on(self) -> None:
        with self._guard:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].called.set()


@retry_on_conflict
def write_alone(posting: Posting) -> Outcome:
    """Record one posting in a unit of its own."""
    with unit_of_work() as session:
        return write(session, [posting])[0]


_queues: weakref.WeakKeyDictionary[Engine, GroupCommit] = weakref.WeakKeyDictionary()
_queues_guard = threading.Lock()


def queue_of_database() -> GroupCommit:
    """The queue for the database in use."""
    engine = db.engine
    with _queues_guard:
        if engine not in _queues:
            _queues[engine] = GroupCommit()
        return _queues[engine]
