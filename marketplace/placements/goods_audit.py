"""`flask audit` of goods on their way: what papers say moved, and what the ledger moved because of them."""

from __future__ import annotations

from collections.abc import Iterator

from ..audits import sentences_of, snapshot

DELIVERED = """
SELECT p.number, coalesce(s.units, 0), coalesce(m.units, 0) FROM deliveries p
LEFT JOIN (SELECT delivery_id, sum(accepted) AS units FROM delivery_lines GROUP BY delivery_id) s
    ON s.delivery_id = p.id
LEFT JOIN (SELECT cause_id, sum(change) AS units FROM stock_movements
    WHERE cause_kind = 'delivery' AND reverses_id IS NULL GROUP BY cause_id) m ON m.cause_id = p.id
WHERE coalesce(s.units, 0) <> coalesce(m.units, 0) ORDER BY p.id
"""
RETURNED = """
SELECT p.number, coalesce(s.units, 0), coalesce(-m.units, 0) FROM return_notes p
LEFT JOIN (SELECT return_note_id, sum(fetched) AS units FROM return_lines GROUP BY return_note_id) s
    ON s.return_note_id = p.id
LEFT JOIN (SELECT cause_id, sum(change) AS units FROM stock_movements
    WHERE cause_kind = 'return' AND reverses_id IS NULL GROUP BY cause_id) m ON m.cause_id = p.id
WHERE coalesce(s.units, 0) <> coalesce(-m.units, 0) ORDER BY p.id
"""
DESTROYED = """
SELECT p.number, coalesce(s.units, 0), coalesce(-m.units, 0) FROM destructions p
LEFT JOIN (SELECT destruction_id, sum(quantity) AS units FROM destruction_lines GROUP BY destruction_id) s
    ON s.destruction_id = p.id
LEFT JOIN (SELECT cause_id, sum(change) AS units FROM stock_movements
    WHERE cause_kind = 'destruction' AND reverses_id IS NULL GROUP BY cause_id) m ON m.cause_id = p.id
WHERE coalesce(s.units, 0) <> coalesce(-m.units, 0) ORDER BY p.id
"""
UNANSWERED = """
SELECT DISTINCT d.number FROM deliveries d JOIN delivery_lines l ON l.delivery_id = d.id
WHERE (d.state = 'received') <> (l.accepted IS NOT NULL)
"""
UNBORNE = """
SELECT DISTINCT m.movement_ref FROM stock_movements m
LEFT JOIN borne_losses b ON b.movement_ref = m.movement_ref
WHERE m.cause_kind = 'destruction' AND m.reverses_id IS NULL AND b.movement_ref IS NULL
"""
CORRECTED = """
SELECT d.id, CASE WHEN d.outcome = 'store_corrects' OR d.favours = 'seller' THEN d.quantity ELSE 0 END,
    coalesce(m.change, 0)
FROM differences d
LEFT JOIN stock_movements m ON m.movement_ref = 'difference:' || d.id AND m.reverses_id IS NULL
WHERE d.kind IN ('delivery_short', 'delivery_damaged') AND coalesce(m.change, 0) <>
    CASE WHEN d.outcome = 'store_corrects' OR d.favours = 'seller' THEN d.quantity ELSE 0 END
"""
TABLES = ("deliveries", "return_notes", "destructions", "differences", "stock_movements")
"""Whose rows the sentences are about; all else hangs on these."""
CHECKS = (
    *(
        (query, kind + " {0}: its lines say {1}, the ledger moved {2}")
        for kind, query in (("delivery", DELIVERED), ("return", RETURNED), ("destruction", DESTROYED))
    ),
    (UNANSWERED, "delivery {0}: its state and its lines do not agree on whether it was received"),
    (UNBORNE, "destruction {0}: nobody bears it"),
    (CORRECTED, "difference {0}: settled for {1}, the ledger moved {2}"),
)


def differences() -> Iterator[str]:
    """A sentence for each paper whose units are not what the ledger moved, or that lacks an answer."""
    with snapshot() as connection:
        yield from sentences_of(connection, CHECKS)
