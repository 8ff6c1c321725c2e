"""What the rows of a shelf bring, in plain Python: written from the agreement's words, not from the code."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple


class Entry(NamedTuple):
    """A line of a settlement."""

    kind: str
    quantity: int
    gross: int
    commission: int
    net: int

    def opposite(self, kind: str) -> Entry:
        """The line that takes this one back."""
        return Entry(kind, -self.quantity, -self.gross, -self.commission, -self.net)


@dataclass(frozen=True)
class Version:
    """Terms from a day on; `prices` by product: the customer's, and the maker's where that was agreed."""

    day: int
    number: int
    basis: str
    percent: Decimal | None
    rupiah: int | None
    bearer: str
    prices: dict[int, tuple[int, int | None]]


@dataclass(frozen=True)
class Row:
    """A row of the ledger that may move money; `reverses` is the row that it takes back."""

    id: int
    product: int
    kind: str
    day: int
    change: int
    price: int | None = None
    bearer: str = ""
    reverses: int | None = None


@dataclass
class Books:
    """Rows, terms, and what was settled of them."""

    versions: list[Version] = field(default_factory=list)
    rows: dict[int, Row] = field(default_factory=dict)
    settled: dict[int, Entry] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    """Rows that a settlement has read, whether or not they brought anything."""
    charged: dict[int, tuple[int, int]] = field(default_factory=dict)

    def terms(self, day: int) -> Version:
        """The version in force on a day."""
        begun = [one for one in self.versions if one.day <= day]
        return max(begun, key=lambda one: (one.day, one.number)) if begun else self.versions[0]

    def sold(self, row: Row) -> Entry:
        """A sale: what customers paid, never less than was agreed, and how it is shared."""
        terms, units = self.terms(row.day), -row.change
        retail, net_price = terms.prices[row.product]
        paid = units * max(retail, row.price or 0)
        if terms.basis == "percent_of_retail":
            assert terms.percent is not None
            share = int((Decimal(paid) * terms.percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
        elif terms.basis == "fixed_per_unit":
            assert terms.rupiah is not None
            share = min(units * terms.rupiah, paid)
        elif terms.basis == "net_price":
            assert net_price is not None
            share = paid - units * net_price
        else:
            share = 0
        return Entry("sale", units, paid, share, paid - share)

    def entry(self, row: Row, made: dict[int, Entry]) -> Entry | None:
        """What a row brings, once everything before it is reckoned; None when nothing."""
        units, rupiah = self.charged.get(row.product, (0, 0))
        if row.reverses is not None:
            first = made.get(row.reverses) or self.settled.get(row.reverses)
            if first is None:
                return None
            if row.kind == "found":
                self.charged[row.product] = (units - first.quantity, rupiah - first.net)
            return first.opposite("reversal" if row.kind == "sale" else row.kind)
        if row.kind == "sale":
            return self.sold(row)
        if row.kind == "loss":
            if row.bearer != "outlet":
                return None
            net = self.sold(Row(row.id, row.product, "sale", row.day, row.change)).net
            self.charged[row.product] = (units - row.change, rupiah + net)
            return Entry("loss", -row.change, net, 0, net)
        back = min(row.change, units)
        if back <= 0:
            return None
        part = rupiah if back == units else rupiah * back // units
        self.charged[row.product] = (units - back, rupiah - part)
        return Entry("found", -back, -part, 0, -part)

    def close(self, last_day: int) -> dict[int, Entry]:
        """Settle everything up to a day that was not read before; answers its lines."""
        waiting = [row for row in self.rows.values() if row.id not in self.closed and row.day <= last_day]
        made: dict[int, Entry] = {}
        for row in sorted(waiting, key=lambda row: (row.day, row.id)):
            found = self.entry(row, made)
            if found is not None:
                made[row.id] = found
            self.closed.add(row.id)
        self.settled |= made
        return made


@dataclass
class Bill:
    """What is owed for a settlement, and how far it is paid."""

    amount: int
    paid: int = 0
    confirmed: int = 0

    @property
    def open(self) -> int:
        """What may still be paid."""
        return self.amount - self.paid
