"""Computes what a provider carried again, charge by charge and pair by pair, and says what differs.

For each charge: captured = owed to its sellers (held or paid out) + fees + refunds + what payers' banks took
back, by its rows and by the journal. For each pair: what is held follows from charges, fees, refunds,
disputes and payouts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import JSON, Connection, text

from .rules.charging import share_out

STATES = """SELECT c.id, c.state, count(i.payable_id),
        sum(CASE WHEN i.is_live THEN 1 ELSE 0 END), count(i.outcome), coalesce(sum(i.amount_rupiah), 0),
        c.amount_rupiah
    FROM charges c LEFT JOIN charge_items i ON i.charge_id = c.id
    GROUP BY c.id, c.state, c.amount_rupiah"""
PAID_ITEMS = """SELECT i.charge_id, i.payable_id, i.amount_rupiah, i.lost_rupiah,
        coalesce(sum(y.amount_rupiah), 0)
    FROM charge_items i
    JOIN charges c ON c.id = i.charge_id
    LEFT JOIN payment_allocations x ON x.payable_id = i.payable_id
    LEFT JOIN payments y ON y.id = x.payment_id AND y.state = 'confirmed' AND y.method = 'provider'
        AND y.idempotency_key LIKE c.reference || ':%'
    GROUP BY i.charge_id, i.payable_id, i.amount_rupiah, i.lost_rupiah, i.outcome
    HAVING coalesce(sum(y.amount_rupiah), 0)
        <> CASE WHEN i.outcome = 'paid' THEN i.amount_rupiah - i.lost_rupiah ELSE 0 END"""
RETURNED_ITEMS = """SELECT i.charge_id, i.payable_id FROM charge_items i
    LEFT JOIN refunds r ON r.ref = 'charge:' || i.charge_id || ':' || i.payable_id
    WHERE i.outcome = 'returned' AND r.id IS NULL"""
REFUNDED = """SELECT c.id, c.captured_rupiah, c.refunded_rupiah, c.lost_rupiah, coalesce(r.done, 0),
        coalesce(d.lost, 0), coalesce(r.promised, 0)
    FROM charges c
    LEFT JOIN (
        SELECT charge_id, sum(CASE WHEN state = 'done' THEN amount_rupiah ELSE 0 END) AS done,
            sum(CASE WHEN state <> 'dropped' THEN amount_rupiah ELSE 0 END) AS promised
        FROM refunds WHERE charge_id IS NOT NULL GROUP BY charge_id
    ) r ON r.charge_id = c.id
    LEFT JOIN (
        SELECT charge_id, sum(amount_rupiah) AS lost FROM charge_disputes WHERE state = 'lost'
        GROUP BY charge_id
    ) d ON d.charge_id = c.id
    WHERE c.refunded_rupiah <> coalesce(r.done, 0) OR c.lost_rupiah <> coalesce(d.lost, 0)
        OR coalesce(r.promised, 0) > c.captured_rupiah"""
BY_JOURNAL = """SELECT c.id, c.captured_rupiah, c.fee_rupiah, c.refunded_rupiah + c.lost_rupiah,
        coalesce(j.captured, 0), coalesce(j.fees, 0), coalesce(j.held, 0), coalesce(d.open, 0)
    FROM charges c
    LEFT JOIN (
        SELECT s.charge_id,
            sum(CASE WHEN t.kind = 'captured' AND a.kind = 'held' THEN l.amount_rupiah ELSE 0 END)
                AS captured,
            sum(CASE WHEN a.kind = 'fees' THEN l.amount_rupiah ELSE 0 END) AS fees,
            sum(CASE WHEN a.kind = 'held' THEN l.amount_rupiah ELSE 0 END) AS held
        FROM (
            SELECT t.id, t.cause_id AS charge_id FROM journal_transactions t WHERE t.cause_kind = 'charge'
            UNION ALL SELECT t.id, r.charge_id FROM journal_transactions t
                JOIN refunds r ON r.id = t.cause_id
                WHERE t.cause_kind = 'refund' AND r.charge_id IS NOT NULL
        ) s
        JOIN journal_transactions t ON t.id = s.id
        JOIN journal_lines l ON l.transaction_id = t.id
        JOIN journal_accounts a ON a.id = l.account_id
        GROUP BY s.charge_id
    ) j ON j.charge_id = c.id
    LEFT JOIN (
        SELECT charge_id, sum(amount_rupiah) AS open FROM charge_disputes WHERE state = 'open'
        GROUP BY charge_id
    ) d ON d.charge_id = c.id
    WHERE c.captured_rupiah <> coalesce(j.captured, 0) OR c.fee_rupiah <> coalesce(j.fees, 0)
        OR coalesce(j.held, 0)
            <> c.captured_rupiah - c.fee_rupiah - c.refunded_rupiah - c.lost_rupiah - coalesce(d.open, 0)"""
UNSAID = "SELECT event_ref, kind FROM provider_events WHERE outcome = ''"
ITEMS = """SELECT i.charge_id, c.operator_id, p.seller_id, i.payable_id, i.amount_rupiah, i.outcome,
        c.fee_rupiah
    FROM charge_items i JOIN charges c ON c.id = i.charge_id JOIN payables p ON p.id = i.payable_id
    WHERE c.state = 'paid' ORDER BY i.charge_id, i.payable_id"""
DISPUTES = (
    "SELECT charge_id, state, shares, fee_rupiah FROM charge_disputes WHERE state <> 'won' OR fee_rupiah > 0"
)
GONE = """SELECT operator_id, seller_id, -amount_rupiah FROM refunds
        WHERE state = 'done' AND charge_id IS NOT NULL
    UNION ALL SELECT x.operator_id, y.seller_id, -x.amount_rupiah FROM payout_lines x
        JOIN payouts y ON y.id = x.payout_id"""
HELD = "SELECT operator_id, seller_id, balance_rupiah FROM journal_accounts WHERE kind = 'held'"
PAYOUTS = """SELECT y.id, y.amount_rupiah, coalesce(sum(x.amount_rupiah), 0) FROM payouts y
    LEFT JOIN payout_lines x ON x.payout_id = y.id GROUP BY y.id, y.amount_rupiah
    HAVING y.amount_rupiah <> coalesce(sum(x.amount_rupiah), 0)"""
CHECKS = (
    (PAID_ITEMS, "charge {0}, document {1}: {2} less {3} lost, payments say {4}"),
    (RETURNED_ITEMS, "charge {0}, document {1}: nothing says that its money goes back"),
    (
        REFUNDED,
        "charge {0} of {1}: {2} refunded and {3} lost, rows say {4} and {5}, {6} promised in all",
    ),
    (
        BY_JOURNAL,
        "charge {0}: {1} captured, {2} fees, {3} gone; the journal says {4}, {5}, {6} held and {7} disputed",
    ),
    (UNSAID, "event {0} ({1}): nothing says what came of it"),
    (PAYOUTS, "payout {0} of {1} is of the money of {2}"),
)
Pair = tuple[int, int]


def differences(connection: Connection) -> Iterator[str]:
    """One sentence for each charge or pair whose rows must be laid beside each other to be judged."""
    for key, state, items, live, decided, total, amount in connection.execute(text(STATES)):
        if total != amount:
            yield f"charge {key} of {amount} asks for {total}"
        wanted_live = items if state in {"started", "open", "pending"} else 0
        if (live, decided) != (wanted_live, items if state == "paid" else 0):
            yield f"charge {key} is {state}: {live} of its {items} documents wait, {decided} are decided"
    yield from _held(connection)


def _held(connection: Connection) -> Iterator[str]:
    """What each pair's rows say a provider holds, beside its account."""
    told: dict[Pair, int] = defaultdict(int)
    parties: dict[int, dict[int, Pair]] = defaultdict(dict)
    weights: dict[int, dict[str, dict[int, int]]] = defaultdict(lambda: {"paid": {}, "all": {}})
    fees: dict[int, int] = {}
    for charge, operator, seller, payable, amount, outcome, fee in connection.execute(text(ITEMS)):
        told[operator, seller] += amount
        parties[charge][payable] = (operator, seller)
        fees[charge] = fee
        for name in ("paid", "all") if outcome == "paid" else ("all",):
            found = weights[charge][name]
            found[seller] = found.get(seller, 0) + amount
    for pair, amount in _dispute_parts(connection, parties, weights, fees):
        told[pair] -= amount
    for charge, fee in fees.items():
        for pair, amount in _fee_parts(fee, parties[charge], weights[charge]):
            told[pair] -= amount
    for operator, seller, amount in connection.execute(text(GONE)):
        told[operator, seller] += amount
    for operator, seller, kept in connection.execute(text(HELD)):
        wanted = told.pop((operator, seller), 0)
        if wanted != kept:
            yield f"operator {operator}, seller {seller}: {kept} held, rows say {wanted}"
    for (operator, seller), wanted in told.items():
        if wanted:
            yield f"operator {operator}, seller {seller}: 0 held, rows say {wanted}"


def _dispute_parts(
    connection: Connection,
    parties: Mapping[int, Mapping[int, Pair]],
    weights: Mapping[int, Mapping[str, dict[int, int]]],
    fees: dict[int, int],
) -> Iterator[tuple[Pair, int]]:
    """What disputes took: open and lost ones their shares, all their fees, which leave the charge's own."""
    for charge, state, shares, fee in connection.execute(text(DISPUTES).columns(shares=JSON)):
        if state != "won":
            for payable, amount in shares.items():
                yield parties[charge][int(payable)], amount
        fees[charge] -= fee
        yield from _fee_parts(fee, parties[charge], weights[charge])


def _fee_parts(
    fee: int, parties: Mapping[int, Pair], weights: Mapping[str, dict[int, int]]
) -> Iterator[tuple[Pair, int]]:
    operator = next(iter(parties.values()))[0]
    for seller, amount in share_out(fee, weights["paid"] or weights["all"]).items():
        yield (operator, seller), amount
