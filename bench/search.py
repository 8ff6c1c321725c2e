"""Searching 2,000 to 100,000 products: words, filters and exact counts for every filter.

The limit is the same answer by the bare driver: one plain SQL statement for the list and one for each
filter's counts, with LIKE for the words. Whoosh left alone is not the limit: it is slower than that.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.harness import City, Measured, benchmark
from marketplace.catalog import queries
from marketplace.catalog.models import Product
from marketplace.catalog.queries import Search, engine
from marketplace.catalog.services import indexing
from marketplace.db import db, unit_of_work

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("keripik tempe pedas", {}),
    ("kopi robusta", {"districts": ("33.72.05",)}),
    ("batik tulis", {"min_price": 50_000, "max_price": 250_000}),
    ("sambal bawang", {"consignment": True}),
    ("kripik tempe pedes", {"categories": ("Camilan",)}),
    ("keripik", {"min_capacity": 100}),
    ("tas anyaman", {"max_lead_days": 7}),
    ("jamu kunyit asem", {}),
    ("kue kering nastar", {"districts": ("33.72.01", "33.72.04")}),
    ("abon sapi", {"max_price": 60_000, "consignment": True}),
    ("wedang jahe", {"sort": "price"}),
    ("krupuk udang", {"sort": "newest"}),
)
ROUNDS = 8

PLAIN = """
FROM products p JOIN sellers s ON s.id = p.seller_id JOIN categories c ON c.id = p.category_id
JOIN seller_facts f ON f.seller_id = s.id AND f.superseded_at IS NULL
     AND f.valid_from <= {day} AND f.valid_to > {day}
WHERE p.state = 'live' AND p.main_id IS NULL AND s.merged_into_id IS NULL
  AND (f.closed_on IS NULL OR f.closed_on > {day}) {words}
"""
COUNTS = (
    "SELECT c.path, count(*) {where} GROUP BY c.path",
    "SELECT substr(f.region_code, 1, 8), count(*) {where} GROUP BY 1",
    "SELECT p.price_rupiah / 25000, count(*) {where} GROUP BY 1",
    "SELECT p.lead_time_days, count(*) {where} GROUP BY 1",
    "SELECT p.capacity_per_week >= 100, count(*) {where} GROUP BY 1",
    "SELECT p.offers_consignment, count(*) {where} GROUP BY 1",
    "SELECT p.id, p.name, p.price_rupiah, s.name {where} ORDER BY p.id DESC LIMIT 24",
)


@dataclass(frozen=True)
class Spans:
    """How long each of many questions took, in milliseconds."""

    ms: list[float]

    @property
    def median(self) -> float:
        """Half were faster."""
        return statistics.median(self.ms)

    @property
    def p99(self) -> float:
        """99 of 100 were faster."""
        return sorted(self.ms)[min(int(len(self.ms) * 0.99), len(self.ms) - 1)]


def timed(city: City, rounds: int) -> Spans:
    """Every question in turn, each time as if for the first: what was answered before is forgotten."""
    spans = []
    for _round in range(rounds):
        for q, filters in ASKED:
            search = Search(q=q, **filters)
            queries.forget_answers()
            start = time.perf_counter()
            found = queries.matches(search)
            queries.find(search, found=found)
            queries.facets(search, found)
            spans.append((time.perf_counter() - start) * 1000)
            db.session.rollback()
    return Spans(spans)


def plain_ms(city: City) -> float:
    """The same answers by the bare driver."""
    day = "'2026-11-22'" if city.database == "sqlite" else "DATE '2026-11-22'"
    spans = []
    with city.raw() as connection:
        for q, _filters in ASKED[:6]:
            words = " ".join(
                f"AND lower(p.name || ' ' || s.name || ' ' || c.path || ' ' || p.description) LIKE '%{word}%'"
                for word in q.split()
            )
            where = PLAIN.format(
                day=day, words=words.replace("%", "%%") if city.database != "sqlite" else words
            )
            start = time.perf_counter()
            for query in COUNTS:
                connection.execute(query.format(where=where)).fetchall()
            spans.append((time.perf_counter() - start) * 1000)
    return statistics.median(spans)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the collector in between."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@benchmark("search_facets")
def search_facets(city: City) -> Measured:
    """A text query with filters, its first page and the exact counts of every filter."""
    started = time.perf_counter()
    count = indexing.rebuild()
    rebuilt = time.perf_counter() - started
    started = time.perf_counter()
    engine.engine().columns()
    loaded = time.perf_counter() - started
    first = timed(city, 1)
    with quiet():
        spans = timed(city, ROUNDS)
    update = _update_ms()
    limit = plain_ms(city)
    note = (
        f"{count:,} products; p99 {spans.p99:.0f} ms, at first {first.p99:.0f} ms; rebuild {rebuilt:.0f} s, "
        f"columns {loaded:.1f} s, one update {update:.0f} ms"
    )
    return Measured(spans.median, limit, note=note)


def _update_ms() -> float:
    """From a changed name to the first answer that finds it, the worker at once."""
    with unit_of_work() as session:
        product = session.get_one(Product, 1)
        before, product.name = product.name, "Rengginang tanpa nama lain"
    started = time.perf_counter()
    indexing.index_changes({})
    found: Any = queries.find(Search(q="rengginang tanpa nama lain")).items
    took = (time.perf_counter() - started) * 1000
    if not found or found[0].id != 1:
        raise RuntimeError("the update was not found")
    with unit_of_work() as session:
        session.get_one(Product, 1).name = before
    indexing.index_changes({})
    return took
