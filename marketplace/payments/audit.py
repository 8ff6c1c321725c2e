"""Computes the journal and what is payable again from their rows, and says what differs."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from ..audits import snapshot

UNBALANCED = """SELECT t.ref, sum(l.amount_rupiah) FROM journal_transactions t
    JOIN journal_lines l ON l.transaction_id = t.id GROUP BY t.id, t.ref HAVING sum(l.amount_rupiah) <> 0"""
BALANCES = """SELECT a.id, a.kind, a.operator_id, a.seller_id, a.balance_rupiah, coalesce(l.amount, 0)
    FROM journal_accounts a
    LEFT JOIN (SELECT account_id, sum(amount_rupiah) AS amount FROM journal_lines GROUP BY account_id) l
        ON l.account_id = a.id
    WHERE a.balance_rupiah <> coalesce(l.amount, 0)"""
REVERSALS = """SELECT r.ref, o.ref FROM journal_transactions r
    JOIN journal_transactions o ON o.id = r.reverses_id
    LEFT JOIN journal_lines ol ON ol.transaction_id = o.id
    LEFT JOIN journal_lines rl ON rl.transaction_id = r.id AND rl.account_id = ol.account_id
    WHERE r.reverses_id IS NOT NULL AND ol.account_id IS NOT NULL
        AND (rl.amount_rupiah IS NULL OR rl.amount_rupiah <> -ol.amount_rupiah)"""
PAID = """SELECT p.kind, p.document_id, p.paid_rupiah, p.confirmed_rupiah, coalesce(s.paid, 0),
        coalesce(s.confirmed, 0)
    FROM payables p
    LEFT JOIN (
        SELECT x.payable_id,
            sum(CASE WHEN y.state IN ('reported', 'confirmed') THEN x.amount_rupiah ELSE 0 END) AS paid,
            sum(CASE WHEN y.state = 'confirmed' THEN x.amount_rupiah ELSE 0 END) AS confirmed
        FROM payment_allocations x JOIN payments y ON y.id = x.payment_id GROUP BY x.payable_id
    ) s ON s.payable_id = p.id
    WHERE p.paid_rupiah <> coalesce(s.paid, 0) OR p.confirmed_rupiah <> coalesce(s.confirmed, 0)"""
SPREAD = """SELECT y.id, y.amount_rupiah, coalesce(sum(x.amount_rupiah), 0) FROM payments y
    LEFT JOIN payment_allocations x ON x.payment_id = y.id
    GROUP BY y.id, y.amount_rupiah HAVING y.amount_rupiah <> coalesce(sum(x.amount_rupiah), 0)"""
STRANGERS = """SELECT x.payment_id, x.payable_id FROM payment_allocations x
    JOIN payments y ON y.id = x.payment_id JOIN payables p ON p.id = x.payable_id
    WHERE p.operator_id <> y.operator_id OR p.seller_id <> y.seller_id"""
OWED = """SELECT coalesce(p.operator_id, a.operator_id), coalesce(p.seller_id, a.seller_id),
        coalesce(p.owed, 0), coalesce(a.owed, 0), coalesce(p.transit, 0), coalesce(a.transit, 0),
        coalesce(p.received, 0), coalesce(a.received, 0)
    FROM (
        SELECT operator_id, seller_id, sum(amount_rupiah - paid_rupiah) AS owed,
            sum(paid_rupiah - confirmed_rupiah) AS transit, sum(confirmed_rupiah) AS received
        FROM payables GROUP BY operator_id, seller_id
    ) p
    FULL JOIN (
        SELECT operator_id, seller_id,
            sum(CASE WHEN kind = 'owed' THEN balance_rupiah ELSE 0 END) AS owed,
            sum(CASE WHEN kind = 'transit' THEN balance_rupiah ELSE 0 END) AS transit,
            sum(CASE WHEN kind = 'received' THEN balance_rupiah ELSE 0 END) AS received
        FROM journal_accounts GROUP BY operator_id, seller_id
    ) a ON a.operator_id = p.operator_id AND a.seller_id = p.seller_id
    WHERE coalesce(p.owed, 0) <> coalesce(a.owed, 0) OR coalesce(p.transit, 0) <> coalesce(a.transit, 0)
        OR coalesce(p.received, 0) <> coalesce(a.received, 0)"""


def differences() -> Iterator[str]:
    """One sentence for each thing that is kept of money and that its rows do not bear out."""
    with snapshot() as connection:
        for ref, amount in connection.execute(text(UNBALANCED)):
            yield f"entry {ref} sums to {amount}"
        for key, kind, operator, seller, kept, told in connection.execute(text(BALANCES)):
            whose = f"{kind} of operator {operator}, seller {seller}"
            yield f"account {key} ({whose}): {kept} kept, lines say {told}"
        for ref, original in connection.execute(text(REVERSALS)):
            yield f"entry {ref} does not exactly take back {original}"
        for kind, document, paid, confirmed, told_paid, told_confirmed in connection.execute(text(PAID)):
            yield (
                f"{kind} {document}: {paid} paid and {confirmed} confirmed, "
                f"payments say {told_paid} and {told_confirmed}"
            )
        for key, amount, spread in connection.execute(text(SPREAD)):
            yield f"payment {key} of {amount} is spread over {spread}"
        for payment, payable in connection.execute(text(STRANGERS)):
            yield f"payment {payment} pays the debt {payable} of others"
        for operator, seller, *pairs in connection.execute(text(OWED)):
            names = ("owed", "on its way", "received")
            for name, kept, told in zip(names, pairs[0::2], pairs[1::2], strict=True):
                if kept != told:
                    yield f"operator {operator}, seller {seller}: {kept} {name}, the journal says {told}"
