"""Queued work: huey wakes after each commit and every minute, and drains the outbox.

The worker is a process of its own (`flask worker`); where none runs, one thread of the server does its
work. A lock on a file in DATA_DIR sees to it that there is one of them for each DATA_DIR.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from flask import Flask, current_app
from huey import Huey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import delete

from . import clock, outbox
from .db import unit_of_work

log = structlog.get_logger()
EXTENSION = "etalase_jobs"
WORKERS = 3
"""Mail and imports take two at most; the third is for lanes."""
KEEP_DONE = timedelta(days=14)
NightlyJob = Callable[[], None]


class QuietConsumer(Consumer):
    """huey's consumer without signal handlers, so that it can live in a thread."""

    def _set_signal_handlers(self) -> None:
        """The process that hosts it decides when to stop."""


class Lane:
    """Work that waits for others, such as strangers' servers: one thread of a process does it at a time, so
    that mail never stands behind it. It runs each minute, and when it is woken."""

    def __init__(self, jobs: Jobs, name: str, work: NightlyJob) -> None:
        self._app, self._name, self._work = jobs.app, name, work
        self._asked, self._running = threading.Event(), threading.Lock()
        self._task = jobs.huey.task(name=name)(self.run)
        jobs.huey.periodic_task(crontab(minute="*"), name=f"{name}_each_minute")(self.run)

    def wake(self) -> None:
        """Ask the worker to run it now; if this fails, the next minute does."""
        try:
            self._task()
        except Exception as error:  # noqa: BLE001 - the run of the next minute finds the work
            log.warning("worker not woken", lane=self._name, error=type(error).__name__)

    def run(self) -> None:
        """Do the work, again when somebody asked meanwhile; one thread of this process at a time."""
        self._asked.set()
        while self._asked.is_set() and self._running.acquire(blocking=False):
            try:
                self._asked.clear()
                with self._app.app_context():
                    self._work()
            except Exception:
                log.exception("lane failed", lane=self._name)
            finally:
                self._running.release()


class Jobs:
    """The queue of one app."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.huey = _make_huey(app)
        self.nightly: list[NightlyJob] = []
        self.minutely: list[NightlyJob] = []
        self._drain = self.huey.task(name="drain")(self._run_drain)
        self.huey.periodic_task(crontab(minute="*"), name="drain_each_minute")(self._run_drain)
        self.huey.periodic_task(crontab(minute="*"), name="minutely")(self._run_minutely)
        self.huey.periodic_task(crontab(hour="18", minute="10"), name="nightly")(self._run_nightly)

    def wake(self) -> None:
        """Ask the worker to look at the outbox now; the outbox keeps the work if this fails."""
        try:
            self._drain()
        except Exception as error:  # noqa: BLE001 - the drain of the next minute finds the work
            log.warning("worker not woken", error=type(error).__name__)

    def consumer(self) -> QuietConsumer:
        """A consumer that has not started yet."""
        return QuietConsumer(
            self.huey, workers=WORKERS, initial_delay=0.05, max_delay=0.5, check_worker_health=False
        )

    def _run_drain(self) -> None:
        with self.app.app_context():
            outbox.drain()

    def _run_nightly(self) -> None:
        """At 01.10 WIB: what the areas registered, each on its own."""
        self._run_each(self.nightly)

    def _run_minutely(self) -> None:
        """Each minute: what the areas registered, each on its own."""
        self._run_each(self.minutely)

    def _run_each(self, registered: list[NightlyJob]) -> None:
        for job in registered:
            with self.app.app_context():
                try:
                    job()
                except Exception:
                    log.exception("periodic job failed", job=job.__name__)


def _make_huey(app: Flask) -> Huey:
    if app.config["REDIS_URL"]:
        from huey import RedisHuey  # noqa: PLC0415 - needs the redis extra

        return RedisHuey("etalase", url=app.config["REDIS_URL"], results=False)
    return SqliteHuey("etalase", filename=str(app.config["DATA_DIR"] / "queue.sqlite3"), results=False)


def init_app(app: Flask) -> None:
    """Give the app its queue, and start the embedded worker with the first request."""
    app.extensions[EXTENSION] = Jobs(app)
    outbox.on_enqueue(wake)
    nightly(app, sweep_outbox)
    if app.config["EMBEDDED_WORKER"] and not app.config.get("TESTING"):
        started = threading.Event()

        @app.before_request
        def _start_embedded() -> None:
            if not started.is_set():
                started.set()
                threading.Thread(target=_embed, args=(app,), name="worker", daemon=True).start()


def nightly(app: Flask, job: NightlyJob) -> NightlyJob:
    """Register a job that runs once a night; it must be safe to run twice."""
    app.extensions[EXTENSION].nightly.append(job)
    return job


def each_minute(app: Flask, job: NightlyJob) -> NightlyJob:
    """Register a short job that runs once a minute; it must be safe to run twice."""
    app.extensions[EXTENSION].minutely.append(job)
    return job


def lane(app: Flask, name: str, work: NightlyJob) -> Callable[[], None]:
    """Give slow work a lane of its own; answers what wakes it. It must be safe to run twice."""
    return Lane(app.extensions[EXTENSION], name, work).wake


def wake() -> None:
    """Wake this app's worker (the outbox calls it after a commit). Tests drain by hand."""
    if not current_app.config.get("TESTING"):
        current_app.extensions[EXTENSION].wake()


def sweep_outbox() -> None:
    """Forget work that was done two weeks ago."""
    with unit_of_work() as session:
        session.execute(delete(outbox.OutboxItem).where(outbox.OutboxItem.done_at < clock.now() - KEEP_DONE))


def worker_lock(path: Path) -> IO[Any] | None:
    """The worker's lock for this DATA_DIR, None while another process holds it."""
    handle = path.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def _embed(app: Flask) -> None:
    """Work inside the server as long as no worker process does; take over when it dies."""
    path = app.config["DATA_DIR"] / "worker.lock"
    while (handle := worker_lock(path)) is None:
        time.sleep(2)
    app.extensions["etalase_worker_lock"] = handle
    app.extensions[EXTENSION].consumer().start()


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Work until `stop` is set. Waits while another worker of this DATA_DIR lives."""
    path = app.config["DATA_DIR"] / "worker.lock"
    while (handle := worker_lock(path)) is None:
        if stop.wait(1):
            return
    with handle:
        consumer = app.extensions[EXTENSION].consumer()
        consumer.start()
        log.info("worker started")
        stop.wait()
        consumer.stop(graceful=True)
