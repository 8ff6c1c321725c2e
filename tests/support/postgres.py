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


EMPTYING = """CREATE FUNCTION pg_temp.make_empty() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF to_regnamespace('etalase_search') IS NOT NULL THEN  -- made again when it is wanted
            DROP SCHEMA etalase_search CASCADE;
        END IF;
        {tables}
    END $$"""
ONE_TABLE = "IF EXISTS (SELECT 1 FROM {table}) THEN DELETE FROM {table}; {first_ids} END IF;"
FIRST_ID = "PERFORM setval({sequence}::regclass, 1, false);"
"""Each table and sequence by its name: a statement put together while it runs is planned anew each time."""
SEQUENCES = """SELECT t.relname, d.objid::regclass::text FROM pg_class t
    LEFT JOIN pg_depend d ON d.refobjid = t.oid AND d.deptype IN ('a', 'i')
        AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND EXISTS (SELECT 1 FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S')
    WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'"""


@contextmanager
def emptier(url: str, keep: Collection[str]) -> Iterator[Callable[[], None]]:
    """`empty()` empties every table but those to keep, past the triggers that guard ledgers.

    Ids start from 1 again. It keeps its connection, for a suite empties thousands of times.
    """
    with session_cluster().connect(url.rsplit("/", 1)[-1]) as connection:
        sequences: dict[str, list[str]] = {}
        for table, sequence in connection.execute(SEQUENCES):
            sequences.setdefault(table, []).extend([sequence] if sequence else [])
        tables = (
            sql.SQL(ONE_TABLE).format(
                table=sql.Identifier(table),
                first_ids=sql.SQL(" ").join(sql.SQL(FIRST_ID).format(sequence=name) for name in names),
            )
            for table, names in sorted(sequences.items())
            if table not in keep
        )
        # It switches triggers off, foreign keys among them: all that refers goes as well. It also forgets
        # every plan, so it is said once.
        connection.execute("SET session_replication_role = replica")
        connection.execute(sql.SQL(EMPTYING).format(tables=sql.SQL("\n").join(tables)))

        def empty() -> None:
            connection.execute("SELECT pg_temp.make_empty()")

        yield empty


@pytest.fixture(scope="session")
def postgres_cluster() -> Cluster:
    """A PostgreSQL server of our own: `cluster.create(template=...)` gives the address of a new database."""
    return session_cluster()
