"""Settlements: the month of a whole city, issued, and the page of one with a thousand lines.

The limit of the month is the same rows (settlements, lines, debts, journal) through the bare driver into a
database with the same tables, in batches as large, one durable commit each.
"""

from __future__ import annotations

import json
import random
import resource
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench import city as cities
from bench import load
from bench.city import DAYS, RECORDED_AT, Row, Scale, Shelves
from bench.harness import City, Measured, _fill, benchmark
from bench.pages import _page
from marketplace.db import db
from marketplace.permissions import Role
from marketplace.placements.services.settling import settle_until
from tests import factories

MONTH_END = date(2026, 10, 31)
SALES = 2
PAGE_LINES = 1_000
BATCH = 2_000
WRITTEN = (
    "settlements", "settlement_lines", "payables", "journal_accounts", "journal_transactions",
    "journal_lines",
)  # fmt: skip


@benchmark("settle_month")
def settle_month(city: City) -> Measured:
    """A month of every agreement of the city, each with sales, settled and issued."""
    scale = cities.SCALES[city.scale]
    with city.scratch() as scratch:
        _fill(scratch.app, load.tables(scale, month(scale)))
        started = time.perf_counter()
        counts = settle_until(MONTH_END, issue=True)
        seconds = time.perf_counter() - started
        if counts.settlements != scale.agreements or counts.lines != scale.agreements * SALES:
            raise RuntimeError(f"{counts.settlements} settlements of {counts.lines} lines")
        db.session.remove()
        with city.scratch() as bare:
            _fill(bare.app, load.tables(scale, month(scale)))
            limit = write_bare(scratch, bare)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    note = (
        f"{counts.settlements:,} settlements of {counts.lines:,} lines in {seconds:.0f} s, "
        f"{counts.settlements / seconds:,.0f} a second, peak of the bench {peak_mb:.0f} MB"
    )
    return Measured(seconds * 1000, limit * 1000, note=note)


def month(scale: Scale, per_agreement: int = SALES) -> Shelves:
    """Every agreement on consignment, with one delivery and some sales in October."""
    first = DAYS - (cities.TODAY - date(2026, 10, 1)).days
    made = Shelves([], [[] for _ in range(DAYS + 1)], [], [])
    owed, number = 0.0, 0
    for outlet in range(1, scale.outlets + 1):
        rng = random.Random(f"month {scale.name}:{outlet}")
        owed += scale.agreements / scale.outlets
        count, owed = int(owed), owed - int(owed)
        if outlet == scale.outlets:
            count = scale.agreements - number
        for seller in rng.sample(range(1, scale.sellers + 1), count):
            number += 1
            product = seller + rng.randrange(max(scale.products // scale.sellers, 1)) * scale.sellers
            made.agreements.append(_agreement(number, outlet, seller))
            made.movements[first].append((outlet, seller, product, "delivery", 24 * per_agreement, 15_000))
            for _sale in range(per_agreement):
                sale = (outlet, seller, product, "sale", -rng.randrange(1, 6), rng.randrange(8, 40) * 500)
                made.movements[first + rng.randrange(1, 31)].append(sale)
    return made


def _agreement(number: int, outlet: int, seller: int) -> Row:
    """As the generated city has them; the percentages differ, so that lines are rounded."""
    return (
        number, f"A{number:07d}", outlet, seller, "consignment", "accepted", "2025-11-01", None, None,
        15 + number % 10, 14, "", "", RECORDED_AT,
    )  # fmt: skip


def write_bare(scratch: City, bare: City) -> float:
    """Seconds for the bare driver to write what the run wrote, in batches, one commit each."""
    seconds = 0.0
    for table in WRITTEN:
        with scratch.raw() as source, bare.raw() as target:
            for rows, columns in _pieces(source, table, scratch.database):
                started = time.perf_counter()
                _write(target, table, columns, rows, bare.database)
                seconds += time.perf_counter() - started
    return seconds


def _pieces(source: Any, table: str, database: str) -> Iterator[tuple[list[Any], list[str]]]:
    if database == "postgres":
        with source.transaction(), source.cursor(name=f"read_{table}") as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            while rows := cursor.fetchmany(BATCH):
                yield rows, [column.name for column in cursor.description]
        return
    cursor = source.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in cursor.description]
    while rows := cursor.fetchmany(BATCH):
        yield rows, columns


def _write(target: Any, table: str, columns: list[str], rows: list[Any], database: str) -> None:
    names = ", ".join(columns)
    if database == "postgres":
        with target.transaction(), target.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    target.execute("BEGIN IMMEDIATE")
    target.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
    target.execute("COMMIT")


@benchmark("settlement_page")
def settlement_page(city: City) -> Measured:
    """The page of a settlement with a thousand lines, as the store sees it."""
    small = Scale("1x", 5, 1, 1, 0, 5)
    with city.scratch() as scratch:
        _fill(scratch.app, load.tables(small, month(small, PAGE_LINES)))
        counts = settle_until(MONTH_END, issue=True)
        if counts.lines != PAGE_LINES:
            raise RuntimeError(json.dumps({"lines": counts.lines}))
        return _page(
            scratch, "/settlements/1", lambda _city: factories.member(Role.BUYER_MANAGER, operator_id=1)
        )
