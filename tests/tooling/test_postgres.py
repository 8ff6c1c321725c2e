"""The PostgreSQL server of the tests: one a session, templates built once, everything gone at the end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import database, emptier, template
from tools.postgres import is_running

ROOT = Path(__file__).resolve().parent.parent.parent


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


@pytest.mark.postgres
def test_a_database_is_copied_from_a_template_that_is_built_once(postgres_cluster):
    built = []

    def build(url: str) -> None:
        built.append(url)
        with connect(url) as connection:
            connection.execute("CREATE TABLE shelves (id int)")

    name = f"shelves_{os.getpid()}"
    assert template(postgres_cluster, name, build) == name
    assert template(postgres_cluster, name, build) == name
    assert len(built) == 1
    first, second = (postgres_cluster.create(template=name) for _ in range(2))
    with connect(first) as one, connect(second) as two:
        one.execute("INSERT INTO shelves VALUES (1)")
        assert two.execute("SELECT count(*) FROM shelves").fetchone() == (0,)
    for url in (first, second):
        postgres_cluster.drop(url)
    assert not postgres_cluster.exists(first.rsplit("/", 1)[-1])


@pytest.mark.postgres
def test_a_database_is_emptied_past_its_guards_and_counts_from_one_again(postgres_cluster):
    with database() as url, connect(url) as connection:
        connection.execute("CREATE TABLE kinds (name text PRIMARY KEY)")
        connection.execute("INSERT INTO kinds VALUES ('sale')")
        connection.execute("CREATE TABLE ledger (id serial PRIMARY KEY, kind text REFERENCES kinds)")
        connection.execute(
            "CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY, entry int REFERENCES ledger)"
        )
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger AS $$BEGIN RAISE 'append only'; END$$ LANGUAGE plpgsql"
        )
        connection.execute("CREATE TRIGGER guard BEFORE DELETE ON ledger EXECUTE FUNCTION refuse()")
        with emptier(url, keep={"kinds"}) as empty:
            for _ in range(2):
                connection.execute("INSERT INTO ledger (kind) VALUES ('sale')")
                connection.execute("INSERT INTO notes (entry) VALUES (1)")
                empty()
                left = [
                    connection.execute(f"SELECT count(*) FROM {t}").fetchone()
                    for t in ("ledger", "notes", "kinds")
                ]
                assert left == [(0,), (0,), (1,)]
        connection.execute("INSERT INTO ledger (kind) VALUES ('sale')")
        assert connection.execute("SELECT id FROM ledger").fetchone() == (1,)


@pytest.mark.postgres
def test_the_server_ends_and_leaves_nothing_when_its_owner_is_killed(tmp_path):
    report = tmp_path / "meeting" / "cluster.json"
    report.parent.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as owner:
        command = [sys.executable, "-m", "tools.postgres", "--not-durable"]
        command += ["--owner", str(owner.pid), "--report", str(report)]
        with subprocess.Popen(command, cwd=ROOT) as guardian:
            deadline = time.monotonic() + 30
            while not report.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            folder = Path(json.loads(report.read_text())["folder"])
            server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            assert is_running(server)
            owner.send_signal(signal.SIGKILL)
            owner.wait()
            assert guardian.wait(timeout=30) == 0
    assert not is_running(server)
    assert not folder.exists()
    assert not report.parent.exists()
