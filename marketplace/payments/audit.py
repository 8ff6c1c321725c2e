"""Computes the journal and what is payable again from their rows, and says what differs."""

from __future__ import annotations

from collections.abc import Iterator

from ..audits import sentences_of, snapshot
from . import charge_audit

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
SUMS = """SELECT operator_id, seller_id, kind, sum(kept), sum(told) FROM (
        SELECT operator_id, seller_id, kind, balance_rupiah AS kept, 0 AS told FROM journal_accounts
            WHERE kind IN ('owed', 'transit', 'received', 'refunds')
        UNION ALL SELECT operator_id, seller_id, 'owed', 0, amount_rupiah - paid_rupiah FROM payables
        UNION ALL SELECT operator_id, seller_id, 'transit', 0, amount_rupiah FROM payments
            WHERE state = 'reported'
        UNION ALL SELECT operator_id, seller_id, 'received', 0, amount_rupiah FROM payments
            WHERE state = 'confirmed' AND method <> 'provider'
        UNION ALL SELECT x.operator_id, y.seller_id, 'received', 0, x.amount_rupiah FROM payout_lines x
            JOIN payouts y ON y.id = x.payout_id
        UNION ALL SELECT operator_id, seller_id, 'received', 0, -amount_rupiah FROM refunds
            WHERE state = 'done' AND charge_id IS NULL
        UNION ALL SELECT operator_id, seller_id, 'refunds', 0, -amount_rupiah FROM refunds
            WHERE state NOT IN ('done', 'dropped')
        UNION ALL SELECT p.operator_id, p.seller_id, 'refunds', 0, i.lost_rupiah FROM charge_items i
            JOIN payables p ON p.id = i.payable_id WHERE i.outcome = 'returned'
    ) s GROUP BY operator_id, seller_id, kind HAVING sum(kept) <> sum(told)"""
"""Accounts beside the rows that they must follow from; what a provider holds is reckoned in charge_audit."""
RETURNED = """SELECT p.kind, p.document_id, p.paid_rupiah, sum(r.amount_rupiah) FROM payables p
    JOIN refunds r ON r.payable_id = p.id
    WHERE r.state <> 'dropped' GROUP BY p.id, p.kind, p.document_id, p.paid_rupiah
    HAVING sum(r.amount_rupiah) > p.paid_rupiah AND sum(
        CASE WHEN r.state IN ('waiting', 'due') THEN 1 ELSE 0 END) > 0"""
TABLES = (
    "journal_transactions", "journal_accounts", "payables", "payments", "refunds", "charges",
    "provider_events", "payouts",
)  # fmt: skip
"""Whose rows the sentences are about; all else hangs on these."""
CHECKS = (
    (UNBALANCED, "entry {0} sums to {1}"),
    (BALANCES, "account {0} ({1} of operator {2}, seller {3}): {4} kept, lines say {5}"),
    (REVERSALS, "entry {0} does not exactly take back {1}"),
    (PAID, "{0} {1}: {2} paid and {3} confirmed, payments say {4} and {5}"),
    (SPREAD, "payment {0} of {1} is spread over {2}"),
    (STRANGERS, "payment {0} pays the debt {1} of others"),
    (SUMS, "operator {0}, seller {1}: the journal says {3} {2}, rows say {4}"),
    (RETURNED, "{0} {1}: {2} was paid, {3} is to go back"),
)


def differences() -> Iterator[str]:
    """One sentence for each thing that is kept of money and that its rows do not bear out."""
    with snapshot() as connection:
        yield from sentences_of(connection, (*CHECKS, *charge_audit.CHECKS))
        yield from charge_audit.differences(connection)
