"""The ledger of units: durable postings by 1, 8 and 32 writers, and a file of movements.

The limit of a posting is the same row and the same guarded balance through the bare driver, by as many
threads, durable, one commit each (on PostgreSQL in one statement, which is the fastest way there is).
"""

from __future__ import annotations

import csv
import multiprocessing
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import city as cities
from bench import load
from bench.harness import NOON, City, Measured, _fill, benchmark
from bench.imports import run_command
from marketplace import clock
from marketplace.db import db
from marketplace.permissions import SYSTEM
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements

SECONDS = 4.0
SHELVES = 2_000
FILE_ROWS = {"1x": 50_000, "10x": 200_000, "60x": 1_000_000}
BATCH = 4_000
Shelf = tuple[int, int, int]
Post = Callable[[str, str, Shelf], None]


@dataclass
class Timed:
    """What writers did in a fixed time: how long each posting took, by writer."""

    seconds: float
    spans: list[list[float]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Postings per second of all writers."""
        return sum(map(len, self.spans)) / self.seconds

    @property
    def p99_ms(self) -> float:
        """99 of 100 postings were faster."""
        every = sorted(span for spans in self.spans for span in spans)
        return every[int(len(every) * 0.99)] * 1000 if every else 0.0

    @property
    def starving(self) -> int:
        """Writers that got less than a tenth of what writers got on average."""
        counts = [len(spans) for spans in self.spans]
        return sum(count < statistics.fmean(counts) / 10 for count in counts)


def run_writers(
    writers: int,
    posts: Callable[[], Any],
    shelves: list[Shelf],
    name: str,
    *,
    before: int = 0,
    ready: Callable[[], Any] = lambda: None,
) -> Timed:
    """Let writers post for a while: each finds a unit and sells it again, shelf after shelf.

    Each has posted so often `before` that: PostgreSQL plans the first statements of a connection every time.
    `ready` is called between the two, and may wait for other processes.
    """
    timed = Timed(SECONDS, [[] for _ in range(writers)])
    warm, gate, stop = threading.Barrier(writers + 1), threading.Barrier(writers + 1), threading.Event()

    def work(number: int) -> None:
        rng = random.Random(f"{name}:{number}")
        with posts() as post:
            for early in range(before):
                post(f"{name}-{number}-before-{early}", "found", rng.choice(shelves))
            warm.wait()
            gate.wait()
            turn = 0
            while not stop.is_set():
                shelf = rng.choice(shelves)
                for kind in ("found", "sale"):
                    ref = f"{name}-{number}-{turn}-{kind}"
                    start = time.perf_counter()
                    post(ref, kind, shelf)
                    timed.spans[number].append(time.perf_counter() - start)
                turn += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    warm.wait()
    ready()
    gate.wait()
    started = time.perf_counter()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    timed.seconds = time.perf_counter() - started
    return timed


def run_in_processes(
    writers: int, posts: Sequence[Callable[[], Any]], shelves: list[Shelf], name: str, *, before: int = 0
) -> Timed:
    """The same number of writers, shared out among as many processes as there are `posts`.

    Nothing may be open when it is called: each process is forked, and connects for itself.
    """
    context, results = multiprocessing.get_context("fork"), []
    ready = context.Barrier(len(posts))

    def work(number: int, told: Connection) -> None:
        each, own = writers // len(posts), f"{name}-{number}"
        told.send(run_writers(each, posts[number], shelves, own, before=before, ready=ready.wait))

    for number in range(len(posts)):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(number, theirs), daemon=True)
        process.start()
        theirs.close()  # so that a process that died is heard of
        results.append((process, ours))
    found = [told.recv() for _process, told in results]
    for process, _told in results:
        process.join()
    spans = [span for timed in found for span in timed.spans]
    return Timed(max(timed.seconds for timed in found), spans)


def through_services(city: City) -> Callable[[], Any]:
    """Writers as the product has them."""

    @contextmanager
    def posts() -> Iterator[Post]:
        with city.app.app_context(), clock.frozen(NOON):
            yield lambda ref, kind, shelf: _post(ref, kind, shelf, city.today)
            db.session.remove()

    return posts


def _post(ref: str, kind: str, shelf: Shelf, day: date) -> None:
    outlet_id, seller_id, product_id = shelf
    movement = Movement(ref, MovementKind(kind), outlet_id, seller_id, product_id, 1, day, 15_000)
    post_movements(actor=SYSTEM, movements=[movement])


MOVEMENT = """INSERT INTO stock_movements (movement_ref, part, outlet_id, seller_id, product_id, kind, change,
    unit_price_rupiah, occurred_on, cause_kind, recorded_at)
    VALUES ({0}, 0, {0}, {0}, {0}, {0}, {0}, 15000, {0}, 'screen', {0})"""
BALANCE = """UPDATE shelf_balances SET on_hand = on_hand + {0},
    on_hand_before = CASE WHEN last_on < {0} THEN on_hand ELSE on_hand_before END, last_on = {0}
    WHERE outlet_id = {0} AND product_id = {0} AND on_hand + {0} >= 0"""


def through_driver(city: City) -> Callable[[], Any]:
    """Writers with a bare connection each."""
    place = "%s" if city.database == "postgres" else "?"
    movement, balance = MOVEMENT.format(place), BALANCE.format(place)
    moment = "2026-11-22 05:00:00.000000"
    day = city.today.isoformat()

    @contextmanager
    def posts() -> Iterator[Post]:
        with city.raw() as connection:

            def post(ref: str, kind: str, shelf: Shelf) -> None:
                outlet_id, seller_id, product_id = shelf
                change = 1 if kind == "found" else -1
                row = (ref, outlet_id, seller_id, product_id, kind, change, day, moment)
                kept = (change, day, day, outlet_id, product_id, change)
                if city.database == "postgres":
                    connection.execute(f"WITH moved AS ({movement} RETURNING 1) {balance}", row + kept)
                    return
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(movement, row)
                connection.execute(balance, kept)
                connection.execute("COMMIT")

            yield post

    return posts


def ledger_write(city: City, writers: int) -> Measured:
    """Postings per second of the product, beside the bare driver's."""
    query = text("SELECT outlet_id, seller_id, product_id FROM shelf_balances WHERE on_hand > 1 LIMIT :n")
    rows = db.session.execute(query, {"n": SHELVES}).all()
    db.session.rollback()
    shelves = [(row[0], row[1], row[2]) for row in rows]
    stamp = time.time_ns()
    bare = run_writers(writers, through_driver(city), shelves, f"bare{stamp}")
    ours = run_writers(writers, through_services(city), shelves, f"ours{stamp}")
    note = (
        f"p99 {ours.p99_ms:.0f} ms, {ours.starving} starving; "
        f"bare p99 {bare.p99_ms:.0f} ms, {bare.starving} starving"
    )
    return Measured(ours.rate, bare.rate, "per s", note)


@benchmark("ledger_write_1")
def ledger_write_1(city: City) -> Measured:
    """One writer."""
    return ledger_write(city, 1)


@benchmark("ledger_write_8")
def ledger_write_8(city: City) -> Measured:
    """Eight writers at once."""
    return ledger_write(city, 8)


@benchmark("ledger_write_32")
def ledger_write_32(city: City) -> Measured:
    """Thirty-two writers at once."""
    return ledger_write(city, 32)


@benchmark("import_movements")
def import_movements(city: City) -> Measured:
    """Rows per second of a file through the command, beside the same rows bulk-loaded by the driver."""
    count = FILE_ROWS[city.scale]
    path = city.folder / f"movements-{count}.csv"
    write_file(path, count)
    with city.scratch() as scratch:
        fill_registry(scratch)
        seconds, peak_mb = run_command(scratch, "movements", path)
        query = "SELECT * FROM stock_movements ORDER BY id"
        with scratch.raw() as connection:
            rows = connection.execute(query).fetchall()
    assert len(rows) == count, f"{len(rows)} of {count} movements went in"
    with city.scratch() as scratch:
        fill_registry(scratch)
        bare_seconds = load_bare(scratch, rows)
    path.unlink()
    note = f"{count:,} rows in {seconds:.0f} s, peak {peak_mb:.0f} MB"
    return Measured(count / seconds, count / bare_seconds, "per s", note)


def write_file(path: Path, count: int) -> None:
    """A year of movements, shuffled as no file is sorted: deliveries, each sold off in small sales."""
    scale = cities.SCALES["1x"]
    rng = random.Random(5)
    on_hand: dict[tuple[int, int], int] = {}
    rows = []
    for number in range(count):
        outlet, product = rng.randrange(1, scale.outlets + 1), rng.randrange(1, 400)
        day = date(2025, 11, 1) + timedelta(days=number * 380 // count)
        held = on_hand.get((outlet, product), 0)
        kind, quantity = ("delivery", rng.randrange(12, 60)) if held < 5 else ("sale", rng.randrange(1, 6))
        on_hand[outlet, product] = held + (quantity if kind == "delivery" else -quantity)
        seller = (product - 1) % scale.sellers + 1
        # References rise with the days, so that rows of one day are applied as they were made.
        rows.append(
            (
                f"M{number:08d}",
                day,
                kind,
                f"T{outlet:05d}",
                f"U{seller:06d}",
                f"SKU-{product:06d}",
                quantity,
                15_000,
            )
        )
    rng.shuffle(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(
            "movement_ref occurred_on kind outlet_ref seller_ref sku quantity unit_price_rupiah".split()
        )
        out.writerows(rows)


def fill_registry(scratch: City) -> None:
    """Outlets, sellers and products of a small city, without agreements and movements."""
    _fill(scratch.app, load.tables(cities.SCALES["1x"], cities.Shelves([], [], [], [])))


def load_bare(scratch: City, rows: list[tuple[Any, ...]]) -> float:
    """Seconds for the bare driver to write the same rows, in batches as large, one commit each."""
    shelves = sorted({(row[3], row[5], row[4], 0, 0) for row in rows})
    with scratch.raw() as connection:
        if scratch.database == "postgres":
            connection.cursor().executemany(
                "INSERT INTO shelf_balances (outlet_id, product_id, seller_id, on_hand, on_hand_before)"
                " VALUES (%s, %s, %s, %s, %s)",
                shelves,
            )
        started = time.perf_counter()
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            if scratch.database == "postgres":
                with (
                    connection.transaction(),
                    connection.cursor().copy("COPY stock_movements FROM STDIN") as copy,
                ):
                    for row in batch:
                        copy.write_row(row)
                continue
            connection.execute("BEGIN IMMEDIATE")
            marks = ", ".join("?" * len(batch[0]))
            connection.executemany(f"INSERT INTO stock_movements VALUES ({marks})", batch)
            connection.execute("COMMIT")
        return time.perf_counter() - started
