"""The worker's part of an import: short steps, each claimed in the database.

So no two workers are ever on one run, a worker that dies loses nothing, and other queued work has its turn
in between.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from .. import clock, outbox
from ..db import db, unit_of_work
from ..errors import MarketplaceError
from ..tabular import open_table
from .engine import Counts, Importer
from .files import file_of, header_of, stage_of
from .kinds import Kind
from .layout import Choices, Layout
from .models import ImportRun
from .services import ACTIVE, DEAD_AFTER, WORK, actor_of, close_run, kind_of, locked, start_over
from .stage import START, Stage

STEP_S = 8.0
"""A step of work is about this long; then the next one is queued."""


class _TakenOver(Exception):
    """Another worker holds this run now."""


@dataclass
class _Claim:
    """One worker's hold on a run, and what it saw of it last."""

    run_id: int
    runner: str
    is_cancelled: bool = False

    def touch(self, session: Session) -> ImportRun:
        """The run under its lock, with a fresh heartbeat. Raises _TakenOver when it is no longer ours."""
        run = locked(session, self.run_id)
        if run.runner != self.runner:
            raise _TakenOver
        run.heartbeat_at = clock.now()
        self.is_cancelled = run.is_cancel_asked
        return run


def work_on(payload: Mapping[str, Any]) -> None:
    """A step of work on a run, as the outbox asks for it. Safe to run twice and at the same time."""
    claim = _claim(int(payload["run_id"]))
    if claim is None:
        return
    run = db.session.get_one(ImportRun, claim.run_id)
    try:
        _work(run, claim)
    except _TakenOver:
        db.session.rollback()
    except MarketplaceError as error:
        db.session.rollback()
        _finish(claim, "failed", failure=error.message)
    except BaseException:
        db.session.rollback()
        _let_go(claim)
        raise


def _claim(run_id: int) -> _Claim | None:
    """Take a run to work on; None when there is nothing to do or another worker is on it."""
    now = clock.now()
    with unit_of_work() as session:
        run = locked(session, run_id)
        alive = run.heartbeat_at is not None and now - run.heartbeat_at < DEAD_AFTER
        if run.status not in ACTIVE or (run.runner and alive):
            return None
        if run.runner and run.status == "checking":
            start_over(run)  # the dead worker's stage may remember rows that were not counted
            stage_of(run).unlink(missing_ok=True)
        run.runner, run.heartbeat_at = secrets.token_hex(8), now
        return _Claim(run.id, run.runner, run.is_cancel_asked)


def _work(run: ImportRun, claim: _Claim) -> None:
    if claim.is_cancelled:
        _finish(claim, "cancelled")
        return
    actor = actor_of(run)
    kind = kind_of(run)
    with _open_stage(run, kind, claim) as (layout, stage):
        if run.place == START:
            stage.forget()
            with unit_of_work() as session:
                claim.touch(session).total = stage.total()
        importer = Importer(kind, layout, stage, actor, run_id=run.id)
        is_over = _step(run, importer, claim)
    _end_step(run, claim, is_over=is_over)


def _end_step(run: ImportRun, claim: _Claim, *, is_over: bool) -> None:
    """After a step: cancelled on the way, over, or to be gone on with."""
    if claim.is_cancelled:
        _finish(claim, "cancelled")
    elif is_over:
        _finish(claim, "checked" if run.status == "checking" else "done")
    else:
        _let_go(claim, go_on=True)


def _step(run: ImportRun, importer: Importer, claim: _Claim) -> bool:
    """Judge or put in rows for some seconds; whether all are done."""
    until = time.monotonic() + STEP_S
    place = run.place

    def go_on() -> bool:
        return time.monotonic() < until and not claim.is_cancelled

    def on_batch(session: Session, reached: int, counts: Counts) -> None:
        _advance(claim.touch(session), reached, counts)

    if run.status == "running":
        for reached, _counts in importer.put_in(place, go_on, on_batch):
            place = reached
    else:
        for reached, counts in importer.check(place, go_on):
            place = reached
            with unit_of_work() as session:
                on_batch(session, place, counts)
    return not importer.stage.after(place, 1)


def _advance(run: ImportRun, place: int, counts: Counts) -> None:
    run.place = place
    run.done += counts.done
    for name in ("created", "updated", "unchanged", "refused", "warned"):
        setattr(run, name, getattr(run, name) + getattr(counts, name))


@contextmanager
def _open_stage(run: ImportRun, kind: Kind, claim: _Claim) -> Iterator[tuple[Layout, Stage]]:
    """The run's stage, filled from its file when it is not there yet."""
    choices = Choices(run.prefix, run.mapping, run.constants)
    header_of(run)
    with open_table(file_of(run), current_app.config["IMPORT_MAX_BYTES"]) as table:
        layout = Layout(kind, table.header, choices)
        path = stage_of(run)
        stage = Stage(path) if path.exists() else Stage.fill(path, table, layout, _heart(claim))
    with stage:
        yield layout, stage


def _heart(claim: _Claim) -> Any:
    """A listener that keeps the heartbeat young while a file is staged."""
    last = time.monotonic()

    def told(_share: float, _count: int) -> None:
        nonlocal last
        if time.monotonic() - last > 5:
            last = time.monotonic()
            with unit_of_work() as session:
                claim.touch(session)

    return told


def _let_go(claim: _Claim, *, go_on: bool = False) -> None:
    """Leave the run to the next step."""
    with unit_of_work() as session:
        run = locked(session, claim.run_id)
        if run.runner != claim.runner:
            return
        run.runner = ""
        if go_on:
            outbox.enqueue(session, WORK, {"run_id": run.id})


def _finish(claim: _Claim, status: str, failure: str = "") -> None:
    with unit_of_work() as session:
        run = locked(session, claim.run_id)
        if run.runner == claim.runner:
            close_run(session, run, status, failure=failure)
