"""What of the ledger is not settled yet, in rupiah, cycle by cycle: one reading for one agreement or a city.

A row is settled by the agreement of its own day; what takes an earlier row back undoes exactly what that
row brought. The store's share follows the version in force on the day of the sale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ... import clock
from ...catalog.models import Product
from ...clock import FIRST_DAY
from ...db import db
from ...organizations.models import OutletFacts
from ...organizations.versions import facts_on
from ...stock.models import StockMovement
from ..models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    AgreementVersionProduct,
    Basis,
    Bearer,
    BorneLoss,
    Markdown,
    MarkdownState,
    Settlement,
    SettlementLine,
    SettlementState,
    VersionState,
)
from ..rules.money import Amounts, line_amounts, lost_amounts, retail_price
from ..rules.settling import Charges, Line, LineKind, Planned, VersionTerms, period_of, plan, version_on
from ..rules.terms import AnnexPrice, Span, span_among

Pair = tuple[int, int]
Shelf = tuple[int, int]


@dataclass(frozen=True)
class Scope:
    """Which shelves: some outlets, maybe of one seller alone."""

    outlet_ids: tuple[int, ...]
    seller_id: int | None = None


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


class _Row(NamedTuple):
    """A row of the ledger beside what it takes back and what was settled of that."""

    id: int
    outlet_id: int
    seller_id: int
    product_id: int
    kind: str
    change: int
    price: int | None
    occurred_on: date
    reverses_id: int | None
    product_retail: int | None
    product_price: int
    borne_by: str | None
    first_day: date | None
    first_price: int | None
    settled_quantity: int | None
    settled_price: int | None
    settled_version: int | None
    settled_gross: int | None
    settled_commission: int | None
    settled_net: int | None
    recorded_at: datetime


def unsettled(session: Session | None, scope: Scope, until: date) -> list[Unsettled]:
    """Everything unsettled that happened up to a day, by agreement; agreements without any are left out."""
    if not scope.outlet_ids:
        return []
    return _Reading(session or db.session(), scope, until).read()


def settle_from() -> date:
    """The first day whose sales are settled here."""
    found: date = current_app.config["SETTLE_FROM"] or FIRST_DAY
    return found


class _Reading:
    """One reading: what both agreed, what is settled, what was charged for losses, then row by row."""

    def __init__(self, session: Session, scope: Scope, until: date) -> None:
        self.session, self.scope, self.until = session, scope, until
        self.spans: dict[Pair, list[Span]] = {}
        self.versions: dict[int, list[VersionTerms]] = {}
        self.parties: dict[int, Pair] = {}
        self.charges: dict[Shelf, Charges] = {}
        self.markdowns: dict[Shelf, list[tuple[date, date, int]]] = {}
        self.made: dict[int, Line] = {}
        self.lines: dict[int, list[Line]] = {}
        self.issued: dict[int, list[tuple[date, datetime]]] = {}

    def read(self) -> list[Unsettled]:
        rows = self._rows()
        if not rows:
            return []
        self._read_terms()
        self._read_prices()
        self._read_charges({(row.outlet_id, row.product_id) for row in rows if row.kind in ("loss", "found")})
        if any(row.kind == "found" for row in rows):
            self._read_issued()
        for row in rows:
            self._take(row)
        return list(self._planned())

    # --- reading -------------------------------------------------------------------------------------------

    def _here(self, outlet: Any, seller: Any) -> list[Any]:
        criteria = [outlet.in_(self.scope.outlet_ids)]
        if self.scope.seller_id is not None:
            criteria.append(seller == self.scope.seller_id)
        return criteria

    def _rows(self) -> list[_Row]:
        first, settled = aliased(StockMovement), aliased(SettlementLine)
        is_settled = select(SettlementLine.movement_id).where(SettlementLine.movement_id == StockMovement.id)
        query = (
            select(
                StockMovement.id, StockMovement.outlet_id, StockMovement.seller_id, StockMovement.product_id,
                StockMovement.kind, StockMovement.change, StockMovement.unit_price_rupiah,
                StockMovement.occurred_on, StockMovement.reverses_id, Product.retail_price_rupiah,
                Product.price_rupiah, BorneLoss.borne_by, first.occurred_on, first.unit_price_rupiah,
                settled.quantity, settled.unit_price_rupiah, settled.version_id, settled.gross_rupiah,
                settled.commission_rupiah, settled.net_rupiah, StockMovement.recorded_at,
            )
            .join(Product, Product.id == StockMovement.product_id)
            .outerjoin(
                BorneLoss,
                and_(StockMovement.kind == "loss", BorneLoss.movement_ref == StockMovement.movement_ref),
            )
            .outerjoin(first, first.id == StockMovement.reverses_id)
            .outerjoin(settled, settled.movement_id == StockMovement.reverses_id)
            .where(
                *self._here(StockMovement.outlet_id, StockMovement.seller_id),
                StockMovement.kind.in_(("sale", "loss", "found")),
                StockMovement.occurred_on <= self.until,
                StockMovement.occurred_on >= settle_from(),
                ~is_settled.exists(),
            )
            .order_by(
                StockMovement.outlet_id, StockMovement.seller_id, StockMovement.occurred_on, StockMovement.id
            )
        )  # fmt: skip
        rows: list[Any] = list(self.session.execute(query))
        return [_Row(*row) for row in rows]

    def _agreed(self, columns: Iterable[Any]) -> Select[Any]:
        return (
            select(*columns)
            .select_from(Agreement)
            .where(
                *self._here(Agreement.outlet_id, Agreement.seller_id),
                Agreement.basis == Basis.CONSIGNMENT.value,
                Agreement.state == AgreementState.ACCEPTED.value,
            )
        )

    def _read_terms(self) -> None:
        spans = self._agreed(
            (
                Agreement.outlet_id, Agreement.seller_id, Agreement.id, Agreement.starts_on,
                Agreement.ends_on, Agreement.terminated_on,
            )
        )  # fmt: skip
        for outlet_id, seller_id, *span in self.session.execute(spans):
            self.spans.setdefault((outlet_id, seller_id), []).append(Span(*span))
            self.parties[span[0]] = (outlet_id, seller_id)
        version = AgreementVersion
        terms = (
            self._agreed(
                (
                    version.agreement_id, version.id, version.number, version.valid_from,
                    version.commission_basis, version.commission_percent, version.commission_rupiah,
                    version.settlement_cycle, version.due_days,
                )
            )
            .join(version, version.agreement_id == Agreement.id)
            .where(version.state == VersionState.ACCEPTED.value)
            .order_by(version.number)
        )  # fmt: skip
        for agreement_id, *values in self.session.execute(terms):
            self.versions.setdefault(agreement_id, []).append(VersionTerms(*values))

    def _read_prices(self) -> None:
        annex = AgreementVersionProduct
        query = (
            self._agreed(
                (annex.version_id, annex.product_id, annex.retail_price_rupiah, annex.net_price_rupiah)
            )
            .join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
            .join(annex, annex.version_id == AgreementVersion.id)
            .where(or_(annex.retail_price_rupiah.is_not(None), annex.net_price_rupiah.is_not(None)))
        )
        self.annex = {
            (version_id, product_id): AnnexPrice(retail, net)
            for version_id, product_id, retail, net in self.session.execute(query)
        }
        agreed = select(
            Markdown.outlet_id, Markdown.product_id, Markdown.first_day, Markdown.last_day,
            Markdown.price_rupiah, Markdown.answered_at,
        ).where(
            *self._here(Markdown.outlet_id, Markdown.seller_id),
            Markdown.state == MarkdownState.AGREED.value,
        )  # fmt: skip
        for outlet_id, product_id, first, last, price, answered_at in self.session.execute(agreed):
            since = max(first, clock.wib_day(answered_at)) if answered_at else first
            self.markdowns.setdefault((outlet_id, product_id), []).append((since, last, price))

    def _read_charges(self, shelves: Collection[Shelf]) -> None:
        if not shelves:
            return
        line, moved = SettlementLine, StockMovement
        query = (
            select(moved.outlet_id, moved.product_id, func.sum(line.quantity), func.sum(line.net_rupiah))
            .join(line, line.movement_id == moved.id)
            .where(
                *self._here(moved.outlet_id, moved.seller_id),
                moved.product_id.in_({product_id for _outlet_id, product_id in shelves}),
                moved.kind.in_(("loss", "found")),
            )
            .group_by(moved.outlet_id, moved.product_id)
        )
        for outlet_id, product_id, units, rupiah in self.session.execute(query):
            self.charges[outlet_id, product_id] = Charges(int(units), int(rupiah))

    def _read_issued(self) -> None:
        query = select(Settlement.agreement_id, Settlement.last_day, Settlement.issued_at).where(
            *self._here(Settlement.outlet_id, Settlement.seller_id),
            Settlement.issued_at.is_not(None),
        )
        for agreement_id, last_day, issued_at in self.session.execute(query):
            if issued_at is not None:
                self.issued.setdefault(agreement_id, []).append((last_day, issued_at))

    def _was_read(self, row: _Row, span: Span) -> bool:
        """Whether a settlement was issued that looked at this find, and had no charge to give back for it."""
        return any(
            row.occurred_on <= last_day and row.recorded_at < issued_at
            for last_day, issued_at in self.issued.get(span.agreement_id, ())
        )

    # --- row by row ----------------------------------------------------------------------------------------

    def _take(self, row: _Row) -> None:
        span = span_among(self.spans.get((row.outlet_id, row.seller_id), ()), row.occurred_on)
        if span is None or span.agreement_id not in self.versions:
            return
        line = self._taken_back(row) if row.reverses_id is not None else self._first(row, span)
        if line is not None:
            self.made[row.id] = line
            self.lines.setdefault(span.agreement_id, []).append(line)

    def _first(self, row: _Row, span: Span) -> Line | None:
        """A sale, a loss that the outlet bears, or units found again for which it was charged."""
        charges = self.charges.setdefault((row.outlet_id, row.product_id), Charges())
        terms = version_on(self.versions[span.agreement_id], row.occurred_on)
        price, net = self._prices(row, terms, row.price if row.kind == "sale" else None, row.occurred_on)
        units = abs(row.change)
        if row.kind == "sale":
            amounts = line_amounts(terms, units, price, net)
            return self._line(row, LineKind.SALE, units, price, terms.id, amounts)
        if row.kind == "loss":
            if row.borne_by != Bearer.OUTLET:
                return None
            amounts = lost_amounts(terms, units, price, net)
            charges.charge(units, amounts.net)
            return self._line(row, LineKind.LOSS, units, amounts.net // units, terms.id, amounts)
        if self._was_read(row, span):  # a loss that came later is not made good by an earlier find
            return None
        return self._given_back(row, LineKind.FOUND, charges, units, terms.id)

    def _taken_back(self, row: _Row) -> Line | None:
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
        charges = self.charges.setdefault((row.outlet_id, row.product_id), Charges())
        if row.kind == "sale":
            return self._line(row, LineKind.REVERSAL, -quantity, price, version, -brought)
        if row.kind == "loss":
            return self._given_back(row, LineKind.LOSS, charges, quantity, version)
        charges.charge(-quantity, -brought.net)
        return self._line(row, LineKind.FOUND, -quantity, price, version, -brought)

    def _taken_back_unknown(self, row: _Row, units: int) -> Line | None:
        """A sale that was settled outside, before SETTLE_FROM, was taken back: it brought what it should."""
        day = row.first_day or row.occurred_on
        span = span_among(self.spans.get((row.outlet_id, row.seller_id), ()), day)
        if span is None or span.agreement_id not in self.versions:
            return None
        terms = version_on(self.versions[span.agreement_id], day)
        price, net = self._prices(row, terms, row.first_price, day)
        amounts = line_amounts(terms, -units, price, net)
        return self._line(row, LineKind.REVERSAL, -units, price, terms.id, amounts)

    def _given_back(
        self, row: _Row, kind: LineKind, charges: Charges, units: int, version_id: int
    ) -> Line | None:
        taken, rupiah = charges.give_back(units)
        if not taken:
            return None
        return self._line(row, kind, -taken, rupiah // taken, version_id, Amounts(-rupiah, 0, -rupiah))

    def _prices(
        self, row: _Row, terms: VersionTerms, sold_at: int | None, day: date
    ) -> tuple[int, int | None]:
        """The customer's price of a unit and the maker's net price, by the annex or by the product."""
        annex = self.annex.get((terms.id, row.product_id))
        consented = min(
            (
                price
                for first, last, price in self.markdowns.get((row.outlet_id, row.product_id), ())
                if first <= day <= last
            ),
            default=None,
        )
        price = retail_price(
            sold_at, annex.retail_rupiah if annex else None, consented, row.product_retail, row.product_price
        )
        net = annex.net_rupiah if annex and annex.net_rupiah is not None else row.product_price
        return price, net

    @staticmethod
    def _line(
        row: _Row, kind: LineKind, quantity: int, price: int, version_id: int, amounts: Amounts
    ) -> Line:
        return Line(row.id, row.product_id, kind, row.occurred_on, quantity, price, version_id, amounts)

    # --- cycle by cycle ------------------------------------------------------------------------------------

    def _planned(self) -> Iterator[Unsettled]:
        operators = self._operators()
        settled_to = self._settled_to()
        for agreement_id, lines in self.lines.items():
            versions = self.versions[agreement_id]
            outlet_id, seller_id = self.parties[agreement_id]
            last = settled_to.get(agreement_id)
            found = Unsettled(agreement_id, outlet_id, seller_id, operators[outlet_id], versions, last)

            def cycle_on(day: date, versions: Sequence[VersionTerms] = versions) -> str:
                return version_on(versions, day).settlement_cycle

            found.planned, found.waiting = plan(lines, cycle_on, last, self.until)
            yield found

    def _operators(self) -> dict[int, int]:
        query = select(OutletFacts.outlet_id, OutletFacts.operator_id).where(
            OutletFacts.outlet_id.in_(self.scope.outlet_ids), facts_on(OutletFacts, clock.today())
        )
        return dict(self.session.execute(query).all())

    def _settled_to(self) -> dict[int, date]:
        query = (
            select(Settlement.agreement_id, func.max(Settlement.last_day))
            .where(
                *self._here(Settlement.outlet_id, Settlement.seller_id),
                Settlement.state != SettlementState.DRAFT.value,
            )
            .group_by(Settlement.agreement_id)
        )
        return dict(self.session.execute(query).all())
