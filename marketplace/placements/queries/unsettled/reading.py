"""Row by row what the unsettled brings, then cycle by cycle what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from .... import clock
from ....db import db
from ...models import Bearer
from ...rules.money import Amounts, line_amounts, lost_amounts, retail_price
from ...rules.settling import Charges, Line, LineKind, Planned, VersionTerms, period_of, plan, version_on
from ...rules.terms import Span, span_among
from .evidence import Evidence, Row, Scope


@dataclass
class Unsettled:
    """One agreement: the settlements that its ended cycles ask for, and the lines that wait."""

    agreement_id: int
    outlet_id: int
    seller_id: int
    operator_id: int
    versions: Sequence[VersionTerms]
    settled_to: date | None
    planned: list[Planned] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)

    def due_days(self, day: date) -> int:
        """Days to pay by the terms of a day."""
        return version_on(self.versions, day).due_days

    @property
    def open_cycle(self) -> tuple[date, date]:
        """The cycle that runs today."""
        today = clock.today()
        return period_of(version_on(self.versions, today).settlement_cycle, today)

    @property
    def rupiah(self) -> int:
        """What all of it brings the maker, ended cycles and the running one together."""
        return sum(one.net for one in self.planned) + sum(line.amounts.net for line in self.waiting)


def unsettled(session: Session | None, scope: Scope, until: date) -> list[Unsettled]:
    """Everything unsettled that happened up to a day, by agreement; agreements without any are left out."""
    if not scope.outlet_ids:
        return []
    return _Reading(Evidence(session or db.session(), scope, until)).read()


class _Reading:
    """One reading: each row's line by what is known, then the lines of each agreement by its cycles."""

    def __init__(self, known: Evidence) -> None:
        self.known = known
        self.made: dict[int, Line] = {}
        self.lines: dict[int, list[Line]] = {}

    def read(self) -> list[Unsettled]:
        for row in self.known.read():
            self._take(row)
        return list(self._planned()) if self.lines else []

    # --- row by row ----------------------------------------------------------------------------------------

    def _take(self, row: Row) -> None:
        span = span_among(self.known.spans.get((row.outlet_id, row.seller_id), ()), row.occurred_on)
        if span is None or span.agreement_id not in self.known.versions:
            return
        line = self._taken_back(row) if row.reverses_id is not None else self._first(row, span)
        if line is not None:
            self.made[row.id] = line
            self.lines.setdefault(span.agreement_id, []).append(line)

    def _first(self, row: Row, span: Span) -> Line | None:
        """A sale, a loss that the outlet bears, or units found again for which it was charged."""
        charges = self.known.charges.setdefault((row.outlet_id, row.product_id), Charges())
        terms = version_on(self.known.versions[span.agreement_id], row.occurred_on)
        is_sale, units = row.kind == "sale", abs(row.change)
        price, net = self._prices(
            row, terms, row.price if is_sale else None, row.occurred_on, is_sale=is_sale
        )
        if is_sale:
            amounts = line_amounts(terms, units, price, net)
            return self._line(row, LineKind.SALE, units, price, terms.id, amounts)
        if row.kind == "loss":
            if row.borne_by != Bearer.OUTLET:
                return None
            amounts = lost_amounts(terms, units, price, net)
            charges.charge(units, amounts.net)
            return self._line(row, LineKind.LOSS, units, amounts.net // units, terms.id, amounts)
        if self.known.was_read(row, span):  # a loss that came later is not made good by an earlier find
            return None
        return self._given_back(row, LineKind.FOUND, charges, units, terms.id)

    def _taken_back(self, row: Row) -> Line | None:
        """The opposite of what the row that it takes back brought, whether that was settled or waits too."""
        first, units = self.made.get(row.reverses_id or 0), abs(row.change)
        if row.settled_net is not None:
            brought = Amounts(row.settled_gross or 0, row.settled_commission or 0, row.settled_net)
            quantity, price, version = (
                row.settled_quantity or 0,
                row.settled_price or 0,
                row.settled_version or 0,
            )
        elif first is not None:
            brought, quantity, price, version = (
                first.amounts,
                first.quantity,
                first.unit_price,
                first.version_id,
            )
        elif row.kind == "sale":
            return self._taken_back_unknown(row, units)
        else:
            return None
        charges = self.known.charges.setdefault((row.outlet_id, row.product_id), Charges())
        if row.kind == "sale":
            return self._line(row, LineKind.REVERSAL, -quantity, price, version, -brought)
        if row.kind == "loss":
            return self._given_back(row, LineKind.LOSS, charges, quantity, version)
        charges.charge(-quantity, -brought.net)
        return self._line(row, LineKind.FOUND, -quantity, price, version, -brought)

    def _taken_back_unknown(self, row: Row, units: int) -> Line | None:
        """A sale that was settled outside, before SETTLE_FROM, was taken back: it brought what it should."""
        day = row.first_day or row.occurred_on
        span = span_among(self.known.spans.get((row.outlet_id, row.seller_id), ()), day)
        if span is None or span.agreement_id not in self.known.versions:
            return None
        terms = version_on(self.known.versions[span.agreement_id], day)
        price, net = self._prices(row, terms, row.first_price, day)
        amounts = line_amounts(terms, -units, price, net)
        return self._line(row, LineKind.REVERSAL, -units, price, terms.id, amounts)

    def _given_back(
        self, row: Row, kind: LineKind, charges: Charges, units: int, version_id: int
    ) -> Line | None:
        taken, rupiah = charges.give_back(units)
        if not taken:
            return None
        return self._line(row, kind, -taken, rupiah // taken, version_id, Amounts(-rupiah, 0, -rupiah))

    def _prices(
        self, row: Row, terms: VersionTerms, sold_at: int | None, day: date, *, is_sale: bool = True
    ) -> tuple[int, int | None]:
        """The customer's price of a unit and the maker's net price, by the annex or by the product.

        What the maker consented to is a lower price for customers: units that were lost are not sold by it.
        """
        annex = self.known.annex.get((terms.id, row.product_id))
        consented = min(
            (
                price
                for first, last, price in self.known.markdowns.get((row.outlet_id, row.product_id), ())
                if is_sale and first <= day <= last
            ),
            default=None,
        )
        price = retail_price(
            sold_at, annex.retail_rupiah if annex else None, consented, row.product_retail, row.product_price
        )
        net = annex.net_rupiah if annex and annex.net_rupiah is not None else row.product_price
        return price, net

    @staticmethod
    def _line(row: Row, kind: LineKind, quantity: int, price: int, version_id: int, amounts: Amounts) -> Line:
        return Line(row.id, row.product_id, kind, row.occurred_on, quantity, price, version_id, amounts)

    # --- cycle by cycle ------------------------------------------------------------------------------------

    def _planned(self) -> Iterator[Unsettled]:
        operators = self.known.operators()
        settled_to = self.known.settled_to()
        for agreement_id, lines in self.lines.items():
            versions = self.known.versions[agreement_id]
            outlet_id, seller_id = self.known.parties[agreement_id]
            last = settled_to.get(agreement_id)
            found = Unsettled(agreement_id, outlet_id, seller_id, operators[outlet_id], versions, last)

            def cycle_on(day: date, versions: Sequence[VersionTerms] = versions) -> str:
                return version_on(versions, day).settlement_cycle

            found.planned, found.waiting = plan(lines, cycle_on, last, self.known.until)
            yield found
