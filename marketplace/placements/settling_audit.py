"""Computes settlements again from the ledger and the terms of each day, and says what differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from ..audits import sentences_of, snapshot
from .rules.money import DAY_ZERO, line_amounts
from .rules.settling import VersionTerms

STREAMED = 5_000
SUMS = """SELECT s.id, s.state, s.line_count, s.gross_rupiah, s.commission_rupiah, s.charged_rupiah,
        s.net_rupiah, count(l.movement_id),
        coalesce(sum(CASE WHEN l.kind IN ('sale', 'reversal') THEN l.gross_rupiah ELSE 0 END), 0),
        coalesce(sum(CASE WHEN l.kind IN ('sale', 'reversal') THEN l.commission_rupiah ELSE 0 END), 0),
        coalesce(sum(CASE WHEN l.kind IN ('loss', 'found') THEN l.net_rupiah ELSE 0 END), 0),
        coalesce(sum(l.net_rupiah), 0)
    FROM settlements s LEFT JOIN settlement_lines l ON l.settlement_id = s.id
    GROUP BY s.id, s.state, s.line_count, s.gross_rupiah, s.commission_rupiah, s.charged_rupiah,
        s.net_rupiah"""
LINES = """SELECT l.movement_id, l.settlement_id, l.kind, l.product_id, l.occurred_on, l.quantity,
        l.unit_price_rupiah, l.gross_rupiah, l.commission_rupiah, l.net_rupiah, s.outlet_id, s.seller_id,
        s.last_day, s.weight, m.outlet_id, m.seller_id, m.product_id, m.kind, m.change, m.occurred_on,
        m.unit_price_rupiah, o.gross_rupiah, o.commission_rupiah, o.net_rupiah, m.reverses_id,
        v.commission_basis, v.commission_percent, v.commission_rupiah, p.net_price_rupiah, v.agreement_id,
        s.agreement_id
    FROM settlement_lines l
    JOIN settlements s ON s.id = l.settlement_id
    JOIN stock_movements m ON m.id = l.movement_id
    JOIN agreement_versions v ON v.id = l.version_id
    LEFT JOIN agreement_version_products p ON p.version_id = l.version_id AND p.product_id = l.product_id
    LEFT JOIN settlement_lines o ON o.movement_id = m.reverses_id
    ORDER BY l.settlement_id, l.movement_id"""
DEBTS = """SELECT s.id, s.net_rupiah, d.amount_rupiah, coalesce(x.withheld, 0), coalesce(x.added, 0)
    FROM settlements s
    LEFT JOIN payables d ON d.kind = 'settlement' AND d.document_id = s.id
    LEFT JOIN (
        SELECT settlement_id, sum(CASE WHEN state = 'open' THEN withheld_rupiah ELSE 0 END) AS withheld,
            sum(added_rupiah) AS added
        FROM settlement_disputes GROUP BY settlement_id
    ) x ON x.settlement_id = s.id
    WHERE (s.state = 'draft') = (d.id IS NOT NULL)
        OR d.amount_rupiah <> s.net_rupiah - coalesce(x.withheld, 0) + coalesce(x.added, 0)"""
ENTRIES = """SELECT s.id FROM settlements s LEFT JOIN journal_transactions t
        ON t.cause_kind = 'settlement' AND t.cause_id = s.id AND t.kind = 'issued'
    WHERE (s.state = 'draft') = (t.id IS NOT NULL)"""
GAPS = """SELECT operator_id, substr(number, 4, 4), count(*), max(CAST(substr(number, 9) AS INTEGER))
    FROM settlements WHERE number IS NOT NULL GROUP BY operator_id, substr(number, 4, 4)
    HAVING count(*) <> max(CAST(substr(number, 9) AS INTEGER))"""
BILL_GAPS = """SELECT seller_id, substr(bill_number, 4, 4), count(*),
        max(CAST(substr(bill_number, 9) AS INTEGER))
    FROM settlements WHERE bill_number IS NOT NULL GROUP BY seller_id, substr(bill_number, 4, 4)
    HAVING count(*) <> max(CAST(substr(bill_number, 9) AS INTEGER))"""
CHECKS = (
    (DEBTS, "settlement {0}: owes {2}, its lines say {1} less {3} withheld plus {4} added"),
    (ENTRIES, "settlement {0}: its entry in the journal is missing, or it is a draft and has one"),
    (GAPS, "operator {0}: {2} numbers of {1} up to {3}"),
    (BILL_GAPS, "seller {0}: {2} numbers of {1} up to {3}"),
)
TABLES = ("settlements",)
"""Whose rows the sentences are about; all else hangs on these."""


def differences() -> Iterator[str]:
    """One sentence for each thing that settlements keep and that the ledger does not bear out."""
    with snapshot() as connection:
        yield from _sums(connection)
        yield from _lines(connection)
        yield from sentences_of(connection, CHECKS)


def _sums(connection: Connection) -> Iterator[str]:
    names = ("lines", "gross", "commission", "charged", "net")
    for key, state, *figures in connection.execute(text(SUMS)):
        kept, told = figures[:5], figures[5:]
        if state == "draft":
            if told[0]:
                yield f"settlement {key}: a draft with {told[0]} lines"
            continue
        for name, one, other in zip(names, kept, told, strict=True):
            if one != other:
                yield f"settlement {key}: {one} {name}, its lines say {other}"


def _lines(connection: Connection) -> Iterator[str]:
    """Each line against its movement and the terms of its version; and the weight of each settlement."""
    current, weight, told = None, 0, 0
    rows = connection.execute(text(LINES), execution_options={"yield_per": STREAMED})
    for row in rows:
        line = _Line(row)
        if line.settlement_id != current:
            if current is not None and weight != told:
                yield f"settlement {current}: weight {told}, its lines say {weight}"
            current, weight, told = line.settlement_id, 0, row[13]
        weight += line.net * (line.occurred_on.toordinal() - DAY_ZERO)
        for sentence in line.wrong():
            yield f"settlement {line.settlement_id}, movement {line.movement_id}: {sentence}"
    if current is not None and weight != told:
        yield f"settlement {current}: weight {told}, its lines say {weight}"


class _Line:
    """A settled line beside its movement."""

    def __init__(self, row: Any) -> None:
        (
            self.movement_id, self.settlement_id, self.kind, self.product_id, occurred_on, self.quantity,
            self.price, self.gross, self.commission, self.net, self.outlet_id, self.seller_id, last_day,
            _weight, self.m_outlet, self.m_seller, self.m_product, self.m_kind, self.change, m_day,
            self.sold_at, self.o_gross, self.o_commission, self.o_net, self.reverses_id, basis, percent,
            rupiah, self.net_price, _of_version, _of_settlement,
        ) = row  # fmt: skip
        self.occurred_on, self.last_day, self.m_day = _day(occurred_on), _day(last_day), _day(m_day)
        share = None if percent is None else Decimal(str(percent))
        self.terms = VersionTerms(0, 0, self.occurred_on, basis, share, rupiah, "", 0)

    def wrong(self) -> Iterator[str]:
        """What does not fit."""
        here = (self.outlet_id, self.seller_id, self.product_id, self.occurred_on)
        if here != (self.m_outlet, self.m_seller, self.m_product, self.m_day):
            yield "outlet, seller, product or day differ from the ledger's"
        if self.occurred_on > self.last_day:
            yield f"happened on {self.occurred_on}, after the cycle's end {self.last_day}"
        if (self.m_kind == "sale") != (self.kind in ("sale", "reversal")) or (
            self.kind == "sale" and self.reverses_id is not None
        ):
            yield f"a {self.kind} of a {self.m_kind}"
            return
        if self.m_kind == "sale" and self.quantity != -self.change:
            yield f"{self.quantity} units, the ledger moved {-self.change}"
        if self.m_kind != "sale" and abs(self.quantity) > abs(self.change):
            yield f"{self.quantity} units of {abs(self.change)} in the ledger"
        amounts = (self.gross, self.commission, self.net)
        if self.kind == "reversal" and self.o_net is not None:
            brought = (-self.o_gross, -self.o_commission, -self.o_net)
            if amounts != brought:
                yield f"brings {amounts}, taking the sale back brings {brought}"
        elif self.kind in ("sale", "reversal"):
            yield from self._wrong_share(amounts)
        if self.kind == "sale" and self.sold_at is not None and self.price < self.sold_at:
            yield f"reckoned by {self.price}, sold at {self.sold_at}"

    def _wrong_share(self, amounts: tuple[int, int, int]) -> Iterator[str]:
        """The share as the version says; by a net price that only the product had, only the sum is known."""
        told: tuple[int, int, int]
        if self.terms.commission_basis == "net_price" and self.net_price is None:
            told = (self.quantity * self.price, self.commission, self.quantity * self.price - self.commission)
        else:
            told = line_amounts(self.terms, self.quantity, self.price, self.net_price)
        if amounts != told:
            yield f"brings {amounts}, its terms say {told}"


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
