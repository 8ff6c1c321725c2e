"""Computes again what quotations and standing orders say of their orders."""

from __future__ import annotations

from collections.abc import Iterator

from ..audits import sentences_of, snapshot

AGREED = """SELECT q.id, o.id, o.goods_rupiah, v.goods_rupiah FROM quotes q
    JOIN quote_versions v ON v.quote_id = q.id AND v.number = q.latest
    LEFT JOIN orders o ON o.id = q.order_id AND o.quote_id = q.id
    WHERE q.state = 'accepted' AND (o.id IS NULL OR o.total_rupiah <> v.total_rupiah
        OR o.operator_id <> q.operator_id OR o.seller_id <> q.seller_id)"""
LATEST = """SELECT q.id, q.latest, count(v.id) FROM quotes q LEFT JOIN quote_versions v ON v.quote_id = q.id
    GROUP BY q.id, q.latest HAVING q.latest <> count(v.id) OR q.latest <> max(v.number)"""
RUNS = """SELECT o.id, o.standing_id FROM orders o
    LEFT JOIN standing_runs r ON r.order_id = o.id AND r.standing_id = o.standing_id
    WHERE o.standing_id IS NOT NULL AND r.day IS NULL"""
SUMS = """SELECT v.id, v.goods_rupiah, coalesce(sum(l.quantity * l.unit_price_rupiah), 0) AS goods
    FROM quote_versions v LEFT JOIN quote_lines l ON l.version_id = v.id
    WHERE v.total_rupiah IS NOT NULL GROUP BY v.id, v.goods_rupiah
    HAVING v.goods_rupiah <> coalesce(sum(l.quantity * l.unit_price_rupiah), 0)"""
TABLES = ("quotes", "orders")
"""Whose rows the sentences are about; all else hangs on these."""
CHECKS = (
    (AGREED, "quote {0}: it was agreed to, but order {1} is not what was agreed"),
    (LATEST, "quote {0}: version {1} is the latest of {2}"),
    (SUMS, "quote version {0}: goods are {1}, its lines come to {2}"),
    (RUNS, "order {0}: no day of standing order {1} is its own"),
)


def differences() -> Iterator[str]:
    """One sentence for each difference; none when all is well."""
    with snapshot() as connection:
        yield from sentences_of(connection, CHECKS)
