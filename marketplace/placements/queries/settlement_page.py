"""A settlement with its lines and payments, as its page and its papers show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from ... import clock, legal
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...payments.models import Payable, Payment, PaymentAllocation
from ...permissions import Actor
from ..models import Agreement, Settlement, SettlementDispute, SettlementLine, SettlementState
from ..rules import Side
from ..rules.settling import Line, LineKind
from .parties import side_of
from .settlements import SettlementFilter, joined, status_on
from .unsettled import Scope, unsettled

LINES_SHOWN = 1_000
"""So many lines stand on one page; the rest is on the next."""
PAYMENT_DAYS = "payment_days_small"
LOSSES = tuple(kind.value for kind in LineKind if kind.is_loss)


class LineRow(NamedTuple):
    """A settled (or, in a draft, waiting) row of the ledger as people read it."""

    movement_id: int
    kind: str
    product_id: int
    product_name: str
    sku: str
    occurred_on: date
    quantity: int
    unit_price_rupiah: int
    gross_rupiah: int
    commission_rupiah: int
    net_rupiah: int


class ProductSum(NamedTuple):
    """All lines of one product together: what was sold, what the outlet pays for losses, and both as net."""

    product_id: int
    name: str
    quantity: int
    gross_rupiah: int
    commission_rupiah: int
    lost: int
    charged_rupiah: int
    net_rupiah: int


class PaymentRow(NamedTuple):
    """A payment as a page shows it, with how much of it pays this document."""

    payment: Payment
    share_rupiah: int


@dataclass(frozen=True)
class SettlementPage:
    """All that a settlement's page shows."""

    row: Settlement
    outlet: Outlet
    operator: Operator
    seller: Seller
    agreement_ref: str
    lines: list[LineRow]
    line_total: int
    by_product: list[ProductSum]
    disputes: dict[int, SettlementDispute]
    payable: Payable | None
    payments: list[PaymentRow]
    status: str
    side: Side | None
    legal_days: int | None

    @property
    def is_draft(self) -> bool:
        """Whether it has not been issued."""
        return self.row.state == SettlementState.DRAFT

    @property
    def has_losses(self) -> bool:
        """Whether any line is about units that were lost or found, even when they cancel out."""
        return any(one.lost or one.charged_rupiah for one in self.by_product)

    @property
    def final_rupiah(self) -> int:
        """What the maker gets once the decisions about its disputed lines are added."""
        return self.row.net_rupiah + self.added_rupiah

    @property
    def withheld_rupiah(self) -> int:
        """What waits for a decision."""
        return sum(one.withheld_rupiah for one in self.disputes.values() if one.state == "open")

    @property
    def added_rupiah(self) -> int:
        """What decisions added."""
        return sum(one.added_rupiah for one in self.disputes.values())

    @property
    def open_rupiah(self) -> int:
        """What is still to be paid."""
        return self.payable.open_rupiah if self.payable else 0


def settlement_page(
    actor: Actor, settlement_id: int, *, number: int = 1, size: int | None = LINES_SHOWN
) -> SettlementPage | None:
    """A settlement with its lines and payments; None for a stranger. A draft shows what it would hold now."""
    columns = (
        Settlement,
        Outlet,
        Operator,
        Seller,
        Agreement.agreement_ref,
        Payable,
        status_on(clock.today()),
    )
    found = db.session.execute(
        joined(columns, actor, SettlementFilter())
        .join(Agreement, Agreement.id == Settlement.agreement_id)
        .where(Settlement.id == settlement_id)
    ).one_or_none()
    if found is None:
        return None
    row, outlet, operator, seller, agreement_ref, payable, status = found
    is_draft = row.state == SettlementState.DRAFT
    every = _draft_lines(row) if is_draft else _settled_lines(row.id, number, size)
    return SettlementPage(
        row=row,
        outlet=outlet,
        operator=operator,
        seller=seller,
        agreement_ref=agreement_ref,
        lines=every,
        line_total=len(every) if is_draft else row.line_count,
        by_product=_sums(every) if is_draft else _product_sums(row.id),
        disputes={} if is_draft else _disputes(row.id),
        payable=payable,
        payments=_payments(payable.id) if payable else [],
        status=status,
        side=side_of(db.session(), actor, seller_id=seller.id, operator_id=row.operator_id),
        legal_days=_legal_days(row),
    )


def _settled_lines(settlement_id: int, number: int, size: int | None) -> list[LineRow]:
    line = SettlementLine
    query = (
        select(
            line.movement_id, line.kind, line.product_id, Product.name, Product.sku, line.occurred_on,
            line.quantity, line.unit_price_rupiah, line.gross_rupiah, line.commission_rupiah, line.net_rupiah,
        )
        .join(Product, Product.id == line.product_id)
        .where(line.settlement_id == settlement_id)
        .order_by(line.occurred_on, line.movement_id)
    )  # fmt: skip
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [LineRow(*row) for row in db.session.execute(query)]


def _draft_lines(row: Settlement) -> list[LineRow]:
    """What the draft would hold if it were issued now."""
    found = unsettled(None, Scope((row.outlet_id,), row.seller_id), row.last_day)
    lines = [
        line
        for one in found
        if one.agreement_id == row.agreement_id
        for planned in one.planned
        if planned.period.last == row.last_day
        for line in planned.lines
    ]
    return _line_rows(lines)


def _line_rows(lines: Sequence[Line]) -> list[LineRow]:
    """Lines that are not settled yet, with their products' names."""
    products = Product.id, Product.name, Product.sku
    query = select(*products).where(Product.id.in_({line.product_id for line in lines}))
    names = {key: (name, sku) for key, name, sku in db.session.execute(query)}
    return [
        LineRow(
            line.movement_id, line.kind.value, line.product_id, *names[line.product_id], line.occurred_on,
            line.quantity, line.unit_price, *line.amounts,
        )
        for line in lines
    ]  # fmt: skip


def _product_sums(settlement_id: int) -> list[ProductSum]:
    line = SettlementLine
    is_loss = line.kind.in_(LOSSES)
    query = (
        select(
            line.product_id, Product.name,
            *(func.sum(case((is_loss, 0), else_=of)) for of in (
                line.quantity, line.gross_rupiah, line.commission_rupiah,
            )),
            *(func.sum(case((is_loss, of), else_=0)) for of in (line.quantity, line.net_rupiah)),
            func.sum(line.net_rupiah),
        )
        .join(Product, Product.id == line.product_id)
        .where(line.settlement_id == settlement_id)
        .group_by(line.product_id, Product.name)
        .order_by(Product.name)
    )  # fmt: skip
    return [ProductSum(key, name, *map(int, sums)) for key, name, *sums in db.session.execute(query)]


def _sums(lines: Iterable[LineRow]) -> list[ProductSum]:
    found: dict[int, list[Any]] = {}
    for line in lines:
        sums = found.setdefault(line.product_id, [line.product_name, 0, 0, 0, 0, 0, 0])
        sold = line.quantity, line.gross_rupiah, line.commission_rupiah, 0, 0
        lost = 0, 0, 0, line.quantity, line.net_rupiah
        amounts = (*(lost if line.kind in LOSSES else sold), line.net_rupiah)
        for place, amount in enumerate(amounts, start=1):
            sums[place] += amount
    return sorted((ProductSum(key, *sums) for key, sums in found.items()), key=lambda one: one.name)


def _disputes(settlement_id: int) -> dict[int, SettlementDispute]:
    query = select(SettlementDispute).where(SettlementDispute.settlement_id == settlement_id)
    return {row.movement_id: row for row in db.session.scalars(query)}


def _payments(payable_id: int) -> list[PaymentRow]:
    """The payments of one document, the latest first."""
    query = (
        select(Payment, PaymentAllocation.amount_rupiah)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.payable_id == payable_id)
        .order_by(Payment.id.desc())
    )
    return [PaymentRow(*row) for row in db.session.execute(query)]


def _legal_days(row: Settlement) -> int | None:
    """Days within which the law is said to want small sellers paid; None for larger ones."""
    day = clock.wib_day(row.issued_at) if row.issued_at else clock.today()
    return legal.values_on(db.session(), day).get(PAYMENT_DAYS)


def line_of(actor: Actor, settlement_id: int, movement_id: int) -> tuple[SettlementPage, LineRow] | None:
    """One line of an issued settlement; None for a stranger, and for a line that is not in it."""
    page = settlement_page(actor, settlement_id, size=None)
    if page is None or page.is_draft:
        return None
    line = next((one for one in page.lines if one.movement_id == movement_id), None)
    return (page, line) if line else None


@dataclass(frozen=True)
class PublicSettlement:
    """What whoever holds a statement or a bill may compare with it."""

    number: str
    bill_number: str
    operator_name: str
    outlet_name: str
    seller_name: str
    first_day: date
    last_day: date
    net_rupiah: int
    issued_at: datetime
    due_on: date


def settlement_by_code(code: str) -> PublicSettlement | None:
    """The settlement whose papers carry this code."""
    query = (
        select(
            Settlement.number, Settlement.bill_number, Operator.name, Outlet.name, Seller.name,
            Settlement.first_day, Settlement.last_day, Settlement.net_rupiah, Settlement.issued_at,
            Settlement.due_on,
        )
        .join(Operator, Operator.id == Settlement.operator_id)
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .join(Seller, Seller.id == Settlement.seller_id)
        .where(Settlement.verify_code == code)
    )  # fmt: skip
    row: Any = db.session.execute(query).one_or_none()
    return PublicSettlement(*row) if row else None
