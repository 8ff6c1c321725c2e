"""What a bookkeeper takes along: orders, invoices, credit notes, payments and refunds of some days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Subquery, case, cast, false, func, literal, or_, select

from ...clock import WIB, wib_day
from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...payments.models import (
    AccountKind,
    JournalAccount,
    JournalLine,
    JournalTransaction,
    Payment,
    Refund,
)
from ...permissions import Actor
from ...texts import one_line
from ..models import CreditNote, Invoice, Order, OrderShare, PaymentReceipt, Shipment

PAPERS: dict[str, Any] = {"invoice": Invoice, "delivery": Shipment}
"""What an order has at most one of; its own paper it has from its number on."""
ORDER_COLUMNS = (
    "number", "placed_on", "state", "buyer", "seller", "goods_rupiah", "shipping_rupiah", "tax_rupiah",
    "total_rupiah", "advance_rupiah", "deliver_from", "deliver_to", "payment_plan", "procurement_ref",
    "own_rupiah",
)  # fmt: skip
INVOICE_COLUMNS = (
    "number", "issued_on", "due_on", "order", "buyer", "seller", "goods_rupiah", "shipping_rupiah",
    "tax_base_rupiah", "tax_percent", "tax_rupiah", "total_rupiah", "advance_rupiah", "due_rupiah",
    "own_rupiah", "own_due_rupiah",
)  # fmt: skip
CREDIT_COLUMNS = (
    "number", "issued_on", "invoice", "buyer", "seller", "goods_rupiah", "tax_rupiah", "total_rupiah",
    "reason", "own_rupiah",
)  # fmt: skip
PAYMENT_COLUMNS = (
    "paid_on", "confirmed_on", "receipt", "buyer", "seller", "method", "amount_rupiah", "state", "reference",
)  # fmt: skip
REFUND_COLUMNS = ("created_on", "done_on", "buyer", "seller", "amount_rupiah", "state", "method", "reason")


@dataclass(frozen=True)
class Books:
    """Rows by table, as they stand in the workbook; sums for the page.

    Of a parcel each maker is paid its own share: `own_rupiah` is the side's part of what stands beside it as
    a whole, and for a buyer the whole. Sums are of the own part, as the pages of money are.
    """

    first: date
    last: date
    orders: Sequence[Sequence[Any]]
    invoices: Sequence[Sequence[Any]]
    credit_notes: Sequence[Sequence[Any]]
    payments: Sequence[Sequence[Any]]
    refunds: Sequence[Sequence[Any]]

    @property
    def ordered_rupiah(self) -> int:
        """All orders of these days, whatever became of them."""
        return sum(row[ORDER_COLUMNS.index("own_rupiah")] for row in self.orders)

    @property
    def billed_rupiah(self) -> int:
        """All invoices of these days."""
        return sum(row[INVOICE_COLUMNS.index("own_rupiah")] for row in self.invoices)

    @property
    def credited_rupiah(self) -> int:
        """All credit notes of these days."""
        return sum(row[CREDIT_COLUMNS.index("own_rupiah")] for row in self.credit_notes)

    @property
    def paid_rupiah(self) -> int:
        """What came in these days; what was taken back later is left out."""
        return sum(row[6] for row in self.payments if row[7] == "confirmed")

    @property
    def refunded_rupiah(self) -> int:
        """What went back in these days."""
        return sum(row[4] for row in self.refunds if row[5] == "done")


def books_of(actor: Actor, first: date, last: date) -> Books:
    """The actor's own side of some days, first and last included; nobody else has books."""
    days = (datetime.combine(first, time.min, WIB), datetime.combine(last, time.max, WIB))
    session = db.session()
    own, part, credited = _own(actor), _parts(actor), _credited(actor)
    placed_at = func.coalesce(Order.placed_at, Order.created_at)
    orders = (
        select(Order, Operator.name, Seller.name, own(Order), part.c.amount)
        .join(part, part.c.order_id == Order.id)
        .join(Operator, Operator.id == Order.operator_id)
        .join(Seller, Seller.id == Order.seller_id)
        .where(Order.number.is_not(None), placed_at.between(*days))
        .order_by(Order.id)
    )
    invoices = (
        select(
            Invoice, Order.number, Operator.name, Seller.name, own(Order), part.c.billed,
            part.c.billed - part.c.advance,
        )
        .join(Order, Order.id == Invoice.order_id)
        .join(part, part.c.order_id == Order.id)
        .join(Operator, Operator.id == Invoice.operator_id)
        .join(Seller, Seller.id == Invoice.seller_id)
        .where(Invoice.issued_on.between(first, last))
        .order_by(Invoice.id)
    )  # fmt: skip
    notes = (
        select(CreditNote, Invoice.number, Operator.name, Seller.name, own(Invoice), credited.c.rupiah)
        .join(credited, credited.c.note_id == CreditNote.id)
        .join(Invoice, Invoice.id == CreditNote.invoice_id)
        .join(Operator, Operator.id == Invoice.operator_id)
        .join(Seller, Seller.id == CreditNote.seller_id)
        .where(CreditNote.issued_on.between(first, last))
        .order_by(CreditNote.id)
    )
    payments = (
        select(Payment, PaymentReceipt.number, Operator.name, Seller.name)
        .join(Operator, Operator.id == Payment.operator_id)
        .join(Seller, Seller.id == Payment.seller_id)
        .outerjoin(PaymentReceipt, PaymentReceipt.payment_id == Payment.id)
        .where(own(Payment), func.coalesce(Payment.confirmed_on, Payment.paid_on).between(first, last))
        .order_by(Payment.id)
    )
    refunds = (
        select(Refund, Operator.name, Seller.name)
        .join(Operator, Operator.id == Refund.operator_id)
        .outerjoin(Seller, Seller.id == Refund.seller_id)
        .where(own(Refund), func.coalesce(Refund.done_at, Refund.created_at).between(*days))
        .order_by(Refund.id)
    )
    return Books(
        first,
        last,
        [_order_row(*row) for row in session.execute(orders)],
        [_invoice_row(*row) for row in session.execute(invoices)],
        [_credit_row(*row) for row in session.execute(notes)],
        [_payment_row(*row) for row in session.execute(payments)],
        [_refund_row(*row) for row in session.execute(refunds)],
    )


def _own(actor: Actor) -> Any:
    """A SQL criterion for any table of both parties: the actor's own rows."""

    def own(model: Any) -> ColumnElement[bool]:
        ways: list[ColumnElement[bool]] = [false()]
        if actor.buyer_id is not None:
            ways.append(model.operator_id == actor.buyer_id)
        if actor.seller_id is not None:
            ways.append(of_seller(model.seller_id, actor.seller_id))
        return or_(*ways)

    return own


def _of_side(actor: Actor) -> ColumnElement[bool]:
    """Of OrderShare joined with Order: all shares of a buyer's orders, those that a seller is paid."""
    ways: list[ColumnElement[bool]] = [false()]
    if actor.buyer_id is not None:
        ways.append(Order.operator_id == actor.buyer_id)
    if actor.seller_id is not None:
        ways.append(of_seller(OrderShare.seller_id, actor.seller_id))
    return or_(*ways)


def _parts(actor: Actor) -> Subquery:
    """What of each order is the actor's own: ordered, billed, and what of that was asked for before."""
    used = case(
        (OrderShare.advance_rupiah < OrderShare.billed_rupiah, OrderShare.advance_rupiah),
        else_=OrderShare.billed_rupiah,
    )
    return (
        select(
            OrderShare.order_id,
            func.sum(OrderShare.amount_rupiah).label("amount"),
            func.sum(OrderShare.billed_rupiah).label("billed"),
            func.sum(used).label("advance"),
        )
        .join(Order, Order.id == OrderShare.order_id)
        .where(_of_side(actor))
        .group_by(OrderShare.order_id)
        .subquery()
    )


def _credited(actor: Actor) -> Subquery:
    """What of each credit note was taken off the actor's own shares, as the journal has it."""
    note_id, share_id = cast(CreditNote.id, String), cast(OrderShare.id, String)
    return (
        select(CreditNote.id.label("note_id"), func.sum(JournalLine.amount_rupiah).label("rupiah"))
        .join(Invoice, Invoice.id == CreditNote.invoice_id)
        .join(Order, Order.id == Invoice.order_id)
        .join(OrderShare, OrderShare.order_id == Order.id)
        .join(JournalTransaction, JournalTransaction.ref == literal("credit:") + note_id + ":" + share_id)
        .join(JournalLine, JournalLine.transaction_id == JournalTransaction.id)
        .join(JournalAccount, JournalAccount.id == JournalLine.account_id)
        .where(_of_side(actor), JournalAccount.kind.in_((AccountKind.SALES.value, AccountKind.TAX.value)))
        .group_by(CreditNote.id)
        .subquery()
    )


def _whole(is_party: bool, *rupiah: Any) -> list[Any]:
    """Amounts of a whole order: for its parties, not for the maker of what is in a parcel."""
    return [one if is_party else None for one in rupiah]


def _order_row(one: Order, buyer: str, seller: str, is_party: bool, own: int) -> tuple[Any, ...]:
    return (
        one.number, wib_day(one.placed_at or one.created_at), one.state, buyer, seller,
        *_whole(is_party, one.goods_rupiah, one.shipping_rupiah, one.tax_rupiah, one.total_rupiah,
                one.advance_rupiah),
        one.deliver_from, one.deliver_to, one.payment_plan, one.procurement_ref if is_party else "", int(own),
    )  # fmt: skip


def _invoice_row(
    one: Invoice, order: str | None, buyer: str, seller: str, is_party: bool, own: int, own_due: int
) -> tuple[Any, ...]:
    return (
        one.number, one.issued_on, one.due_on, order, buyer, seller,
        *_whole(is_party, one.goods_rupiah, one.shipping_rupiah, one.tax_base_rupiah, one.tax_percent,
                one.tax_rupiah, one.total_rupiah, one.advance_rupiah, one.due_rupiah),
        int(own), int(own_due),
    )  # fmt: skip


def _credit_row(
    one: CreditNote, invoice: str, buyer: str, seller: str, is_party: bool, own: int
) -> tuple[Any, ...]:
    return (
        one.number, one.issued_on, invoice, buyer, seller,
        *_whole(is_party, one.goods_rupiah, one.tax_rupiah, one.total_rupiah, one.reason), int(own),
    )  # fmt: skip


def _payment_row(one: Payment, receipt: str | None, buyer: str, seller: str) -> tuple[Any, ...]:
    return (
        one.paid_on, one.confirmed_on, receipt or "", buyer, seller, one.method, one.amount_rupiah, one.state,
        one.reference,
    )  # fmt: skip


def _refund_row(one: Refund, buyer: str, seller: str | None) -> tuple[Any, ...]:
    done = wib_day(one.done_at) if one.done_at else None
    return (
        wib_day(one.created_at), done, buyer, seller or "", one.amount_rupiah, one.state, one.method,
        one.reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PrintRow:
    """An order that has a paper of the kind that is to be printed."""

    order_ref: str
    number: str
    paper_number: str
    placed_on: date
    partner: str
    amount_rupiah: int
    """What the paper comes to; an order's sum where it says no money."""


def count_printable(actor: Actor, kind: str, q: str) -> int:
    """How many of the actor's orders have a paper of a kind."""
    return db.session.scalar(_printable(actor, kind, q, func.count())) or 0


def printable(actor: Actor, kind: str, q: str, *, number: int, size: int) -> list[PrintRow]:
    """One page of the actor's orders that have a paper of a kind, newest first."""
    paper = PAPERS.get(kind, Order)
    amount = paper.total_rupiah if paper is Invoice else Order.total_rupiah
    query = _printable(actor, kind, q, Order, Operator.name, Seller.name, paper.number, amount)
    rows = db.session.execute(query.order_by(Order.id.desc()).limit(size).offset((number - 1) * size))
    return [
        PrintRow(
            order.order_ref,
            order.number or "",
            paper_number,
            wib_day(order.placed_at or order.created_at),
            buyer if actor.seller_id else seller,
            amount_rupiah,
        )
        for order, buyer, seller, paper_number, amount_rupiah in rows
    ]


def _printable(actor: Actor, kind: str, q: str, *columns: Any) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Order)
        .join(Operator, Operator.id == Order.operator_id)
        .join(Seller, Seller.id == Order.seller_id)
        .where(_own(actor)(Order), Order.number.is_not(None))
    )
    if kind in PAPERS:
        query = query.join(PAPERS[kind], PAPERS[kind].order_id == Order.id)
    for word in one_line(q).split()[:8]:
        places = (Order.number, Operator.name, Seller.name)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query
