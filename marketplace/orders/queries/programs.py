"""Orders and invoices as programs read them: by reference, stretch by stretch, newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from ...catalog.models import Product
from ...clock import WIB
from ...db import db
from ...organizations.models import Operator, Outlet, Seller
from ...permissions import Actor
from ...texts import one_line
from ..models import CreditNote, Invoice, InvoiceLine, Order, OrderLine, OrderStep
from .orders import orders_visible_to


@dataclass(frozen=True)
class Asked:
    """Which of them: older than `before` (an id), moved on a WIB day or later, in a state."""

    limit: int
    before: int | None = None
    state: str = ""
    moved_since: date | None = None


class OrderHead(NamedTuple):
    """An order with the references of its parties."""

    order: Order
    seller_ref: str
    operator_ref: str
    outlet_ref: str | None


class InvoiceHead(NamedTuple):
    """An invoice with the references of its order and parties."""

    invoice: Invoice
    order_ref: str
    seller_ref: str
    operator_ref: str


@dataclass(frozen=True)
class InvoiceRead:
    """An invoice with its lines, each with its SKU, and the credit notes that take off it."""

    head: InvoiceHead
    lines: Sequence[tuple[InvoiceLine, str]]
    credits: Sequence[CreditNote]


def order_heads(actor: Actor, asked: Asked) -> list[OrderHead]:
    """The actor's orders, newest first."""
    query = _orders(actor).order_by(Order.id.desc()).limit(asked.limit)
    if asked.before is not None:
        query = query.where(Order.id < asked.before)
    if asked.state:
        query = query.where(Order.state == asked.state)
    if asked.moved_since is not None:
        moved = select(OrderStep.id).where(
            OrderStep.order_id == Order.id, OrderStep.happened_at >= _beginning(asked.moved_since)
        )
        query = query.where(moved.exists())
    return [OrderHead(*row) for row in db.session.execute(query)]


def _beginning(day: date) -> datetime:
    return datetime.combine(max(day, date(2000, 1, 1)), time(), WIB)


def order_head(actor: Actor, order_ref: str) -> OrderHead | None:
    """One of them by its reference; None for a stranger's."""
    row = db.session.execute(_orders(actor).where(Order.order_ref == one_line(order_ref))).one_or_none()
    return OrderHead(*row) if row else None


def _orders(actor: Actor) -> Select[Any]:
    columns: tuple[Any, ...] = (Order, Seller.seller_ref, Operator.operator_ref, Outlet.outlet_ref)
    return (
        select(*columns)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .outerjoin(Outlet, Outlet.id == Order.outlet_id)
        .where(orders_visible_to(actor))
    )


def refs_of_orders(checkout_id: int) -> list[tuple[str, str]]:
    """The references of a checkout's orders and of their sellers."""
    query = (
        select(Order.order_ref, Seller.seller_ref)
        .join(Seller, Seller.id == Order.seller_id)
        .where(Order.checkout_id == checkout_id)
        .order_by(Order.id)
    )
    return [(order_ref, seller_ref) for order_ref, seller_ref in db.session.execute(query)]


def invoice_heads(actor: Actor, asked: Asked) -> list[InvoiceHead]:
    """The invoices of the actor's orders, newest first."""
    query = _invoices(actor).order_by(Invoice.id.desc()).limit(asked.limit)
    if asked.before is not None:
        query = query.where(Invoice.id < asked.before)
    return [InvoiceHead(*row) for row in db.session.execute(query)]


def invoice_read(actor: Actor, code: str) -> InvoiceRead | None:
    """One of them by the code in its QR, with its lines; None for a stranger's."""
    row = db.session.execute(_invoices(actor).where(Invoice.code == one_line(code))).one_or_none()
    if row is None:
        return None
    head = InvoiceHead(*row)
    lines = (
        select(InvoiceLine, OrderLine.sku)
        .join(OrderLine, OrderLine.id == InvoiceLine.order_line_id)
        .where(InvoiceLine.invoice_id == head.invoice.id)
        .order_by(InvoiceLine.position)
    )
    notes = select(CreditNote).where(CreditNote.invoice_id == head.invoice.id).order_by(CreditNote.id)
    return InvoiceRead(
        head,
        [(line, sku) for line, sku in db.session.execute(lines)],
        db.session.scalars(notes).all(),
    )


def _invoices(actor: Actor) -> Select[Any]:
    columns: tuple[Any, ...] = (Invoice, Order.order_ref, Seller.seller_ref, Operator.operator_ref)
    return (
        select(*columns)
        .join(Order, Order.id == Invoice.order_id)
        .join(Seller, Seller.id == Invoice.seller_id)
        .join(Operator, Operator.id == Invoice.operator_id)
        .where(orders_visible_to(actor))
    )


def products_named(pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """By seller_ref and sku: the ids of the seller and of the product; what there is not is absent."""
    query = (
        select(Seller.seller_ref, Product.sku, Seller.id, Product.id)
        .join(Product, Product.seller_id == Seller.id)
        .where(
            Seller.seller_ref.in_({seller_ref for seller_ref, _sku in pairs}),
            Product.sku.in_({sku for _seller_ref, sku in pairs}),
        )
    )
    return {(ref, sku): (seller, product) for ref, sku, seller, product in db.session.execute(query)}


def outlet_id_of(outlet_ref: str) -> int | None:
    """The outlet of a reference; whose it is, checkout asks."""
    return db.session.scalar(select(Outlet.id).where(Outlet.outlet_ref == outlet_ref))
