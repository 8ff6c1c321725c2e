"""What every measurement stands on: generated cities on both databases, and a fair stopwatch."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade

from bench import city, load
from marketplace import clock, create_app
from marketplace.db import db
from tools.postgres import Cluster, private_cluster

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Measured:
    """A figure and, where there is one, the same work at its bare limit, measured in the same run."""

    value: float
    limit: float | None
    unit: str = "ms"
    note: str = ""


Benchmark = Callable[["City"], Measured]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a measurement under the name that `make bench ONLY=` and bench.json use."""

    def register(measure: Benchmark) -> Benchmark:
        BENCHMARKS[name] = measure
        return measure

    return register


@dataclass
class City:
    """A generated city on one database, with the clock at noon of its last day."""

    app: Flask
    scale: str
    database: str
    folder: Path
    cluster: Cluster | None
    today: date = city.TODAY
    kept: dict[str, Any] = field(default_factory=dict)
    """What one measurement leaves for the next (a signed-in client, say)."""

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """A bare driver's connection to the city's database."""
        with _raw(self.app) as connection:
            yield connection

    @contextmanager
    def scratch(self) -> Iterator[City]:
        """An empty, migrated database of the same kind for measurements that write; gone afterwards."""
        with _empty_app(self.database, self.folder / f"scratch-{time.time_ns()}", self.cluster) as app:
            yield City(app, self.scale, self.database, self.folder, self.cluster)

    @staticmethod
    def median_ms(work: Callable[[], Any], times: int = 5) -> float:
        """Median wall time of the work in milliseconds, after one run that does not count."""
        work()
        spans = []
        for _ in range(times):
            gc.collect()
            start = time.perf_counter()
            work()
            spans.append((time.perf_counter() - start) * 1000)
        return statistics.median(spans)


@contextmanager
def _raw(app: Flask) -> Iterator[Any]:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}")
        try:
            yield connection
        finally:
            connection.close()
    else:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            yield connection


@contextmanager
def _empty_app(database: str, folder: Path, cluster: Cluster | None) -> Iterator[Flask]:
    folder.mkdir(parents=True)
    url = cluster.create() if database == "postgres" and cluster else ""
    app = create_app(
        TESTING=True, DATA_DIR=str(folder), DATABASE_URL=url, LOG_LEVEL="ERROR", MAIL_URL="memory:"
    )
    try:
        with app.app_context(), clock.frozen(NOON):
            upgrade()
            db.session.remove()
            yield app
            db.session.remove()
            db.engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if cluster and url:
            cluster.drop(url)


@contextmanager
def cities(scale_name: str, folder: Path, databases: tuple[str, ...]) -> Iterator[list[City]]:
    """The city of a scale on each database, loaded from one generation, gone at the end of the block."""
    scale = city.SCALES[scale_name]
    folder.mkdir(parents=True, exist_ok=True)
    made = city.shelves(scale)
    with ExitStack() as stack:
        cluster = stack.enter_context(private_cluster()) if "postgres" in databases else None
        found = []
        for database in databases:
            place = folder / f"{scale_name}-{database}-{time.time_ns()}"
            app = stack.enter_context(_empty_app(database, place, cluster))
            _fill(app, load.tables(scale, made))
            found.append(City(app, scale_name, database, folder, cluster))
        del made
        gc.collect()
        gc.freeze()
        yield found


def _fill(app: Flask, content: list[load.Table]) -> None:
    db.engine.dispose()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        load.fill_sqlite(url.removeprefix("sqlite:///"), content)
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            load.fill_postgres(connection, content)
