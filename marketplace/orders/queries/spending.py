"""What was billed for outright orders, less what was credited, as the pieces that reports are made of.

A piece is one maker's share of one invoice: its parcels' other makers have theirs. It counts on the day of
the invoice, with what credit notes have left of it until now; place and size of its maker are of that day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from ...catalog.models import Category, Product
from ...db import db
from ...legal import LegalParameter
from ...organizations.models import OfficeBuyer, Operator, OutletFacts, Seller, SellerFacts
from ...organizations.rules import SizeClass, Thresholds, size_class
from ...payments.models import AccountKind, JournalAccount, JournalLine, JournalTransaction
from ...permissions import within as lies_in
from ..models import CreditNote, Invoice, InvoiceLine, Order, OrderClaim, OrderLine, OrderShare
from ..rules.spending import Piece

DISTRICT_LENGTH = len("33.72.01")
OFFICE, ADDRESS = "office", "address"
"""Kinds of buyers beside those of outlets: an office, and whoever had it sent to an address."""
SHIPPING, TAX = "~shipping", "~tax"
"""What a bill asks beside goods, as if categories; no category has such a name."""
NONE = "~none"
"""The part of what has no category, or no number of procurement."""
SMALLER = frozenset({SizeClass.MICRO, SizeClass.SMALL})


class Spent(NamedTuple):
    """One maker's share of one invoice."""

    order_id: int
    order_number: str
    invoice_number: str
    issued_on: date
    operator_id: int
    operator_name: str
    buyer_kind: str
    seller_id: int
    seller_name: str
    region_code: str
    size: SizeClass
    procurement_ref: str
    rupiah: int

    @property
    def district(self) -> str:
        """The code of its maker's district."""
        return self.region_code[:DISTRICT_LENGTH]

    @property
    def procurement(self) -> str:
        """Its number of procurement, NONE without."""
        return self.procurement_ref or NONE

    @property
    def seller(self) -> str:
        """Its maker, as the address of a page names it."""
        return str(self.seller_id)

    @property
    def month(self) -> str:
        """The month of its invoice, as 2026-11."""
        return f"{self.issued_on:%Y-%m}"

    def piece(self, key: str) -> Piece:
        """It as a piece of a part."""
        return Piece(key, self.seller_id, self.order_id, self.rupiah)


class SpentOn(NamedTuple):
    """What of one invoice was for one category of goods, or for its way or its tax."""

    order_id: int
    order_number: str
    invoice_number: str
    issued_on: date
    seller_id: int
    seller_name: str
    category: str
    rupiah: int

    def piece(self) -> Piece:
        """It as a piece of its category."""
        return Piece(self.category, self.seller_id, self.order_id, self.rupiah)


CUTS = ("seller", "district", "size", "month", "buyer_kind", "procurement")
"""What pieces can be cut by: properties of Spent."""


@dataclass(frozen=True)
class SpentFilter:
    """Which pieces: of which part of a cut, by its key; `local` or `other`: made in the region or not."""

    parts: Mapping[str, str] = field(default_factory=dict)
    local: str = ""


def spent(where: ColumnElement[bool], first: date, last: date) -> list[Spent]:
    """Every maker's share of the invoices of these days, the newest first. `where` is over Order and
    SellerFacts; a maker that was merged into another stands under that one."""
    size_of = _sizes(db.session(), first, last)
    kept = func.coalesce(Seller.merged_into_id, Seller.id)
    columns = (
        Order.id, Order.number, Invoice.number, Invoice.issued_on, Order.operator_id, Operator.name,
        OfficeBuyer.office_id, OutletFacts.kind, kept, SellerFacts.region_code, SellerFacts.capital_rupiah,
        SellerFacts.annual_sales_rupiah, Order.procurement_ref,
        OrderShare.billed_rupiah - func.coalesce(_credited().c.rupiah, 0),
    )  # fmt: skip
    rows = db.session.execute(_shares(columns).where(where, Invoice.issued_on.between(first, last))).all()
    names = _names({row[8] for row in rows})
    return [
        Spent(
            row[0], row[1] or "", row[2], row[3], row[4], row[5],
            OFFICE if row[6] is not None else row[7] or ADDRESS,
            row[8], names[row[8]], row[9], size_of(row[3], row[10], row[11]), row[12], int(row[13]),
        )
        for row in rows
        if row[13]
    ]  # fmt: skip


def _shares(columns: Sequence[Any]) -> Select[Any]:
    credited = _credited()
    seller_day = and_(
        SellerFacts.seller_id == OrderShare.seller_id,
        SellerFacts.superseded_at.is_(None),
        SellerFacts.valid_from <= Invoice.issued_on,
        SellerFacts.valid_to > Invoice.issued_on,
    )
    outlet_day = and_(
        OutletFacts.outlet_id == Order.outlet_id,
        OutletFacts.superseded_at.is_(None),
        OutletFacts.valid_from <= Invoice.issued_on,
        OutletFacts.valid_to > Invoice.issued_on,
    )
    return (
        select(*columns)
        .select_from(Invoice)
        .join(Order, Order.id == Invoice.order_id)
        .join(OrderShare, OrderShare.order_id == Order.id)
        .join(Operator, Operator.id == Order.operator_id)
        .join(Seller, Seller.id == OrderShare.seller_id)
        .join(SellerFacts, seller_day)
        .outerjoin(OutletFacts, outlet_day)
        .outerjoin(OfficeBuyer, OfficeBuyer.operator_id == Order.operator_id)
        .outerjoin(credited, credited.c.share_id == OrderShare.id)
        .where(OrderShare.billed_rupiah > 0)
        .order_by(Invoice.issued_on.desc(), Invoice.id.desc(), OrderShare.id)
    )


_CREDITED = (
    select(JournalTransaction.cause_id.label("share_id"), func.sum(JournalLine.amount_rupiah).label("rupiah"))
    .join(JournalLine, JournalLine.transaction_id == JournalTransaction.id)
    .join(JournalAccount, JournalAccount.id == JournalLine.account_id)
    .where(
        JournalTransaction.kind == "credited",
        JournalTransaction.cause_kind == "order_share",
        JournalAccount.kind.in_((AccountKind.SALES.value, AccountKind.TAX.value)),
    )
    .group_by(JournalTransaction.cause_id)
    .subquery()
)


def _credited() -> Any:
    """What credit notes took off each share, tax included."""
    return _CREDITED


def _names(seller_ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    wanted = sorted(seller_ids)
    for start in range(0, len(wanted), 900):
        query = select(Seller.id, Seller.name).where(Seller.id.in_(wanted[start : start + 900]))
        found.update(dict(db.session.execute(query).all()))
    return found


def matching(rows: Sequence[Spent], asked: SpentFilter, *, region: str = "") -> list[Spent]:
    """Those of some pieces that a filter asks for."""
    return [
        row
        for row in rows
        if all(getattr(row, name) == key for name, key in asked.parts.items())
        and (not asked.local or lies_in(row.region_code, region) == (asked.local == "local"))
    ]


# --- sizes of a day ----------------------------------------------------------------------------------------


def _sizes(session: Session, first: date, last: date) -> Callable[[date, int | None, int | None], SizeClass]:
    """What size a business of so much capital and sales was on a day, with the law read once.

    For days before the first law that is recorded, that law holds, as everywhere (queries.sizes).
    """
    query = select(LegalParameter).where(LegalParameter.key.startswith("msme.", autoescape=True))
    rows = list(session.scalars(query))
    earliest = min((row.valid_from for row in rows), default=first)
    known: dict[date, Thresholds] = {}

    def on(day: date) -> Thresholds:
        if day not in known:
            asked = max(day, earliest)
            known[day] = Thresholds.of(
                {row.key: row.value for row in rows if row.valid_from <= asked < row.valid_to}
            )
        return known[day]

    return lambda day, capital, sales: size_class(capital, sales, on(day))


# --- by category -------------------------------------------------------------------------------------------


def spent_on(where: ColumnElement[bool], first: date, last: date) -> list[SpentOn]:
    """What the invoices of these days were for, by the first level of each product's category, less credits:
    they come to the same as the shares. `where` is over Order."""
    days = Invoice.issued_on.between(first, last)
    found = [*_bought(where, days), *_beside_goods(where, days), *_taken_off(where, days)]
    merged: dict[tuple[int, str], SpentOn] = {}
    for row in found:
        known = merged.get((row.order_id, row.category))
        merged[row.order_id, row.category] = (
            row if known is None else known._replace(rupiah=known.rupiah + row.rupiah)
        )
    rows = [row for row in merged.values() if row.rupiah]
    return sorted(rows, key=lambda row: (row.issued_on, row.order_id), reverse=True)


_HEAD = (Order.id, Order.number, Invoice.number, Invoice.issued_on, Order.seller_id, Seller.name)


def _of_invoices(*columns: Any) -> Select[Any]:
    return (
        select(*_HEAD, *columns)
        .select_from(Invoice)
        .join(Order, Order.id == Invoice.order_id)
        .join(Seller, Seller.id == Order.seller_id)
    )


def _top(path: str | None) -> str:
    return (path or "").partition(" / ")[0] or NONE


def _bought(where: ColumnElement[bool], days: ColumnElement[bool]) -> Iterator[SpentOn]:
    query = (
        _of_invoices(Category.path, func.sum(InvoiceLine.amount_rupiah))
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(OrderLine, OrderLine.id == InvoiceLine.order_line_id)
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .where(where, days)
        .group_by(*_HEAD, Category.path)
    )
    for *head, path, rupiah in db.session.execute(query):
        yield SpentOn._make((*head, _top(path), int(rupiah)))


def _beside_goods(where: ColumnElement[bool], days: ColumnElement[bool]) -> Iterator[SpentOn]:
    query = _of_invoices(Invoice.shipping_rupiah, Invoice.tax_rupiah).where(where, days)
    for *head, shipping, tax in db.session.execute(query):
        yield SpentOn._make((*head, SHIPPING, shipping))
        yield SpentOn._make((*head, TAX, tax))


def _taken_off(where: ColumnElement[bool], days: ColumnElement[bool]) -> Iterator[SpentOn]:
    query = (
        _of_invoices(Category.path, CreditNote.goods_rupiah, CreditNote.tax_rupiah)
        .join(CreditNote, CreditNote.invoice_id == Invoice.id)
        .join(OrderClaim, OrderClaim.id == CreditNote.claim_id)
        .join(OrderLine, OrderLine.id == OrderClaim.order_line_id)
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .where(where, days)
    )
    for *head, path, goods, tax in db.session.execute(query):
        yield SpentOn._make((*head, _top(path), -goods))
        yield SpentOn._make((*head, TAX, -tax))
