"""The ledger's audit: balances, lots, days of display and reversals, computed anew from the raw rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, Date, bindparam, text

from ..clock import LAST_DAY
from ..db import db

BALANCES = """
WITH days AS (
    SELECT outlet_id, product_id, occurred_on, sum(change) AS change
    FROM stock_movements GROUP BY outlet_id, product_id, occurred_on
), ranked AS (
    SELECT outlet_id, product_id, occurred_on, change,
        sum(change) OVER (PARTITION BY outlet_id, product_id ORDER BY occurred_on) AS held,
        lead(occurred_on) OVER (PARTITION BY outlet_id, product_id ORDER BY occurred_on) AS next_on
    FROM days
), totals AS (
    SELECT outlet_id, product_id, held AS on_hand, held - change AS before, occurred_on AS last_on
    FROM ranked WHERE next_on IS NULL
)
SELECT t.outlet_id, t.product_id, t.on_hand, s.on_hand, t.before, s.on_hand_before, t.last_on, s.last_on
FROM totals t LEFT JOIN shelf_balances s ON s.outlet_id = t.outlet_id AND s.product_id = t.product_id
WHERE s.outlet_id IS NULL OR s.on_hand <> t.on_hand OR s.on_hand_before <> t.before
    OR s.last_on IS NULL OR s.last_on <> t.last_on
UNION ALL
SELECT s.outlet_id, s.product_id, NULL, s.on_hand, NULL, s.on_hand_before, NULL, s.last_on
FROM shelf_balances s LEFT JOIN totals t ON t.outlet_id = s.outlet_id AND t.product_id = s.product_id
WHERE t.outlet_id IS NULL AND (s.on_hand <> 0 OR s.last_on IS NOT NULL)
"""
# A shelf's display flips on the days on which its end-of-day balance becomes or ceases to be positive.
SPELLS = """
WITH days AS (
    SELECT outlet_id, product_id, occurred_on, sum(change) AS change
    FROM stock_movements GROUP BY outlet_id, product_id, occurred_on
), held AS (
    SELECT outlet_id, product_id, occurred_on, change,
        sum(change) OVER (PARTITION BY outlet_id, product_id ORDER BY occurred_on) AS units
    FROM days
), flips AS (
    SELECT outlet_id, product_id, occurred_on, units
    FROM held WHERE (units > 0) <> (units - change > 0)
), spans AS (
    SELECT outlet_id, product_id, occurred_on AS first_day, units,
        coalesce(lead(occurred_on) OVER (PARTITION BY outlet_id, product_id ORDER BY occurred_on),
                 :last_day) AS end_day
    FROM flips
), spells AS (
    SELECT outlet_id, product_id, first_day, end_day FROM spans WHERE units > 0
)
SELECT 'missing', s.outlet_id, s.product_id, s.first_day, s.end_day FROM spells s
LEFT JOIN display_spells d ON d.outlet_id = s.outlet_id AND d.product_id = s.product_id
    AND d.first_day = s.first_day AND d.end_day = s.end_day
WHERE d.outlet_id IS NULL
UNION ALL
SELECT 'unfounded', d.outlet_id, d.product_id, d.first_day, d.end_day FROM display_spells d
LEFT JOIN spells s ON s.outlet_id = d.outlet_id AND s.product_id = d.product_id
    AND s.first_day = d.first_day AND s.end_day = d.end_day
WHERE s.outlet_id IS NULL
UNION ALL
SELECT 'below_zero', outlet_id, product_id, occurred_on, occurred_on FROM held WHERE units < 0
"""
LOTS = """
WITH days AS (
    SELECT lot_id, occurred_on, sum(change) AS change
    FROM stock_movements WHERE lot_id IS NOT NULL GROUP BY lot_id, occurred_on
), held AS (
    SELECT lot_id, occurred_on, sum(change) OVER (PARTITION BY lot_id ORDER BY occurred_on) AS units
    FROM days
), totals AS (SELECT lot_id, sum(change) AS on_hand FROM days GROUP BY lot_id)
SELECT 'balance', l.id, coalesce(t.on_hand, 0), coalesce(b.on_hand, 0)
FROM lots l LEFT JOIN lot_balances b ON b.lot_id = l.id LEFT JOIN totals t ON t.lot_id = l.id
WHERE coalesce(t.on_hand, 0) <> coalesce(b.on_hand, 0)
UNION ALL
SELECT 'below_zero', lot_id, units, NULL FROM held WHERE units < 0
UNION ALL
SELECT 'elsewhere', m.lot_id, m.id, NULL FROM stock_movements m JOIN lots l ON l.id = m.lot_id
WHERE l.outlet_id <> m.outlet_id OR l.product_id <> m.product_id
"""
REVERSALS = """
SELECT r.movement_ref, o.movement_ref FROM stock_movements r JOIN stock_movements o ON o.id = r.reverses_id
WHERE r.reverses_id IS NOT NULL AND (r.change <> -o.change OR r.outlet_id <> o.outlet_id
    OR r.product_id <> o.product_id OR r.seller_id <> o.seller_id OR r.kind <> o.kind
    OR coalesce(r.lot_id, 0) <> coalesce(o.lot_id, 0) OR r.occurred_on < o.occurred_on
    OR o.reverses_id IS NOT NULL)
"""
OWNERS = """
SELECT m.movement_ref FROM stock_movements m JOIN products p ON p.id = m.product_id
WHERE p.seller_id <> m.seller_id
"""
LINES = """
SELECT l.outlet_id, l.line_ref, l.accepted, coalesce(-sum(m.change), 0) FROM sale_lines l
LEFT JOIN stock_movements m ON m.movement_ref = l.movement_ref
WHERE l.reverses IS NULL GROUP BY l.outlet_id, l.line_ref, l.accepted
HAVING l.accepted <> coalesce(-sum(m.change), 0)
"""


def differences() -> Iterator[str]:
    """One sentence for each thing the ledger keeps that its rows do not bear out, from one snapshot."""
    with _snapshot() as connection:
        yield from _balances(connection)
        yield from _spells(connection)
        yield from _lots(connection)
        yield from _references(connection)


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection that sees one moment of the database while others go on writing."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _balances(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text(BALANCES)):
        outlet_id, product_id, *figures = row
        names = ("on_hand", "on_hand_before", "last_on")
        pairs = zip(names, figures[::2], figures[1::2], strict=True)
        said = ", ".join(
            f"{name} is {kept}, rows say {found}" for name, found, kept in pairs if str(found) != str(kept)
        )
        yield f"shelf of outlet {outlet_id}, product {product_id}: {said}"


def _spells(connection: Connection) -> Iterator[str]:
    query = text(SPELLS).bindparams(bindparam("last_day", LAST_DAY, type_=Date))
    for what, outlet_id, product_id, first, end in connection.execute(query):
        shelf = f"shelf of outlet {outlet_id}, product {product_id}"
        if what == "below_zero":
            yield f"{shelf}: below zero at the end of {_day(first)}"
        else:
            yield f"{shelf}: days of display from {_day(first)} to {_day(end)} are {what}"


def _lots(connection: Connection) -> Iterator[str]:
    for what, lot_id, found, kept in connection.execute(text(LOTS)):
        if what == "balance":
            yield f"lot {lot_id}: {kept} on hand, rows say {found}"
        elif what == "below_zero":
            yield f"lot {lot_id}: below zero ({found}) at the end of some day"
        else:
            yield f"lot {lot_id}: movement {found} belongs to another shelf"


def _references(connection: Connection) -> Iterator[str]:
    for reversal, original in connection.execute(text(REVERSALS)):
        yield f"movement {reversal} does not exactly take back {original}"
    for row in connection.execute(text(OWNERS)):
        yield f"movement {row[0]}: the product is another seller's"
    for outlet_id, line_ref, accepted, moved in connection.execute(text(LINES)):
        yield f"sale line {line_ref} of outlet {outlet_id}: {accepted} accepted, rows say {moved}"


def _day(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()
