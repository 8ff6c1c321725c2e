"""A pair's month, source by source: each is read once, whatever the number of products."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased, join, outerjoin

from .... import clock
from ....catalog.models import Product
from ....db import db
from ....stock.models import ORDER_CAUSE, MovementKind, SaleLine, StockMovement
from ...models import (
    Delivery,
    DeliveryLine,
    DeliveryState,
    Difference,
    DifferenceKind,
    DifferenceState,
    Outcome,
    ReturnLine,
    ReturnNote,
    SalesReport,
    Settlement,
    SettlementDispute,
    SettlementLine,
    SettlementState,
    StockCount,
    StockCountLine,
)
from ...rules.month import Figures, Mark, marks
from ..unsettled import Scope, unsettled


class Link(NamedTuple):
    """A document that explains a figure: its kind and id, and what to say of it."""

    kind: str
    id: int
    units: int
    is_open: bool = False
    number: str = ""


@dataclass
class ProductMonth:
    """One product from three sides, the differences, and the documents behind them."""

    product_id: int
    name: str
    sku: str
    unit: str
    figures: Figures
    marks: list[Mark] = field(default_factory=list)
    counted_on: date | None = None
    links: dict[str, list[Link]] = field(default_factory=dict)
    """By what they explain: receipt, excess, count, settlement, return."""


class Pair(NamedTuple):
    """Whose goods where, and when."""

    outlet_id: int
    seller_id: int
    first: date
    last: date


class Sources:
    """One reading of a pair's month: each source once, whatever the number of products."""

    def __init__(self, pair: Pair, *, has_money: bool) -> None:
        self.pair = pair
        self.has_money = has_money
        self.figures: dict[int, Figures] = {}
        self.links: dict[int, dict[str, list[Link]]] = {}
        self.counted_on: dict[int, date] = {}
        self.open: dict[str, Counter[int]] = {"receipt": Counter(), "excess": Counter()}

    def products(self) -> list[ProductMonth]:
        for read in (
            self._opening, self._ledger, self._notes, self._underway, self._sales, self._counts,
            self._returns, self._settled, self._unsettled, self._differences,
        ):  # fmt: skip
            read()
        names = self._names()
        is_over = self.pair.last < clock.today()
        found = [
            ProductMonth(
                key, *names[key], figures,
                marks(
                    figures,
                    open_receipt=self.open["receipt"][key],
                    open_excess=self.open["excess"][key],
                    is_over=is_over,
                ),
                self.counted_on.get(key),
                self.links.get(key, {}),
            )
            for key, figures in self.figures.items()
            if not figures.is_empty
        ]  # fmt: skip
        return sorted(found, key=lambda one: (one.name, one.product_id))

    def _of(self, product_id: int) -> Figures:
        return self.figures.setdefault(product_id, Figures())

    def _link(self, product_id: int, what: str, link: Link) -> None:
        self.links.setdefault(product_id, {}).setdefault(what, []).append(link)

    def _names(self) -> dict[int, tuple[str, str, str]]:
        query = select(Product.id, Product.name, Product.sku, Product.unit).where(
            Product.id.in_(list(self.figures))
        )
        return {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(query)}

    def _here(self, table: Any) -> list[ColumnElement[bool]]:
        return [table.outlet_id == self.pair.outlet_id, table.seller_id == self.pair.seller_id]

    def _within(self, day: Any) -> ColumnElement[bool]:
        return and_(day >= self.pair.first, day <= self.pair.last)

    # --- the ledger ----------------------------------------------------------------------------------------

    def _opening(self) -> None:
        query = (
            select(StockMovement.product_id, func.sum(StockMovement.change))
            .where(*self._here(StockMovement), StockMovement.occurred_on < self.pair.first)
            .group_by(StockMovement.product_id)
        )
        for product_id, units in db.session.execute(query):
            self._of(product_id).opening = int(units)

    def _ledger(self) -> None:
        moved = StockMovement
        query = (
            select(moved.product_id, moved.kind, moved.cause_kind, func.sum(moved.change))
            .where(*self._here(moved), self._within(moved.occurred_on), moved.cause_kind != ORDER_CAUSE)
            .group_by(moved.product_id, moved.kind, moved.cause_kind)
        )
        for product_id, kind, cause, change in db.session.execute(query):
            _take(self._of(product_id), kind, cause, int(change))

    # --- what the store reported, what the maker sent ------------------------------------------------------

    def _notes(self) -> None:
        line = DeliveryLine
        query = (
            select(
                line.product_id, func.sum(line.quantity), func.sum(line.accepted), func.sum(line.short),
                func.sum(line.damaged), func.sum(line.refused),
            )
            .join(Delivery, Delivery.id == line.delivery_id)
            .where(*self._here(Delivery), self._within(Delivery.received_on))
            .group_by(line.product_id)
        )  # fmt: skip
        for product_id, *sums in db.session.execute(query):
            of = self._of(product_id)
            of.sent, of.received, of.short, of.damaged, of.refused = (int(value or 0) for value in sums)

    def _underway(self) -> None:
        query = (
            select(DeliveryLine.product_id, func.sum(DeliveryLine.quantity))
            .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
            .where(
                *self._here(Delivery),
                Delivery.state == DeliveryState.SENT.value,
                self._within(Delivery.sent_on),
            )
            .group_by(DeliveryLine.product_id)
        )
        for product_id, units in db.session.execute(query):
            self._of(product_id).underway = int(units)

    def _told(self, lines: Any, sale: Any, *criteria: ColumnElement[bool]) -> Any:
        """Units of sale lines by product: accepted, and told beyond the shelf where the store still says so.

        `lines` is a join of SalesReport with `sale`.
        """
        fixed = aliased(Difference)
        is_fixed = and_(
            fixed.kind == DifferenceKind.SALE_EXCESS.value,
            fixed.document_id == sale.report_id,
            fixed.line_ref == sale.line_ref,
            fixed.outcome == Outcome.STORE_CORRECTS.value,
        )
        excess = func.sum(case((fixed.id.is_(None), sale.difference), else_=0))
        return (
            select(sale.product_id, func.sum(sale.accepted), excess)
            .select_from(outerjoin(lines, fixed, is_fixed))
            .where(
                SalesReport.outlet_id == self.pair.outlet_id, sale.seller_id == self.pair.seller_id, *criteria
            )
            .group_by(sale.product_id)
        )

    def _sales(self) -> None:
        """What reports told of the month, less what later ones took back."""
        sale, back, pair = aliased(SaleLine), aliased(SaleLine), self.pair
        told = self._told(
            join(SalesReport, sale, sale.report_id == SalesReport.id),
            sale,
            SalesReport.first_on <= pair.last,
            SalesReport.last_on >= pair.first,
            self._within(sale.occurred_on),
            or_(SalesReport.reversed_at.is_(None), sale.accepted > 0),
        )
        backs = join(SalesReport, back, back.report_id == SalesReport.id)
        taken_back = self._told(
            join(backs, sale, and_(sale.outlet_id == back.outlet_id, sale.line_ref == back.reverses)),
            sale,
            SalesReport.recorded_at >= datetime.combine(pair.first, time(), clock.WIB),
            self._within(back.occurred_on),
        )
        for sign, query in ((1, told), (-1, taken_back)):
            for product_id, accepted, excess in db.session.execute(query):
                of = self._of(product_id)
                of.reported += sign * (int(accepted) + int(excess))
                of.excess += sign * int(excess)

    def _counts(self) -> None:
        line = StockCountLine
        query = (
            select(
                line.product_id, StockCount.id, StockCount.counted_on, func.sum(line.counted),
                func.sum(line.counted - line.expected),
            )
            .join(StockCount, StockCount.id == line.count_id)
            .where(
                StockCount.outlet_id == self.pair.outlet_id,
                self._within(StockCount.counted_on),
                line.seller_id == self.pair.seller_id,
            )
            .group_by(line.product_id, StockCount.id, StockCount.counted_on)
            .order_by(StockCount.counted_on, StockCount.id)
        )  # fmt: skip
        for product_id, count_id, counted_on, counted, off in db.session.execute(query):
            self._of(product_id).counted = int(counted)
            self.counted_on[product_id] = counted_on
            self._link(product_id, "count", Link("count", count_id, int(off)))

    # --- what the maker confirmed --------------------------------------------------------------------------

    def _returns(self) -> None:
        query = (
            select(ReturnLine.product_id, ReturnNote.id, ReturnNote.number, func.sum(ReturnLine.fetched))
            .join(ReturnNote, ReturnNote.id == ReturnLine.return_note_id)
            .where(*self._here(ReturnNote), self._within(ReturnNote.fetched_on))
            .group_by(ReturnLine.product_id, ReturnNote.id, ReturnNote.number)
            .order_by(ReturnNote.id)
        )
        for product_id, note_id, number, units in db.session.execute(query):
            self._of(product_id).fetched += int(units or 0)
            self._link(product_id, "return", Link("return", note_id, int(units or 0), number=number))

    def _settled(self) -> None:
        line, moved, dispute = SettlementLine, StockMovement, SettlementDispute
        query = (
            select(
                line.product_id, moved.kind, Settlement.id, Settlement.number, Settlement.state,
                dispute.state, func.sum(line.quantity), func.sum(line.gross_rupiah),
                func.sum(line.commission_rupiah), func.sum(line.net_rupiah),
                func.sum(func.coalesce(dispute.added_rupiah, 0)),
            )
            .select_from(moved)
            .join(line, line.movement_id == moved.id)
            .join(Settlement, Settlement.id == line.settlement_id)
            .outerjoin(dispute, dispute.movement_id == line.movement_id)
            .where(*self._here(moved), self._within(moved.occurred_on))
            .group_by(
                line.product_id, moved.kind, Settlement.id, Settlement.number, Settlement.state, dispute.state
            )
            .order_by(Settlement.id)
        )  # fmt: skip
        for product_id, kind, key, number, state, disputed, *sums in db.session.execute(query):
            units, gross, commission, net, added = (int(value) for value in sums)
            of, is_sale = self._of(product_id), kind == MovementKind.SALE
            _earn(of, is_sale, gross, commission, net)
            of.added_rupiah += added if self.has_money else 0
            name = _answer_of(state, disputed)
            setattr(of, name, getattr(of, name) + (units if is_sale else 0))
            setattr(of, f"{name}_rupiah", getattr(of, f"{name}_rupiah") + net + added)
            link = Link("settlement", key, units, is_open=name != "confirmed", number=number or "")
            if all(one.id != key for one in self.links.get(product_id, {}).get("settlement", ())):
                self._link(product_id, "settlement", link)

    def _unsettled(self) -> None:
        pair = self.pair
        for one in unsettled(None, Scope((pair.outlet_id,), pair.seller_id), pair.last):
            planned = (line for plan in one.planned for line in plan.lines)
            for line in (*planned, *one.waiting):
                if not pair.first <= line.occurred_on <= pair.last:
                    continue
                of = self._of(line.product_id)
                _earn(of, not line.kind.is_loss, *line.amounts)
                of.unsettled += 0 if line.kind.is_loss else line.quantity
                of.unsettled_rupiah += line.amounts.net

    # --- what both see differently -------------------------------------------------------------------------

    def _differences(self) -> None:
        columns = (Difference.id, Difference.product_id, Difference.quantity, Difference.state)
        receipt = (DifferenceKind.DELIVERY_SHORT.value, DifferenceKind.DELIVERY_DAMAGED.value)
        at_receipt = (
            select(*columns)
            .join(Delivery, Delivery.id == Difference.document_id)
            .where(*self._here(Difference), Difference.kind.in_(receipt), self._within(Delivery.received_on))
            .order_by(Difference.id)
        )
        of_sales = (
            select(*columns)
            .join(
                SaleLine,
                and_(SaleLine.outlet_id == Difference.outlet_id, SaleLine.line_ref == Difference.line_ref),
            )
            .where(
                *self._here(Difference),
                Difference.kind == DifferenceKind.SALE_EXCESS.value,
                self._within(SaleLine.occurred_on),
            )
            .order_by(Difference.id)
        )
        for what, query in (("receipt", at_receipt), ("excess", of_sales)):
            for key, product_id, units, state in db.session.execute(query):
                if product_id is None:
                    continue
                is_open = state == DifferenceState.OPEN
                self.open[what][product_id] += (units or 0) if is_open else 0
                self._link(product_id, what, Link("difference", key, units or 0, is_open))


def _take(of: Figures, kind: str, cause: str, change: int) -> None:
    """Add rows of one kind and cause: goods that come count upwards, goods that go as positive units."""
    units = change if kind in (MovementKind.DELIVERY, MovementKind.FOUND) else -change
    names = {
        MovementKind.DELIVERY: "delivered", MovementKind.SALE: "sold", MovementKind.RETURN: "returned",
        MovementKind.LOSS: "lost", MovementKind.FOUND: "found",
    }  # fmt: skip
    parts = {
        (MovementKind.DELIVERY, "delivery"): "delivered_by_note",
        (MovementKind.DELIVERY, "correction"): "delivered_by_correction",
        (MovementKind.SALE, "sales_report"): "sold_by_report",
        (MovementKind.SALE, "correction"): "sold_by_correction",
        (MovementKind.RETURN, "return"): "returned_by_note",
    }
    for name in (names[MovementKind(kind)], parts.get((MovementKind(kind), cause), "")):
        if name:
            setattr(of, name, getattr(of, name) + units)


def _earn(of: Figures, is_sale: bool, gross: int, commission: int, net: int) -> None:
    if is_sale:
        of.gross_rupiah += gross
        of.commission_rupiah += commission
    else:
        of.charged_rupiah += net
    of.net_rupiah += net


def _answer_of(state: str, disputed: str | None) -> str:
    """What the maker said of a settled line."""
    if disputed == "open":
        return "disputed"
    return "confirmed" if state == SettlementState.CONFIRMED or disputed == "closed" else "awaiting"
