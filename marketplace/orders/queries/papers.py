"""What stands on the papers of orders, and who may read them."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...payments.models import Payable, Payment, PaymentAllocation
from ...payments.services.bills import ADVANCE, INVOICE
from ...permissions import Actor
from ...texts import one_line
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
from ..services.moving import region_of
from .orders import orders_visible_to
from .parcels import contents_of_lines
from .tax import vat_on

KINDS = (ADVANCE, INVOICE)
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
    """One order with everything that its papers say; `is_party`: to its buyer or seller, who alone read who
    receives it, at which number and address, and what was noted."""

    order: Order
    checkout: Checkout
    buyer: Operator
    seller: Seller
    outlet: Outlet | None
    is_party: bool
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
    """What a payment paid: an 'advance' on an order, an 'invoice', or a 'settlement' of consigned goods."""

    kind: str
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


def papers_of(actor: Actor, order_refs: Sequence[str]) -> list[OrderPapers]:
    """These orders as their papers say them, in this order, as far as the actor may read them.

    An order that never reached its seller has no papers.
    """
    session, refs = db.session(), [one_line(ref) for ref in order_refs[:MOST]]
    query = (
        select(Order, Checkout, Operator, Seller, Outlet)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .join(Operator, Operator.id == Order.operator_id)
        .join(Seller, Seller.id == Order.seller_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .where(Order.order_ref.in_(refs), Order.number.is_not(None), orders_visible_to(actor))
    )
    found = {row.Order.order_ref: row for row in session.execute(query)}
    return _with_papers(session, actor, [found[ref] for ref in refs if ref in found])


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


def _with_papers(session: Session, actor: Actor, rows: Sequence[Any]) -> list[OrderPapers]:
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
    vat_of = functools.cache(lambda day: vat_on(session, day))
    made = []
    for order, checkout, buyer, seller, outlet in rows:
        invoice, shipment = invoices.get(order.id), shipments.get(order.id)
        is_taxed = order.tax_rupiah or (invoice and invoice.tax_rupiah)
        made.append(
            OrderPapers(
                order=order,
                checkout=checkout,
                buyer=buyer,
                seller=seller,
                outlet=outlet,
                is_party=not actor.is_office or order.operator_id == actor.buyer_id,
                lines=lines.get(order.id, []),
                contents=contents,
                shares=[ShareLine(name, share.amount_rupiah) for share, name in shares[order.id]],
                billed=[ShareLine(name, share.billed_rupiah) for share, name in shares[order.id]],
                invoice=invoice,
                invoice_lines=by_invoice[invoice.id] if invoice else [],
                tax=vat_of(clock.wib_day(order.created_at)) if is_taxed else None,
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
    return found if actor.sees_region(region_of(session, found.row.seller_id)) else None


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
        .outerjoin(OrderShare, and_(OrderShare.id == Payable.document_id, Payable.kind.in_(KINDS)))
        .outerjoin(Order, Order.id == OrderShare.order_id)
        .where(PaymentAllocation.payment_id.in_(payment_ids))
        .order_by(PaymentAllocation.payment_id, Payable.id)
    )
    found: defaultdict[int, list[PaidDocument]] = defaultdict(list)
    for row in session.execute(query):
        found[row.payment_id].append(
            PaidDocument(row.kind, row.number, row.order_number or "", row.amount_rupiah)
        )
    return found
