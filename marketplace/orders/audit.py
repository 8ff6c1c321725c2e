"""Computes again what orders keep, from their rows: promises, quantities, sums, states, money, ledger."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ..audits import sentences_of, snapshot
from .models import OrderState
from .rules.states import HOLDS_STOCK, ORDER_ACTS, OrderVerb

STATES = {
    "holding_states": [state.value for state in HOLDS_STOCK],
    "billed_states": [state.value for state in (OrderState.INVOICED, OrderState.SETTLED, OrderState.CLOSED)],
    "sent_states": [
        state.value
        for state in (
            OrderState.SHIPPED,
            OrderState.RECEIVED,
            OrderState.INVOICED,
            OrderState.SETTLED,
            OrderState.CLOSED,
        )
    ],
}
"""What a query may name: IN :holding_states and so on."""
RESERVED = """SELECT s.product_id, s.reserved, coalesce(sum(r.from_stock), 0) FROM ready_stocks s
    LEFT JOIN reservations r ON r.product_id = s.product_id AND r.state = 'held'
    GROUP BY s.product_id, s.reserved HAVING s.reserved <> coalesce(sum(r.from_stock), 0)"""
ON_HAND = """SELECT s.product_id, s.on_hand, coalesce(sum(e.change), 0) FROM ready_stocks s
    LEFT JOIN ready_stock_entries e ON e.product_id = s.product_id
    GROUP BY s.product_id, s.on_hand HAVING s.on_hand <> coalesce(sum(e.change), 0)"""
WEEKS = """SELECT coalesce(w.product_id, r.product_id), coalesce(w.week, r.week), coalesce(w.booked, 0),
        coalesce(r.units, 0)
    FROM capacity_weeks w
    FULL JOIN (SELECT r.product_id, r.week,
            sum(CASE WHEN r.state = 'held' THEN r.quantity - r.from_stock
                WHEN r.state = 'sent' AND r.quantity / l.quantity * l.sent > r.from_stock
                THEN r.quantity / l.quantity * l.sent - r.from_stock ELSE 0 END) AS units
        FROM reservations r
        JOIN order_lines l ON l.id = r.order_line_id GROUP BY r.product_id, r.week) r
        ON r.product_id = w.product_id AND r.week = w.week
    WHERE coalesce(w.booked, 0) <> coalesce(r.units, 0)"""
LEFT = """SELECT r.id, coalesce(-e.change, 0), r.quantity / l.quantity * l.sent
    FROM reservations r JOIN order_lines l ON l.id = r.order_line_id
    LEFT JOIN ready_stock_entries e ON e.ref = 'reservation:' || r.id || '\\:sent'
    WHERE coalesce(-e.change, 0) <> CASE WHEN r.state <> 'sent' THEN 0
        WHEN r.quantity / l.quantity * l.sent < r.from_stock THEN r.quantity / l.quantity * l.sent
        ELSE r.from_stock END"""
HELD = """SELECT DISTINCT o.id, o.state FROM orders o JOIN order_lines l ON l.order_id = o.id
    LEFT JOIN reservations r ON r.order_line_id = l.id AND r.state = 'held'
    WHERE (o.state IN :holding_states) = (r.id IS NULL)"""
QUANTITIES = """SELECT l.id, l.sent, l.accepted, l.billed, coalesce(s.sent, 0), coalesce(s.accepted, 0),
        coalesce(i.billed, 0)
    FROM order_lines l
    LEFT JOIN (SELECT order_line_id, sum(quantity) AS sent, sum(coalesce(accepted, 0)) AS accepted
        FROM shipment_lines GROUP BY order_line_id) s ON s.order_line_id = l.id
    LEFT JOIN (SELECT order_line_id, sum(quantity) AS billed FROM invoice_lines GROUP BY order_line_id) i
        ON i.order_line_id = l.id
    WHERE l.sent <> coalesce(s.sent, 0) OR l.accepted <> coalesce(s.accepted, 0)
        OR l.billed <> coalesce(i.billed, 0)"""
TOTALS = """SELECT o.id, o.goods_rupiah, l.goods, o.total_rupiah, s.total, o.advance_rupiah, s.advance
    FROM orders o
    LEFT JOIN (SELECT order_id, sum(amount_rupiah) AS goods FROM order_lines GROUP BY order_id) l
        ON l.order_id = o.id
    LEFT JOIN (SELECT order_id, sum(amount_rupiah) AS total, sum(advance_rupiah) AS advance
        FROM order_shares GROUP BY order_id) s ON s.order_id = o.id
    WHERE o.goods_rupiah <> coalesce(l.goods, -1) OR o.total_rupiah <> coalesce(s.total, -1)
        OR o.advance_rupiah <> coalesce(s.advance, -1)"""
INVOICES = """SELECT i.number, i.goods_rupiah, coalesce(l.goods, 0), i.total_rupiah, coalesce(s.billed, 0)
    FROM invoices i
    LEFT JOIN (SELECT invoice_id, sum(amount_rupiah) AS goods FROM invoice_lines GROUP BY invoice_id) l
        ON l.invoice_id = i.id
    LEFT JOIN (SELECT order_id, sum(billed_rupiah) AS billed FROM order_shares GROUP BY order_id) s
        ON s.order_id = i.order_id
    WHERE i.goods_rupiah <> coalesce(l.goods, 0) OR i.total_rupiah <> coalesce(s.billed, 0)
        OR i.total_rupiah <> i.advance_rupiah + i.due_rupiah"""
ENTERED = """SELECT s.id, s.billed_rupiah, coalesce(-j.sold, 0)
    FROM order_shares s
    LEFT JOIN (SELECT t.cause_id, sum(x.amount_rupiah) AS sold FROM journal_transactions t
        JOIN journal_lines x ON x.transaction_id = t.id
        JOIN journal_accounts a ON a.id = x.account_id AND a.kind IN ('sales', 'tax')
        WHERE t.cause_kind = 'order_share' AND t.kind = 'invoiced' GROUP BY t.cause_id) j
        ON j.cause_id = s.id
    WHERE s.billed_rupiah <> coalesce(-j.sold, 0)"""
CREDITED = """SELECT o.id, coalesce(c.total, 0), coalesce(j.back, 0)
    FROM orders o
    LEFT JOIN (SELECT i.order_id, sum(n.total_rupiah) AS total FROM credit_notes n
        JOIN invoices i ON i.id = n.invoice_id GROUP BY i.order_id) c ON c.order_id = o.id
    LEFT JOIN (SELECT s.order_id, sum(x.amount_rupiah) AS back FROM journal_transactions t
        JOIN order_shares s ON s.id = t.cause_id
        JOIN journal_lines x ON x.transaction_id = t.id
        JOIN journal_accounts a ON a.id = x.account_id AND a.kind IN ('sales', 'tax')
        WHERE t.cause_kind = 'order_share' AND t.kind = 'credited' GROUP BY s.order_id) j
        ON j.order_id = o.id
    WHERE coalesce(c.total, 0) <> coalesce(j.back, 0)"""
GRANTED = """SELECT c.id FROM order_claims c LEFT JOIN credit_notes n ON n.claim_id = c.id
    WHERE (c.state = 'accepted') = (n.id IS NULL)"""
PAPERS = """SELECT o.id, o.state FROM orders o
    LEFT JOIN shipments s ON s.order_id = o.id LEFT JOIN invoices i ON i.order_id = o.id
    WHERE (o.state IN :sent_states) = (s.id IS NULL) OR (o.state IN :billed_states) = (i.id IS NULL)
        OR (o.state IN :billed_states) <> (s.received_on IS NOT NULL)"""
WAITS = """SELECT o.id, o.state, sum(CASE WHEN p.confirmed_rupiah < p.amount_rupiah THEN 1 ELSE 0 END) AS open
    FROM orders o JOIN order_shares s ON s.order_id = o.id
    LEFT JOIN payables p ON p.document_id = s.id AND p.kind IN ('advance', 'invoice')
    WHERE o.state IN ('awaiting_payment', 'paid', 'invoiced', 'settled')
    GROUP BY o.id, o.state
    HAVING (o.state IN ('awaiting_payment', 'invoiced'))
        <> (sum(CASE WHEN p.confirmed_rupiah < p.amount_rupiah THEN 1 ELSE 0 END) > 0)"""
STEPS = """SELECT s.verb, s.from_state, s.to_state, s.side, min(s.order_id) FROM order_steps s
    GROUP BY s.verb, s.from_state, s.to_state, s.side"""
CHAIN = """SELECT o.id, o.state, s.position, s.from_state, before.to_state
    FROM orders o JOIN order_steps s ON s.order_id = o.id
    LEFT JOIN order_steps before ON before.order_id = o.id AND before.position = s.position - 1
    LEFT JOIN order_steps later ON later.order_id = o.id AND later.position = s.position + 1
    WHERE coalesce(s.from_state, '') <> coalesce(before.to_state, '')
        OR (s.position = 1) <> (before.id IS NULL)
        OR (later.id IS NULL AND s.to_state <> o.state)"""
LEDGER = """SELECT o.id, coalesce(l.accepted, 0), coalesce(m.came, 0), coalesce(m.change, 0)
    FROM orders o
    LEFT JOIN (SELECT order_id, sum(accepted) AS accepted FROM order_lines GROUP BY order_id) l
        ON l.order_id = o.id
    LEFT JOIN (SELECT cause_id, sum(change) AS change,
            sum(CASE WHEN kind = 'delivery' THEN change ELSE 0 END) AS came
        FROM stock_movements WHERE cause_kind = 'order' GROUP BY cause_id) m ON m.cause_id = o.id
    WHERE coalesce(m.change, 0) <> 0
        OR coalesce(m.came, 0) <> CASE WHEN o.outlet_id IS NULL THEN 0 ELSE coalesce(l.accepted, 0) END"""
SERIES = (
    ("orders of operator", "SELECT operator_id AS key, number FROM orders WHERE number IS NOT NULL"),
    ("invoices of seller", "SELECT seller_id AS key, number FROM invoices"),
    ("credit notes of seller", "SELECT seller_id AS key, number FROM credit_notes"),
    ("receipts of seller", "SELECT seller_id AS key, number FROM payment_receipts"),
    (
        "delivery notes of seller",
        """SELECT seller_id AS key, number FROM shipments
        UNION ALL SELECT seller_id AS key, number FROM deliveries WHERE number LIKE 'SJ/%'""",
    ),
)
GAPS = """SELECT key, substr(number, length(number) - 8, 4) AS year, count(*),
        max(CAST(substr(number, length(number) - 3) AS INTEGER))
    FROM ({rows}) n WHERE length(number) <= 13 GROUP BY key, substr(number, length(number) - 8, 4)
    HAVING count(*) <> max(CAST(substr(number, length(number) - 3) AS INTEGER))"""
CHECKS = (
    (RESERVED, "product {0}: {1} promised, reservations say {2}"),
    (ON_HAND, "product {0}: {1} ready, its entries say {2}"),
    (WEEKS, "product {0}, week of {1}: {2} booked, reservations say {3}"),
    (LEFT, "reservation {0}: {1} left the ready stock, its line says {2}"),
    (HELD, "order {0} is {1}, its promises say something else"),
    (QUANTITIES, "line {0}: sent {1}, accepted {2}, billed {3}; papers say {4}, {5}, {6}"),
    (TOTALS, "order {0}: goods {1} of lines {2}, total {3} of shares {4}, advance {5} of shares {6}"),
    (INVOICES, "invoice {0}: goods {1} of lines {2}, total {3} of shares {4}, or not what is used and due"),
    (ENTERED, "share {0}: {1} billed, the journal says {2}"),
    (CREDITED, "order {0}: {1} credited, the journal says {2}"),
    (GRANTED, "claim {0}: granted without a credit note, or the other way round"),
    (PAPERS, "order {0} is {1}, its papers say something else"),
    (WAITS, "order {0} is {1} with {2} debts that are not paid"),
    (CHAIN, "order {0} is {1}; step {2} comes from {3}, the one before it led to {4}"),
    (LEDGER, "order {0}: {1} accepted for its outlet, the ledger has {2} delivered and {3} left over"),
    *(
        (GAPS.format(rows=rows), f"{whose} {{0}}: {{2}} numbers of {{1}} up to {{3}}")
        for whose, rows in SERIES
    ),
)
TABLES = ("orders", "reservations", "ready_stocks", "capacity_weeks", "payment_receipts", "deliveries")
"""Whose rows the sentences are about; all else hangs on these."""
PLACED = (None, OrderState.PLACED.value), (None, OrderState.AWAITING_APPROVAL.value)


def differences() -> Iterator[str]:
    """One sentence for each thing that orders keep and that their rows do not bear out."""
    with snapshot() as connection:
        yield from sentences_of(connection, CHECKS, **STATES)
        yield from _illegal_steps(connection)


def _illegal_steps(connection: Connection) -> Iterator[str]:
    """Every way that an order ever went, against the table; there are few, however many orders."""
    legal = {
        (act.verb.value, source.value, target.value, act.side.value)
        for act in ORDER_ACTS
        for source in act.sources
        for target in _targets(act.verb, act.target)
    }
    for verb, before, after, side, order_id in connection.execute(text(STEPS)):
        is_first = before is None and (before, after) in PLACED
        if not is_first and (verb, before, after, side) not in legal:
            yield f"order {order_id}: {verb} from {before} to {after} by {side} is in no line of the table"


def _targets(verb: OrderVerb, target: OrderState) -> tuple[OrderState, ...]:
    """Where a verb may lead: CONFIRM and AGREE to the payment where one comes first."""
    if verb in {OrderVerb.CONFIRM, OrderVerb.AGREE}:
        return target, OrderState.AWAITING_PAYMENT
    return (target,)
