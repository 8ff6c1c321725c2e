"""What stands on the papers of orders, and who may read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, Seller, SellerFacts
from ...organizations.versions import facts_on
from ...payments.models import Payable, Payment, PaymentAllocation
from ...permissions import Actor
from ..models import (
    Checkout,
    CreditNote,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    OrderShare,
    PaymentReceipt,
    Shipment,
    ShipmentLine,
)
from ..rules.parcels import Component
from ..rules.tax import TaxTerms
from .parcels import contents_of_lines
from .tax import vat_on

KINDS = ("advance", "invoice")
MOST = 50
"""So many orders are printed in one go."""


@dataclass(frozen=True, slots=True)
class PaperLinks:
    """Which papers an order has, for its page."""

    delivery: str = ""
    invoice: str = ""
    credit_notes: int = 0
    receipts: int = 0
    has_cards: bool = False


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What of an order or an invoice belongs to one maker."""

    seller_name: str
    amount_rupiah: int


@dataclass(frozen=True)
class OrderPapers:
    """One order with everything that its papers say."""

    order: Order
    checkout: Checkout
    buyer: Operator
    seller: Seller
    outlet: Outlet | None
    lines: Sequence[OrderLine]
    contents: dict[int, list[Component]]
    shares: Sequence[ShareLine]
    billed: Sequence[ShareLine]
    invoice: Invoice | None = None
    invoice_lines: Sequence[InvoiceLine] = ()
    tax: TaxTerms | None = None
    shipment: Shipment | None = None
    shipment_lines: Sequence[tuple[ShipmentLine, OrderLine]] = ()
    credits: Sequence[CreditNote] = ()
    receipts: Sequence[Receipt] = ()

    @property
    def code(self) -> str:
        """What the order's own QR code leads to."""
        return self.order.order_ref


@dataclass(frozen=True, slots=True)
class PaidDocument:
    """What a payment paid: an advance on an order, or an invoice."""

    is_advance: bool
    number: str
    order_number: str
    amount_rupiah: int


@dataclass(frozen=True)
class Receipt:
    """A receipt with what was paid by it."""

    row: PaymentReceipt
    payment: Payment
    seller: Seller
    buyer: Operator
    documents: Sequence[PaidDocument]


def readable_by(actor: Actor) -> ColumnElement[bool]:
    """SQL criterion: orders whose papers an actor may read: its buyer's, its seller's, its region's."""
    ways: list[ColumnElement[bool]] = [false()]
    if actor.buyer_id is not None:
        ways.append(Order.operator_id == actor.buyer_id)
    if actor.seller_id is not None:
        kept = select(Seller.id).where(Seller.merged_into_id == actor.seller_id)
        ways.append(or_(Order.seller_id == actor.seller_id, Order.seller_id.in_(kept)))
    if actor.is_office:
        ways.append(Order.seller_id.in_(_sellers_in(actor.region)))
    return or_(*ways)


def _sellers_in(region: str) -> Any:
    query = select(SellerFacts.seller_id).where(facts_on(SellerFacts, clock.today()))
    if not region:
        return query
    place = SellerFacts.region_code
    return query.where(or_(place == region, place.startswith(f"{region}.", autoescape=True)))


def papers_of(actor: Actor, order_refs: Sequence[str]) -> list[OrderPapers]:
    """These orders as their papers say them, in this order, as far as the actor may read them.

    An order that never reached its seller has no papers.
    """
    session = db.session()
    query = (
        select(Order, Checkout, Operator, Seller, Outlet)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .join(Operator, Operator.id == Order.operator_id)
        .join(Seller, Seller.id == Order.seller_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .where(Order.order_ref.in_(order_refs[:MOST]), Order.number.is_not(None), readable_by(actor))
    )
    found = {row.Order.order_ref: row for row in session.execute(query)}
    rows = [found[ref] for ref in order_refs if ref in found]
    return _with_papers(session, rows)


def links_of(order: Order) -> PaperLinks:
    """Which papers an order has so far."""
    session = db.session()
    row = session.execute(
        select(
            select(Shipment.number).where(Shipment.order_id == order.id).scalar_subquery(),
            select(Invoice.number).where(Invoice.order_id == order.id).scalar_subquery(),
            select(func.count(CreditNote.id))
            .join(Invoice, Invoice.id == CreditNote.invoice_id)
            .where(Invoice.order_id == order.id)
            .scalar_subquery(),
            select(func.count(PaymentReceipt.payment_id.distinct()))
            .join(PaymentAllocation, PaymentAllocation.payment_id == PaymentReceipt.payment_id)
            .join(Payable, Payable.id == PaymentAllocation.payable_id)
            .join(OrderShare, OrderShare.id == Payable.document_id)
            .where(OrderShare.order_id == order.id, Payable.kind.in_(KINDS))
            .scalar_subquery(),
            select(func.count(OrderLine.id))
            .where(OrderLine.order_id == order.id, OrderLine.card_text != "")
            .scalar_subquery(),
        )
    ).one()
    return PaperLinks(row[0] or "", row[1] or "", row[2], row[3], bool(row[4]))


def _with_papers(session: Session, rows: Sequence[Any]) -> list[OrderPapers]:
    ids = [row.Order.id for row in rows]
    lines = _grouped(
        session, select(OrderLine).where(OrderLine.order_id.in_(ids)).order_by(OrderLine.position)
    )
    invoices = {
        one.order_id: one for one in session.scalars(select(Invoice).where(Invoice.order_id.in_(ids)))
    }
    by_invoice: defaultdict[int, list[InvoiceLine]] = defaultdict(list)
    billed_ids = [one.id for one in invoices.values()]
    query = select(InvoiceLine).where(InvoiceLine.invoice_id.in_(billed_ids)).order_by(InvoiceLine.position)
    for one in session.scalars(query):
        by_invoice[one.invoice_id].append(one)
    shipments = {
        one.order_id: one for one in session.scalars(select(Shipment).where(Shipment.order_id.in_(ids)))
    }
    packed = _packed(session, [one.id for one in shipments.values()])
    contents = contents_of_lines(
        session, [line.id for found in lines.values() for line in found if line.is_parcel]
    )
    shares = _shares(session, ids)
    notes = _credits(session, billed_ids)
    receipts = receipts_of(session, ids)
    made = []
    for order, checkout, buyer, seller, outlet in rows:
        invoice, shipment = invoices.get(order.id), shipments.get(order.id)
        taxed_on = clock.wib_day(order.created_at)
        made.append(
            OrderPapers(
                order=order,
                checkout=checkout,
                buyer=buyer,
                seller=seller,
                outlet=outlet,
                lines=lines.get(order.id, []),
                contents=contents,
                shares=[ShareLine(name, share.amount_rupiah) for share, name in shares[order.id]],
                billed=[ShareLine(name, share.billed_rupiah) for share, name in shares[order.id]],
                invoice=invoice,
                invoice_lines=by_invoice[invoice.id] if invoice else [],
                tax=vat_on(session, taxed_on)
                if order.tax_rupiah or (invoice and invoice.tax_rupiah)
                else None,
                shipment=shipment,
                shipment_lines=packed[shipment.id] if shipment else [],
                credits=notes[invoice.id] if invoice else [],
                receipts=receipts[order.id],
            )
        )
    return made


def _grouped(session: Session, query: Any) -> dict[int, list[OrderLine]]:
    found: defaultdict[int, list[OrderLine]] = defaultdict(list)
    for line in session.scalars(query):
        found[line.order_id].append(line)
    return dict(found)


def _packed(
    session: Session, shipment_ids: Sequence[int]
) -> defaultdict[int, list[tuple[ShipmentLine, OrderLine]]]:
    query = (
        select(ShipmentLine, OrderLine)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(ShipmentLine.shipment_id.in_(shipment_ids))
        .order_by(ShipmentLine.shipment_id, ShipmentLine.position)
    )
    found: defaultdict[int, list[tuple[ShipmentLine, OrderLine]]] = defaultdict(list)
    for packed, line in session.execute(query):
        found[packed.shipment_id].append((packed, line))
    return found


def _shares(session: Session, order_ids: Sequence[int]) -> defaultdict[int, list[tuple[OrderShare, str]]]:
    query = (
        select(OrderShare, Seller.name)
        .join(Seller, Seller.id == OrderShare.seller_id)
        .where(OrderShare.order_id.in_(order_ids))
        .order_by(OrderShare.id)
    )
    found: defaultdict[int, list[tuple[OrderShare, str]]] = defaultdict(list)
    for share, name in session.execute(query):
        found[share.order_id].append((share, name))
    return found


def _credits(session: Session, invoice_ids: Sequence[int]) -> defaultdict[int, list[CreditNote]]:
    query = select(CreditNote).where(CreditNote.invoice_id.in_(invoice_ids)).order_by(CreditNote.id)
    found: defaultdict[int, list[CreditNote]] = defaultdict(list)
    for note in session.scalars(query):
        found[note.invoice_id].append(note)
    return found


def receipts_of(session: Session, order_ids: Sequence[int]) -> defaultdict[int, list[Receipt]]:
    """The receipts for what was paid of some orders, by order."""
    query = (
        select(OrderShare.order_id, PaymentAllocation.payment_id)
        .join(Payable, Payable.document_id == OrderShare.id)
        .join(PaymentAllocation, PaymentAllocation.payable_id == Payable.id)
        .where(OrderShare.order_id.in_(order_ids), Payable.kind.in_(KINDS))
        .distinct()
        .order_by(PaymentAllocation.payment_id)
    )
    paid = session.execute(query).all()
    known = _receipts(session, [payment_id for _order_id, payment_id in paid])
    found: defaultdict[int, list[Receipt]] = defaultdict(list)
    for order_id, payment_id in paid:
        if payment_id in known:
            found[order_id].append(known[payment_id])
    return found


def receipt_for(actor: Actor, payment_id: int) -> Receipt | None:
    """The receipt of a payment, for who paid, who was paid, and the office of its region."""
    session = db.session()
    found = _receipts(session, [payment_id]).get(payment_id)
    if found is None:
        return None
    owners = {found.row.seller_id, found.seller.merged_into_id}
    if actor.buyer_id is not None and actor.buyer_id == found.payment.operator_id:
        return found
    if actor.seller_id is not None and actor.seller_id in owners:
        return found
    if actor.is_office and session.scalar(
        _sellers_in(actor.region).where(SellerFacts.seller_id == found.row.seller_id)
    ):
        return found
    return None


def _receipts(session: Session, payment_ids: Sequence[int]) -> dict[int, Receipt]:
    """The receipts of some payments, with all that each of them paid."""
    query = (
        select(PaymentReceipt, Payment, Seller, Operator)
        .join(Payment, Payment.id == PaymentReceipt.payment_id)
        .join(Seller, Seller.id == PaymentReceipt.seller_id)
        .join(Operator, Operator.id == Payment.operator_id)
        .where(PaymentReceipt.payment_id.in_(payment_ids))
    )
    rows = session.execute(query).all()
    of = _paid_documents(session, [row.PaymentReceipt.payment_id for row in rows])
    return {
        receipt.payment_id: Receipt(receipt, payment, seller, buyer, of[receipt.payment_id])
        for receipt, payment, seller, buyer in rows
    }


def _paid_documents(session: Session, payment_ids: Sequence[int]) -> defaultdict[int, list[PaidDocument]]:
    query = (
        select(PaymentAllocation.payment_id, Payable.kind, Payable.number, Order.number.label("order_number"))
        .add_columns(PaymentAllocation.amount_rupiah)
        .join(Payable, Payable.id == PaymentAllocation.payable_id)
        .join(OrderShare, OrderShare.id == Payable.document_id)
        .join(Order, Order.id == OrderShare.order_id)
        .where(PaymentAllocation.payment_id.in_(payment_ids), Payable.kind.in_(KINDS))
        .order_by(PaymentAllocation.payment_id, Payable.id)
    )
    found: defaultdict[int, list[PaidDocument]] = defaultdict(list)
    for row in session.execute(query):
        found[row.payment_id].append(
            PaidDocument(row.kind == "advance", row.number, row.order_number or "", row.amount_rupiah)
        )
    return found
