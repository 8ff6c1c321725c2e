"""Every read of sales reports and of the shelves that people report and count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller
from ...permissions import Actor
from ...stock.models import Lot, LotBalance, SaleLine, ShelfBalance, StockMovement
from ...texts import one_line
from ..models import PriceFlag, SalesReport
from .sides import papers_visible_to
from .versions import agreements_for, annex_prices, terms_on_days

PAGE_SIZE = 25
LINES_SIZE = 100


@dataclass(frozen=True, slots=True)
class ShelfLot:
    """Units of a lot on a shelf now; `lot_id` None: units without a lot."""

    lot_id: int | None
    code: str
    expires_on: date | None
    on_hand: int

    @property
    def is_expired(self) -> bool:
        """Whether it may not be sold any more."""
        return self.expires_on is not None and self.expires_on < clock.today()


@dataclass(frozen=True)
class ShelfItem:
    """One product on an outlet's shelf, with its lots and the price agreed for today."""

    product_id: int
    name: str
    sku: str
    unit: str
    seller_id: int
    seller_name: str
    on_hand: int
    last_on: date | None
    lots: tuple[ShelfLot, ...] = field(default=())
    agreed_rupiah: int | None = None
    list_rupiah: int = 0
    """What the maker's own list says; holds where nothing was agreed."""

    @property
    def price_rupiah(self) -> int:
        """What a customer pays today."""
        return self.list_rupiah if self.agreed_rupiah is None else self.agreed_rupiah

    @property
    def expired(self) -> int:
        """Units that may not be sold any more."""
        return sum(lot.on_hand for lot in self.lots if lot.is_expired)

    @property
    def places(self) -> tuple[ShelfLot, ...]:
        """What is counted one by one: each lot that holds units, and what has no lot."""
        loose = self.on_hand - sum(lot.on_hand for lot in self.lots)
        held = tuple(lot for lot in self.lots if lot.on_hand > 0)
        if loose > 0 or not held:
            return (*held, ShelfLot(None, "", None, loose))
        return held


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in a list."""

    id: int
    outlet_id: int
    outlet_name: str
    source: str
    first_on: date | None
    last_on: date | None
    is_zero: bool
    late_days: int
    line_count: int
    units: int
    missing_units: int
    refused_count: int
    recorded_at: datetime
    reversed_at: datetime | None
    corrects_id: int | None
    reverse_reason: str


@dataclass(frozen=True)
class ReportFilter:
    """Which reports; empty fields do not narrow. `only`: late, zero, reversed or differing."""

    q: str = ""
    outlet_id: int | None = None
    source: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of a report as a person reads it."""

    line_ref: str
    occurred_on: date
    reverses: str | None
    product_name: str
    sku: str
    seller_id: int | None
    seller_name: str
    accepted: int
    difference: int
    unit_price_rupiah: int | None
    is_reversed: bool
    flagged_rupiah: int | None


def shelf_of(
    outlet_id: int, *, q: str = "", seller_id: int | None = None, with_empty_since: date | None = None
) -> list[ShelfItem]:
    """What stands at an outlet now, by maker and name; also what was emptied on or after a day."""
    holds: list[ColumnElement[bool]] = [ShelfBalance.on_hand > 0]
    if with_empty_since is not None:
        holds.append(ShelfBalance.last_on >= with_empty_since)
    query = (
        select(
            Product.id, Product.name, Product.sku, Product.unit, ShelfBalance.seller_id, Seller.name,
            ShelfBalance.on_hand, ShelfBalance.last_on,
            func.coalesce(Product.retail_price_rupiah, Product.price_rupiah),
        )
        .select_from(ShelfBalance)
        .join(Product, Product.id == ShelfBalance.product_id)
        .join(Seller, Seller.id == ShelfBalance.seller_id)
        .where(ShelfBalance.outlet_id == outlet_id, or_(*holds))
        .order_by(Seller.name, Seller.id, Product.name, Product.id)
    )  # fmt: skip
    if seller_id is not None:
        query = query.where(ShelfBalance.seller_id == seller_id)
    if q:
        query = query.where(_like(q, Product.name, Product.sku, Product.gtin, Seller.name))
    items = [ShelfItem(*row[:8], list_rupiah=row[8]) for row in db.session.execute(query)]
    return _with_prices(outlet_id, _with_lots(outlet_id, items))


def _like(q: str, *columns: Any) -> ColumnElement[bool]:
    wanted = one_line(q).lower().replace("\\", "").replace("%", "").replace("_", "\\_")
    return or_(*(func.lower(column).like(f"%{wanted}%", escape="\\") for column in columns))


def _with_lots(outlet_id: int, items: Sequence[ShelfItem]) -> list[ShelfItem]:
    query = (
        select(Lot.product_id, Lot.id, Lot.code, Lot.expires_on, LotBalance.on_hand)
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .where(Lot.outlet_id == outlet_id, LotBalance.on_hand > 0)
        .order_by(Lot.expires_on, Lot.code)
    )
    lots: dict[int, list[ShelfLot]] = {}
    for product_id, lot_id, code, expires_on, on_hand in db.session.execute(query):
        day = None if expires_on == clock.LAST_DAY else expires_on
        lots.setdefault(product_id, []).append(ShelfLot(lot_id, code, day, on_hand))
    return [replace(item, lots=tuple(lots.get(item.product_id, ()))) for item in items]


def _with_prices(outlet_id: int, items: Sequence[ShelfItem]) -> list[ShelfItem]:
    today, session = clock.today(), db.session()
    agreements = agreements_for(session, {(outlet_id, item.seller_id, today) for item in items})
    terms = terms_on_days(session, {(agreement_id, today) for agreement_id in agreements.values()})
    annexes = annex_prices(session, {held.version_id for held in terms.values()})
    priced = []
    for item in items:
        agreement_id = agreements.get((outlet_id, item.seller_id, today))
        held = terms.get((agreement_id, today)) if agreement_id is not None else None
        annex = annexes.get((held.version_id, item.product_id)) if held else None
        priced.append(replace(item, agreed_rupiah=annex.retail_rupiah if annex else None))
    return priced


# --- reports ------------------------------------------------------------------------------------------------


def _reports() -> Any:
    return select(
        SalesReport.id, SalesReport.outlet_id, Outlet.name, SalesReport.source, SalesReport.first_on,
        SalesReport.last_on, SalesReport.is_zero, SalesReport.late_days, SalesReport.line_count,
        SalesReport.units, SalesReport.missing_units, SalesReport.refused_count, SalesReport.recorded_at,
        SalesReport.reversed_at, SalesReport.corrects_id, SalesReport.reverse_reason,
    ).join(Outlet, Outlet.id == SalesReport.outlet_id)  # fmt: skip


def _criteria(actor: Actor, asked: ReportFilter) -> list[ColumnElement[bool]]:
    criteria = [_sees(actor)]
    if asked.outlet_id is not None:
        criteria.append(SalesReport.outlet_id == asked.outlet_id)
    if asked.source:
        criteria.append(SalesReport.source == asked.source)
    if asked.q:
        criteria.append(_like(asked.q, Outlet.name, Outlet.outlet_ref))
    only: dict[str, ColumnElement[bool]] = {
        "late": SalesReport.late_days > 0,
        "zero": SalesReport.is_zero.is_(True),
        "reversed": SalesReport.reversed_at.is_not(None),
        "differing": SalesReport.missing_units > 0,
    }
    if asked.only in only:
        criteria.append(only[asked.only])
    return criteria


def _sees(actor: Actor) -> ColumnElement[bool]:
    """Reports of outlets that an actor may read: a retailer's own, an office's region. No seller: a report
    tells of other makers' goods as well."""
    if actor.seller_id is not None and not actor.is_office:
        return SalesReport.id < 0
    return papers_visible_to(actor, SalesReport.outlet_id, SalesReport.outlet_id)


def reports_of(
    actor: Actor, asked: ReportFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> tuple[list[ReportRow], int]:
    """Reports that an actor may read, the newest first, and how many there are."""
    criteria = _criteria(actor, asked)
    query = _reports().where(*criteria).order_by(SalesReport.id.desc())
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    count = (
        select(func.count())
        .select_from(SalesReport)
        .join(Outlet, Outlet.id == SalesReport.outlet_id)
        .where(*criteria)
    )
    rows = [ReportRow(*row) for row in db.session.execute(query)]
    return rows, int(db.session.scalar(count) or 0)


def report_for(actor: Actor, report_id: int) -> ReportRow | None:
    """One report that the actor may read."""
    row = db.session.execute(_reports().where(SalesReport.id == report_id, _sees(actor))).one_or_none()
    return ReportRow(*row) if row else None


def corrections_of(report_id: int) -> list[int]:
    """The reports that correct this one."""
    query = select(SalesReport.id).where(SalesReport.corrects_id == report_id).order_by(SalesReport.id)
    return list(db.session.scalars(query))


def lines_of(
    report_id: int, *, number: int = 1, size: int = LINES_SIZE, line_ref: str | None = None
) -> list[ReportLine]:
    """Lines of a report, by day and reference."""
    back, movement = aliased(StockMovement), aliased(StockMovement)
    is_reversed = (
        select(back.id)
        .join(movement, movement.id == back.reverses_id)
        .where(movement.movement_ref == SaleLine.movement_ref, movement.part == 0)
        .correlate(SaleLine)
        .exists()
    )
    query = (
        select(
            SaleLine.line_ref, SaleLine.occurred_on, SaleLine.reverses, Product.name, Product.sku,
            SaleLine.seller_id, Seller.name, SaleLine.accepted, SaleLine.difference,
            SaleLine.unit_price_rupiah, is_reversed, PriceFlag.agreed_rupiah,
        )
        .outerjoin(Product, Product.id == SaleLine.product_id)
        .outerjoin(Seller, Seller.id == SaleLine.seller_id)
        .outerjoin(
            PriceFlag,
            (PriceFlag.outlet_id == SaleLine.outlet_id) & (PriceFlag.line_ref == SaleLine.line_ref),
        )
        .where(SaleLine.report_id == report_id)
        .order_by(SaleLine.occurred_on, SaleLine.line_ref)
        .limit(size)
        .offset((number - 1) * size)
    )  # fmt: skip
    if line_ref is not None:
        query = query.where(SaleLine.line_ref == line_ref)
    return [
        ReportLine(
            *row[:3], row[3] or "", row[4] or "", row[5], row[6] or "", *row[7:10], bool(row[10]), row[11]
        )
        for row in db.session.execute(query)
    ]


def last_reports(outlet_ids: Sequence[int]) -> dict[int, date]:
    """The last day that the standing reports of some outlets speak of."""
    query = (
        select(SalesReport.outlet_id, func.max(SalesReport.last_on))
        .where(
            SalesReport.outlet_id.in_(outlet_ids),
            SalesReport.reversed_at.is_(None),
            SalesReport.last_on.is_not(None),
        )
        .group_by(SalesReport.outlet_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query) if row[1] is not None}


def reports_of_run(run_id: int) -> list[ReportRow]:
    """The reports that a file made, one for each outlet in it."""
    query = _reports().where(SalesReport.import_run_id == run_id).order_by(Outlet.name, SalesReport.id)
    return [ReportRow(*row) for row in db.session.execute(query)]
