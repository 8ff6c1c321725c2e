"""What a reading of the unsettled looks at: rows, what both agreed, what is settled, charged and issued."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from .... import clock
from ....catalog.models import Product
from ....clock import FIRST_DAY
from ....organizations.models import OutletFacts
from ....organizations.versions import facts_on
from ....stock.models import ORDER_CAUSE, StockMovement
from ...models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    AgreementVersionProduct,
    Basis,
    BorneLoss,
    Markdown,
    MarkdownState,
    Settlement,
    SettlementLine,
    SettlementState,
    VersionState,
)
from ...rules.settling import Charges, VersionTerms
from ...rules.terms import AnnexPrice, Span

Pair = tuple[int, int]
Shelf = tuple[int, int]


@dataclass(frozen=True)
class Scope:
    """Which shelves: some outlets, maybe of one seller alone."""

    outlet_ids: tuple[int, ...]
    seller_id: int | None = None


class Row(NamedTuple):
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


def settle_from() -> date:
    """The first day whose sales are settled here."""
    found: date = current_app.config["SETTLE_FROM"] or FIRST_DAY
    return found


class Evidence:
    """What is known of some shelves up to a day, read once for all of them."""

    def __init__(self, session: Session, scope: Scope, until: date) -> None:
        self.session, self.scope, self.until = session, scope, until
        self.spans: dict[Pair, list[Span]] = {}
        self.versions: dict[int, list[VersionTerms]] = {}
        self.parties: dict[int, Pair] = {}
        self.annex: dict[tuple[int, int], AnnexPrice] = {}
        self.charges: dict[Shelf, Charges] = {}
        self.markdowns: dict[Shelf, list[tuple[date, date, int]]] = {}
        self.issued: dict[int, list[tuple[date, datetime]]] = {}

    def read(self) -> list[Row]:
        """The unsettled rows by shelf and day, and all that says what they bring."""
        rows = self._rows()
        if not rows:
            return []
        self._read_terms()
        self._read_prices()
        self._read_charges({(row.outlet_id, row.product_id) for row in rows if row.kind in ("loss", "found")})
        if any(row.kind == "found" for row in rows):
            self._read_issued()
        return rows

    def _here(self, outlet: Any, seller: Any) -> list[Any]:
        criteria = [outlet.in_(self.scope.outlet_ids)]
        if self.scope.seller_id is not None:
            criteria.append(seller == self.scope.seller_id)
        return criteria

    def _rows(self) -> list[Row]:
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
                StockMovement.cause_kind != ORDER_CAUSE,
                StockMovement.occurred_on <= self.until,
                StockMovement.occurred_on >= settle_from(),
                ~is_settled.exists(),
            )
            .order_by(
                StockMovement.outlet_id, StockMovement.seller_id, StockMovement.occurred_on, StockMovement.id
            )
        )  # fmt: skip
        rows: list[Any] = list(self.session.execute(query))
        return [Row(*row) for row in rows]

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

    def was_read(self, row: Row, span: Span) -> bool:
        """Whether a settlement was issued that looked at this find, and had no charge to give back for it."""
        return any(
            row.occurred_on <= last_day and row.recorded_at < issued_at
            for last_day, issued_at in self.issued.get(span.agreement_id, ())
        )

    # --- for the plan ----------------------------------------------------------------------------------

    def operators(self) -> dict[int, int]:
        query = select(OutletFacts.outlet_id, OutletFacts.operator_id).where(
            OutletFacts.outlet_id.in_(self.scope.outlet_ids), facts_on(OutletFacts, clock.today())
        )
        return dict(self.session.execute(query).all())

    def settled_to(self) -> dict[int, date]:
        query = (
            select(Settlement.agreement_id, func.max(Settlement.last_day))
            .where(
                *self._here(Settlement.outlet_id, Settlement.seller_id),
                Settlement.state != SettlementState.DRAFT.value,
            )
            .group_by(Settlement.agreement_id)
        )
        return dict(self.session.execute(query).all())
