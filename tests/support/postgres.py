"""The PostgreSQL server of a test session: one for all parallel workers, gone when pytest is.

`with database() as url` gives a database of one's own, `emptier` makes it empty again between tests,
`template` prepares a schema once in a session, to be copied often. The fixture `postgres_cluster` is the
server itself (a tools.postgres.Cluster). pyproject.toml plugs this in.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.postgres import START_SECONDS, Cluster, binaries

ROOT = Path(__file__).resolve().parent.parent.parent
# All workers of one run meet in this folder; it goes with the server.
SESSION = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
MEETING = Path(tempfile.gettempdir()) / f"etalase-tests-{SESSION}"


def owner() -> int:
    """The process whose end ends the server: pytest itself, the parent of its parallel workers."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


@contextmanager
def one_worker_at_a_time(what: str) -> Iterator[None]:
    """Let one worker make what all of them use; who makes something else does not wait."""
    MEETING.mkdir(mode=0o700, exist_ok=True)
    with (MEETING / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def session_cluster() -> Cluster:
    """This session's server, started by whoever needs it first."""
    binaries()
    report = MEETING / "cluster.json"
    with one_worker_at_a_time("server"):
        if not report.exists():
            _start_guardian(report)
    told = json.loads(report.read_text())
    return Cluster(port=told["port"], folder=Path(told["folder"]))


def _start_guardian(report: Path) -> None:
    command = [sys.executable, "-m", "tools.postgres", "--not-durable"]
    command += ["--owner", str(owner()), "--report", str(report)]
    log = MEETING / "guardian.log"
    with log.open("wb") as output:
        guardian = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + START_SECONDS
    while not report.exists():
        if guardian.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace") if log.exists() else ""
            raise RuntimeError(f"the PostgreSQL server of the tests did not start: {said[-2000:]}")
        time.sleep(0.05)
    # It outlives this worker on purpose; without this, its Popen object would warn when collected.
    guardian.returncode = 0


def template(cluster: Cluster, name: str, build: Callable[[str], None]) -> str:
    """The name of a template database, prepared once in a session by `build(url)`, whoever comes first.

    `build` must close its connections (dispose of its engine): PostgreSQL copies only what nobody uses.
    """
    with one_worker_at_a_time(name):
        if not cluster.exists(name):
            unfinished = f"{name}_unfinished"
            cluster.drop(unfinished)
            build(cluster.create(unfinished))
            cluster.rename(unfinished, name)
    return name


@contextmanager
def database(*, template: str | None = None) -> Iterator[str]:
    """The address of a new database, dropped at the end, whoever is still connected."""
    cluster = session_cluster()
    url = cluster.create(template=template)
    try:
        yield url
    finally:
        cluster.drop(url)


EMPTYING = """CREATE FUNCTION pg_temp.make_empty(kept text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        one text;
        is_filled boolean;
        filled text[] := '{}';
    BEGIN
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(kept) LOOP
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one) INTO is_filled;
            IF is_filled THEN filled := filled || one; END IF;
        END LOOP;
        -- "replica" switches triggers off, foreign keys among them: all that refers goes as well.
        SET LOCAL session_replication_role = replica;
        FOREACH one IN ARRAY filled LOOP
            EXECUTE format('DELETE FROM %I', one);
        END LOOP;
        PERFORM setval(d.objid, 1, false) FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.deptype IN ('a', 'i') AND d.refobjid IN (SELECT unnest(filled)::regclass)
            AND EXISTS (SELECT 1 FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S');
        SET LOCAL session_replication_role = origin;
    END $$"""


@contextmanager
def emptier(url: str) -> Iterator[Callable[[Collection[str]], None]]:
    """`empty(keep)` empties every table but those to keep, past the triggers that guard ledgers.

    Ids start from 1 again. It keeps its connection, for a suite empties thousands of times.
    """
    with session_cluster().connect(url.rsplit("/", 1)[-1]) as connection:
        connection.execute(EMPTYING)

        def empty(keep: Collection[str]) -> None:
            connection.execute("DROP SCHEMA IF EXISTS etalase_search CASCADE")  # made again when it is wanted
            connection.execute("SELECT pg_temp.make_empty(%s)", [list(keep)])

        yield empty


@pytest.fixture(scope="session")
def postgres_cluster() -> Cluster:
    """A PostgreSQL server of our own: `cluster.create(template=...)` gives the address of a new database."""
    return session_cluster()
