"""How fast the product answers what it exists for, beside the best plain SQL over the raw ledger."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bench.harness import City, Measured, benchmark
from marketplace.compliance.queries import Scope, evaluate, standings
from marketplace.compliance.services import keep_standing_days
from marketplace.db import db

DAYS_AGO = 200

PLAIN = """
WITH able AS MATERIALIZED (
    SELECT seller_id, min(seller_id) OVER (PARTITION BY owner_key) AS owner, affiliated_operator_ref AS friend
    FROM seller_facts
    WHERE superseded_at IS NULL AND valid_from <= {day} AND valid_to > {day} AND verified_on <= {day}
      AND (revoked_on IS NULL OR revoked_on > {day}) AND (closed_on IS NULL OR closed_on > {day})
      AND (annual_sales_rupiah <= 50000000000 OR annual_sales_rupiah IS NULL
           AND (capital_rupiah IS NULL OR capital_rupiah <= 10000000000))
), place AS MATERIALIZED (
    SELECT f.outlet_id, p.operator_ref, f.opened_on,
           f.kind IN ('hotel', 'souvenir_centre') AS is_target
    FROM outlet_facts f JOIN operators p ON p.id = f.operator_id
    WHERE f.superseded_at IS NULL AND f.valid_from <= {day} AND f.valid_to > {day} AND f.opened_on <= {day}
      AND (f.closed_on IS NULL OR f.closed_on > {day})
), shelf AS (
    SELECT outlet_id, seller_id, product_id, sum(change) AS units,
           max(CASE WHEN kind = 'sale' AND reverses_id IS NULL THEN occurred_on END) AS sold_on,
           max(CASE WHEN kind = 'delivery' AND reverses_id IS NULL THEN occurred_on END) AS delivered_on
    FROM stock_movements WHERE occurred_on <= {day}
    GROUP BY outlet_id, seller_id, product_id
), pair AS MATERIALIZED (
    SELECT outlet_id, seller_id, max(units) AS units, max(sold_on) AS sold_on,
           max(delivered_on) AS delivered_on
    FROM shelf GROUP BY outlet_id, seller_id
), counted AS (
    SELECT DISTINCT a.outlet_id, able.owner
    FROM agreements a
    JOIN place ON place.outlet_id = a.outlet_id
    JOIN able ON able.seller_id = a.seller_id
    JOIN pair ON pair.outlet_id = a.outlet_id AND pair.seller_id = a.seller_id
    WHERE a.state = 'accepted' AND a.starts_on <= {day} AND (a.ends_on IS NULL OR a.ends_on >= {day})
      AND (a.terminated_on IS NULL OR a.terminated_on > {day})
      AND (able.friend IS NULL OR able.friend <> place.operator_ref)
      AND ((a.basis = 'consignment' AND (pair.units > 0 OR pair.sold_on > {sold}))
           OR (a.basis = 'outright' AND place.is_target AND pair.delivered_on > {delivered}))
)
SELECT o.outlet_ref, count(counted.owner)
FROM place JOIN outlets o ON o.id = place.outlet_id LEFT JOIN counted ON counted.outlet_id = place.outlet_id
GROUP BY o.outlet_ref
"""
"""The raw ledger summed up to the day, once for every pair. The generated ledger has no reversals and the
generated agreements no suspensions, so the limit need not look for them; the product does."""


def plain_answer(city: City, day: date) -> dict[str, int]:
    """The best plain SQL that we could write: no kept figures, only raw rows."""
    literal = "'{}'" if city.database == "sqlite" else "DATE '{}'"
    days = {
        "day": literal.format(day.isoformat()),
        "sold": literal.format((day - timedelta(days=30)).isoformat()),
        "delivered": literal.format((day - timedelta(days=90)).isoformat()),
    }
    with city.raw() as connection:
        if city.database != "sqlite":
            connection.execute("SET jit = off")
            connection.execute("SET work_mem = '256MB'")
        return dict(connection.execute(PLAIN.format(**days)).fetchall())


def limit_ms(city: City, day: date) -> float:
    """The plain SQL's time for a day, measured once for each city and day."""
    key = f"plain:{day}"
    if key not in city.kept:
        city.kept[key] = city.median_ms(lambda: plain_answer(city, day), times=3)
    limit: float = city.kept[key]
    return limit


def fresh(work: Any) -> Any:
    """Read in a new transaction, as each request does."""
    db.session.remove()
    return work()


@benchmark("report_past_day")
def report_past_day(city: City) -> Measured:
    """The status of every outlet 200 days ago, counted from the evidence: nothing about that day is kept."""
    day = city.today - timedelta(days=DAYS_AGO)
    rows = evaluate(day, Scope())
    assert {row.outlet_ref: row.counted for row in rows} == plain_answer(city, day)
    value = city.median_ms(lambda: fresh(lambda: evaluate(day, Scope())))
    return Measured(
        value, limit_ms(city, day), "ms", f"{len(rows)} outlets, {sum(r.counted for r in rows)} counted"
    )


@benchmark("status_today")
def status_today(city: City) -> Measured:
    """The status of every outlet today, from kept standings."""
    keep_standing_days()
    rows = standings(city.today, Scope())
    assert {row.outlet_ref: row.counted for row in rows} == plain_answer(city, city.today)
    value = city.median_ms(lambda: fresh(lambda: standings(city.today, Scope())))
    return Measured(value, limit_ms(city, city.today), "ms", f"{len(rows)} outlets")
