"""A private PostgreSQL server in a folder of its own, for tests and benchmarks.

    with private_cluster() as cluster:
        url = cluster.create("cities")        # postgresql+psycopg://...

    python -m tools.postgres                  # one to play with, until Ctrl-C

It is the operating system's PostgreSQL (Debian's package `postgresql`), listening on a random loopback port,
run as an unprivileged user when we are root, and gone with its folder at the end. `durable=False` leaves out
every wait for the disk: right for tests of behaviour, wrong for figures of speed and for tests of power cuts.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

USER = "etalase"
START_SECONDS = 60
UNPRIVILEGED_USERS = ("postgres", "nobody")
SETTINGS = {
    "timezone": "UTC",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "logging_collector": "off",
}
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class PostgresMissing(RuntimeError):
    """No PostgreSQL server on this machine."""


def binaries() -> Path:
    """The folder of initdb and postgres: the newest of Debian's versions, else the PATH's."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: float(folder.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise PostgresMissing(
            "no PostgreSQL server here; `make setup-dev` as root, or: apt-get install postgresql"
        )
    return Path(found).resolve().parent


def server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: the user to run it as then, None to stay who we are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED_USERS if name in known)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Cluster:
    """A running server: where it is, and how databases are made and dropped in it."""

    port: int
    folder: Path

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str | None = None, *, template: str | None = None) -> str:
        """Make a database, empty or a copy of a template, and return its address."""
        name = database or f"t_{secrets.token_hex(6)}"
        source = sql.Identifier(template or "template1")
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
        return self.url(name)

    def exists(self, database: str) -> bool:
        with self.connect() as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, [database]).fetchone() is not None

    def rename(self, old: str, new: str) -> None:
        self._execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
        )

    def drop(self, database: str) -> None:
        """Drop a database by name or address, ending whoever is still connected to it."""
        name = sql.Identifier(database.rsplit("/", 1)[-1])
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A bare connection as superuser; every statement is its own transaction."""
        place = f"host=127.0.0.1 port={self.port} user={USER} dbname={database}"
        return psycopg.connect(place, autocommit=True)

    def _execute(self, statement: sql.Composed) -> None:
        with self.connect() as connection:
            connection.execute(statement)


def _identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """How to start a process as that user."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialise(folder: Path, user: pwd.struct_passwd | None, *, durable: bool) -> None:
    command = [str(binaries() / "initdb"), "--pgdata", str(folder / "data"), "--username", USER]
    command += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **_identity(user))
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _start(
    cluster: Cluster, user: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    place = {"listen_addresses": "127.0.0.1", "port": str(cluster.port)}
    place["unix_socket_directories"] = str(cluster.folder)
    command = [str(binaries() / "postgres"), "-D", str(cluster.folder / "data")]
    command += [f"--{name}={value}" for name, value in {**SETTINGS, **settings, **place}.items()]
    with (cluster.folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=cluster.folder, stdout=log, stderr=log, start_new_session=True, **_identity(user)
        )


def _wait_until_ready(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.connect().close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (cluster.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {log[-2000:]}") from None
            time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # at once: nothing in it is to be kept
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def private_cluster(*, durable: bool = True, settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A fresh server for as long as the block lasts; `settings` are PostgreSQL's own, by name."""
    user = server_user()
    folder = Path(tempfile.mkdtemp(prefix="etalase-postgres-"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _initialise(folder, user, durable=durable)
        cluster = Cluster(port=free_port(), folder=folder)
        server = _start(cluster, user, {**({} if durable else NOT_DURABLE), **(settings or {})})
        try:
            _wait_until_ready(cluster, server)
            yield cluster
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def serve_for(owner: int, report: Path, *, durable: bool) -> None:
    """Run a server for as long as the owner process lives, however it ends; tell where in the report file."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the owner: the server goes when the owner has gone
    try:
        with private_cluster(durable=durable) as cluster:
            draft = report.with_suffix(".draft")
            draft.write_text(json.dumps({"port": cluster.port, "folder": str(cluster.folder)}))
            draft.rename(report)
            while is_running(owner):
                time.sleep(0.2)
    finally:
        shutil.rmtree(report.parent, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run a private PostgreSQL server.")
    parser.add_argument("--owner", type=int, help="process to live as long as")
    parser.add_argument("--report", type=Path, help="file in a folder of its own, to tell port and folder in")
    parser.add_argument("--not-durable", action="store_true", help="leave out every wait for the disk")
    arguments = parser.parse_args()
    if arguments.owner is not None:
        serve_for(arguments.owner, arguments.report, durable=not arguments.not_durable)
        return
    with private_cluster(durable=not arguments.not_durable) as cluster:
        print(f"{cluster.url()}\nCtrl-C ends it.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
