"""The ledger's audit: balances, lots, days of display and reversals, computed anew from the raw rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, text

from ..audits import sentences_of, snapshot
from ..clock import LAST_DAY

STREAMED = 5_000
Key = tuple[int, ...]
Values = tuple[Any, ...]
Group = tuple[Key, list[Values]]
# Every stream is in the order of its key, so that they can be laid side by side without being kept.
MOVED = """
SELECT outlet_id, product_id, occurred_on, sum(change) FROM stock_movements
GROUP BY outlet_id, product_id, occurred_on ORDER BY outlet_id, product_id, occurred_on
"""
SHELVES = """
SELECT outlet_id, product_id, on_hand, on_hand_before, last_on FROM shelf_balances
ORDER BY outlet_id, product_id
"""
SPELLS = """
SELECT outlet_id, product_id, first_day, end_day FROM display_spells
ORDER BY outlet_id, product_id, first_day
"""
LOTS_MOVED = """
SELECT lot_id, occurred_on, sum(change) FROM stock_movements WHERE lot_id IS NOT NULL
GROUP BY lot_id, occurred_on ORDER BY lot_id, occurred_on
"""
LOTS = "SELECT l.id, b.on_hand FROM lots l LEFT JOIN lot_balances b ON b.lot_id = l.id ORDER BY l.id"
LOTS_ELSEWHERE = """
SELECT m.movement_ref FROM stock_movements m JOIN lots l ON l.id = m.lot_id
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
CHECKS = (
    (LOTS_ELSEWHERE, "movement {0}: its lot belongs to another shelf"),
    (REVERSALS, "movement {0} does not exactly take back {1}"),
    (OWNERS, "movement {0}: the product is another seller's"),
    (LINES, "sale line {1} of outlet {0}: {2} accepted, rows say {3}"),
)
TABLES = ("stock_movements", "shelf_balances", "display_spells", "lots", "lot_balances", "sale_lines")
"""Whose rows the sentences are about; all else hangs on these."""


def differences() -> Iterator[str]:
    """One sentence for each thing the ledger keeps that its rows do not bear out, from one snapshot."""
    with snapshot() as connection:
        yield from _shelves(connection)
        yield from _lots(connection)
        yield from sentences_of(connection, CHECKS)


def _stream(connection: Connection, query: str, key_width: int) -> Iterator[Group]:
    """The rows of a query by their key, a few thousand at a time, days as text."""
    rows = connection.execute(text(query), execution_options={"yield_per": STREAMED})
    for key, group in groupby(rows, key=itemgetter(*range(key_width))):
        yield key if key_width > 1 else (key,), [tuple(row)[key_width:] for row in group]


def _side_by_side(*streams: Iterator[Group]) -> Iterator[tuple[Key, list[list[Values]]]]:
    """For each key that some stream has, the rows of every stream under it."""
    heads: list[Group | None] = [next(stream, None) for stream in streams]
    while True:
        keys = [head[0] for head in heads if head is not None]
        if not keys:
            return
        key = min(keys)
        found: list[list[Values]] = []
        for index, head in enumerate(heads):
            if head is None or head[0] != key:
                found.append([])
            else:
                found.append(head[1])
                heads[index] = next(streams[index], None)
        yield key, found


def _shelves(connection: Connection) -> Iterator[str]:
    streams = (_stream(connection, query, 2) for query in (MOVED, SHELVES, SPELLS))
    for (outlet_id, product_id), (moved, balances, spells) in _side_by_side(*streams):
        for sentence in chain(_wrong_balance(moved, balances), _wrong_spells(moved, spells)):
            yield f"shelf of outlet {outlet_id}, product {product_id}: {sentence}"


def _wrong_balance(moved: list[Values], balances: list[Values]) -> Iterator[str]:
    on_hand = sum(change for _day, change in moved)
    before = on_hand - (moved[-1][1] if moved else 0)
    last_on = str(moved[-1][0]) if moved else None
    if not balances:
        yield f"nothing is kept, rows say {on_hand}"
        return
    kept_on_hand, kept_before, kept_last = balances[0]
    if kept_on_hand != on_hand:
        yield f"on_hand is {kept_on_hand}, rows say {on_hand}"
    if kept_before != before:
        yield f"on_hand_before is {kept_before}, rows say {before}"
    if (None if kept_last is None else str(kept_last)) != last_on:
        yield f"last_on is {kept_last}, rows say {last_on}"


def _wrong_spells(moved: list[Values], spells: list[Values]) -> Iterator[str]:
    """Read day by day, and not as the writer does, whose work this judges."""
    found, held, first = set(), 0, None
    for day, change in moved:
        held += change
        if held < 0:
            yield f"below zero at the end of {day}"
        if held > 0 and first is None:
            first = str(day)
        elif held <= 0 and first is not None:
            found.add((first, str(day)))
            first = None
    if first is not None:
        found.add((first, LAST_DAY.isoformat()))
    kept = {(str(first_day), str(end_day)) for first_day, end_day in spells}
    for what, days in (("missing", found - kept), ("unfounded", kept - found)):
        for begin, end in sorted(days):
            yield f"days of display from {begin} to {end} are {what}"


def _lots(connection: Connection) -> Iterator[str]:
    streams = (_stream(connection, query, 1) for query in (LOTS_MOVED, LOTS))
    for (lot_id,), (moved, kept) in _side_by_side(*streams):
        on_hand = sum(change for _day, change in moved)
        told = kept[0][0] if kept else None
        if (told or 0) != on_hand:
            yield f"lot {lot_id}: {told} on hand, rows say {on_hand}"
        if any(held < 0 for held in accumulate(change for _day, change in moved)):
            yield f"lot {lot_id}: below zero at the end of some day"
