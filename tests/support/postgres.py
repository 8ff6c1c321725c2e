"""The PostgreSQL server of a test session: one for all parallel workers, gone when pytest is.

`with database() as url` gives a database of one's own, `empty(url)` makes it empty again between tests,
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
from psycopg import sql

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


def empty(url: str, *, keep: Collection[str] = ()) -> None:
    """Empty every table but those to keep, past the triggers that guard ledgers; ids start from 1 again."""
    name = url.rsplit("/", 1)[-1]
    with session_cluster().connect(name) as connection:
        connection.execute("DROP SCHEMA IF EXISTS etalase_search CASCADE")  # made again when it is wanted
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)"
        names = [row[0] for row in connection.execute(tables, [list(keep)])]
        if not names:
            return
        is_filled = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
        questions = [is_filled.format(sql.Literal(table), sql.Identifier(table)) for table in names]
        filled = [row[0] for row in connection.execute(sql.SQL(" UNION ALL ").join(questions))]
        with connection.transaction():
            # "replica" switches triggers off, foreign keys among them: all that refers goes as well.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in filled:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            restart = """SELECT setval(s.oid, 1, false) FROM pg_class s
                         JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
                         JOIN pg_class t ON t.oid = d.refobjid
                         WHERE s.relkind = 'S' AND t.relname = ANY(%s)"""
            connection.execute(restart, [filled])


@pytest.fixture(scope="session")
def postgres_cluster() -> Cluster:
    """A PostgreSQL server of our own: `cluster.create(template=...)` gives the address of a new database."""
    return session_cluster()
