"""Settlements as lists and pages show them, and what is owed by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true

from ... import clock, legal
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...payments.models import Payable, Payment, PaymentAllocation
from ...permissions import Actor, Permission
from ...regions.queries import within
from ...texts import one_line
from ..models import (
    Agreement,
    AgreementState,
    Basis,
    Settlement,
    SettlementDispute,
    SettlementLine,
    SettlementState,
)
from ..rules import Side
from ..rules.settling import Line
from .parties import side_of
from .unsettled import Scope, Unsettled, unsettled

PAGE_SIZE = 25
LINES_SHOWN = 1_000
"""So many lines stand on one page; the rest is on the next."""
PAYMENT_DAYS = "payment_days_small"
SORTS = (
    "outlet",
    "-outlet",
    "seller",
    "-seller",
    "last_day",
    "-last_day",
    "due_on",
    "-due_on",
    "net",
    "-net",
)


class Status:
    """What a settlement is to the two parties, the most urgent first. It follows from what is recorded."""

    OVERDUE = "overdue"
    DRAFT = "draft"
    ISSUED = "issued"
    DISPUTED = "disputed"
    TO_PAY = "to_pay"
    REPORTED = "reported"
    PAID = "paid"


STATUSES = (
    Status.OVERDUE, Status.DRAFT, Status.ISSUED, Status.DISPUTED, Status.TO_PAY, Status.REPORTED, Status.PAID,
)  # fmt: skip


@dataclass(frozen=True)
class SettlementFilter:
    """What is asked of a list of settlements."""

    q: str = ""
    status: str = ""
    sort: str = ""
    agreement_id: int | None = None
    outlet_id: int | None = None


class SettlementRow(NamedTuple):
    """A settlement in a list. The last four are None, and nothing, while it is a draft."""

    id: int
    number: str | None
    bill_number: str | None
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    first_day: date
    last_day: date
    line_count: int
    net_rupiah: int
    amount_rupiah: int | None
    paid_rupiah: int | None
    confirmed_rupiah: int | None
    due_on: date | None
    status: str

    @property
    def open_rupiah(self) -> int:
        """What is still to be paid."""
        return (self.amount_rupiah or 0) - (self.paid_rupiah or 0)


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
    """All lines of one product together."""

    product_id: int
    name: str
    quantity: int
    gross_rupiah: int
    commission_rupiah: int
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


# --- lists -------------------------------------------------------------------------------------------------


def settlements_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A seller's own and its merged ones', an operator's debts, an office's outlets; nothing for others."""
    if not actor.can(Permission.SETTLEMENT_VIEW):
        return false()
    if actor.is_office:
        if actor.region == "":
            return true()
        here = select(OutletFacts.outlet_id).where(
            within(OutletFacts.region_code, actor.region), facts_on(OutletFacts, clock.today())
        )
        return Settlement.outlet_id.in_(here)
    if actor.operator_id is not None:
        return Settlement.operator_id == actor.operator_id
    if actor.seller_id is not None:
        merged = select(Seller.id).where(Seller.merged_into_id == actor.seller_id)
        return or_(Settlement.seller_id == actor.seller_id, Settlement.seller_id.in_(merged))
    return false()


def status_on(day: date) -> ColumnElement[str]:
    """SQL: what a settlement is on a day. The query joins Payable as `_joined` does."""
    is_disputed = exists().where(
        SettlementDispute.settlement_id == Settlement.id, SettlementDispute.state == "open"
    )
    return case(
        (Settlement.state == SettlementState.DRAFT.value, Status.DRAFT),
        (and_(Payable.confirmed_rupiah == Payable.amount_rupiah, ~is_disputed), Status.PAID),
        (and_(Payable.paid_rupiah < Payable.amount_rupiah, Payable.due_on < day), Status.OVERDUE),
        (is_disputed, Status.DISPUTED),
        (Payable.paid_rupiah == Payable.amount_rupiah, Status.REPORTED),
        (Settlement.state == SettlementState.ISSUED.value, Status.ISSUED),
        else_=Status.TO_PAY,
    )


def of_settlement() -> ColumnElement[bool]:
    """SQL: the debt of a settlement."""
    return and_(Payable.kind == "settlement", Payable.document_id == Settlement.id)


def _joined(columns: Sequence[Any], actor: Actor, asked: SettlementFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Settlement)
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .join(Operator, Operator.id == Settlement.operator_id)
        .join(Seller, Seller.id == Settlement.seller_id)
        .outerjoin(Payable, of_settlement())
        .where(settlements_visible_to(actor))
    )
    if asked.agreement_id is not None:
        query = query.where(Settlement.agreement_id == asked.agreement_id)
    if asked.outlet_id is not None:
        query = query.where(Settlement.outlet_id == asked.outlet_id)
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Operator.name, Seller.name, Settlement.number, Settlement.bill_number)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def settlements_of(
    actor: Actor, asked: SettlementFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[SettlementRow]:
    """One page of the actor's settlements (size None: all), what is overdue first."""
    status = status_on(clock.today())
    columns = (
        Settlement.id, Settlement.number, Settlement.bill_number, Settlement.outlet_id, Outlet.name,
        Settlement.seller_id, Seller.name, Settlement.first_day, Settlement.last_day, Settlement.line_count,
        Settlement.net_rupiah, Payable.amount_rupiah, Payable.paid_rupiah, Payable.confirmed_rupiah,
        Payable.due_on, status,
    )  # fmt: skip
    query = _joined(columns, actor, asked)
    if asked.status:
        query = query.where(status == asked.status)
    query = query.order_by(*_ordering(asked.sort, status))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [SettlementRow(*row) for row in db.session.execute(query)]


def _ordering(sort: str, status: ColumnElement[str]) -> list[Any]:
    keys: dict[str, Any] = {
        "outlet": Outlet.name, "seller": Seller.name, "last_day": Settlement.last_day,
        "due_on": Payable.due_on, "net": Settlement.net_rupiah,
    }  # fmt: skip
    key = keys.get(sort.lstrip("-"))
    if key is not None:
        return [key.desc() if sort.startswith("-") else key.asc(), Settlement.id.desc()]
    urgency = case({name: place for place, name in enumerate(STATUSES)}, value=status, else_=len(STATUSES))
    return [urgency, Settlement.last_day.desc(), Settlement.id.desc()]


def count_by_status(actor: Actor, asked: SettlementFilter) -> dict[str, int]:
    """How many of the actor's settlements are what today."""
    status = status_on(clock.today()).label("status")
    inner = _joined((status,), actor, asked).subquery()
    query = select(inner.c.status, func.count()).group_by(inner.c.status)
    return dict(db.session.execute(query).all())


# --- a page ------------------------------------------------------------------------------------------------


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
        _joined(columns, actor, SettlementFilter())
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
        payments=payments_for(payable.id) if payable else [],
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
    return line_rows(lines)


def line_rows(lines: Sequence[Line]) -> list[LineRow]:
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
    query = (
        select(
            line.product_id, Product.name, func.sum(line.quantity), func.sum(line.gross_rupiah),
            func.sum(line.commission_rupiah), func.sum(line.net_rupiah),
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
        sums = found.setdefault(line.product_id, [line.product_name, 0, 0, 0, 0])
        amounts = (line.quantity, line.gross_rupiah, line.commission_rupiah, line.net_rupiah)
        for place, amount in enumerate(amounts, start=1):
            sums[place] += amount
    return sorted((ProductSum(key, *sums) for key, sums in found.items()), key=lambda one: one.name)


def _disputes(settlement_id: int) -> dict[int, SettlementDispute]:
    query = select(SettlementDispute).where(SettlementDispute.settlement_id == settlement_id)
    return {row.movement_id: row for row in db.session.scalars(query)}


def payments_for(payable_id: int) -> list[PaymentRow]:
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


# --- what is open ------------------------------------------------------------------------------------------


def outlets_with_agreements(*, operator_id: int | None = None) -> list[tuple[int, int]]:
    """(outlet, how many consignment agreements), in order of id; of one operator, or of all."""
    query = (
        select(Agreement.outlet_id, func.count())
        .where(Agreement.basis == Basis.CONSIGNMENT.value, Agreement.state == AgreementState.ACCEPTED.value)
        .group_by(Agreement.outlet_id)
        .order_by(Agreement.outlet_id)
    )
    if operator_id is not None:
        mine = select(OutletFacts.outlet_id).where(
            OutletFacts.operator_id == operator_id, facts_on(OutletFacts, clock.today())
        )
        query = query.where(Agreement.outlet_id.in_(mine))
    return [(outlet_id, count) for outlet_id, count in db.session.execute(query)]


def drafts_waiting() -> dict[int, int]:
    """How many drafts each operator has."""
    query = select(Settlement.operator_id, func.count()).where(
        Settlement.state == SettlementState.DRAFT.value
    )
    return dict(db.session.execute(query.group_by(Settlement.operator_id)).all())


def unsettled_of_seller(seller_id: int) -> list[Unsettled]:
    """What a seller's sales bring that no settlement holds yet, by agreement."""
    query = select(Agreement.outlet_id).where(
        Agreement.seller_id == seller_id, Agreement.basis == Basis.CONSIGNMENT.value
    )
    outlets = tuple(sorted(set(db.session.scalars(query))))
    return unsettled(None, Scope(outlets, seller_id), clock.today())


class OutletDebt(NamedTuple):
    """What one outlet owes a seller by its bills: open, and what of that is overdue, since when."""

    outlet_id: int
    outlet_name: str
    open_rupiah: int
    reported_rupiah: int
    overdue_rupiah: int
    due_on: date | None


def debts_to(seller_id: int, day: date) -> list[OutletDebt]:
    """What each outlet owes a seller by bills, the earliest due day first; paid ones are left out."""
    is_open = Payable.confirmed_rupiah < Payable.amount_rupiah
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(
            Settlement.outlet_id,
            Outlet.name,
            func.sum(left),
            func.sum(Payable.paid_rupiah - Payable.confirmed_rupiah),
            func.sum(case((Payable.due_on < day, left), else_=0)),
            func.min(case((left > 0, Payable.due_on))),
        )
        .join(Payable, of_settlement())
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .where(Settlement.seller_id == seller_id, is_open)
        .group_by(Settlement.outlet_id, Outlet.name)
    )
    found = [
        OutletDebt(outlet_id, name, int(open_), int(reported), int(overdue), due)
        for outlet_id, name, open_, reported, overdue, due in db.session.execute(query)
    ]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.outlet_name))


# --- papers ------------------------------------------------------------------------------------------------


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
