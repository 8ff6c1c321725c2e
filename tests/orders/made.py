"""Orders led to some point of their life, as its parties lead them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from marketplace import clock
from marketplace.db import db
from marketplace.orders.models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    Order,
    OrderClaim,
    OrderShare,
    Shipment,
    ShipmentLine,
)
from marketplace.orders.rules.shipping import Packed, Taken
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.receiving import receive
from marketplace.orders.services.shipping import ShipmentDraft, ship
from marketplace.payments.models import JournalAccount, Payable, Payment, PaymentMethod
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.permissions import Actor
from marketplace.stock.models import StockMovement
from tests.orders.support import Trade, lines_of

GOOD = date(2027, 6, 30)
_keys = itertools.count(1)


def note_of(order: Order, *units: int, lots: Sequence[tuple[str, date | None]] = (), **head: Any) -> Any:
    """A delivery note with so many of each line (all, where nothing is said), in one lot each."""
    lines = lines_of(order)
    wanted = units or tuple(line.quantity for line in lines)
    named = [*lots, *[("L1", GOOD)] * (len(wanted) - len(lots))]
    packed = [
        Packed(line.id, count, *lot) for line, count, lot in zip(lines, wanted, named, strict=True) if count
    ]
    return ShipmentDraft(packed, **{"driver": "Pak Joko", **head})


def shipped(trade: Trade, quantity: int = 10, *, units: Sequence[int] = (), **how: Any) -> Order:
    """An order on its way."""
    order = trade.order(quantity, **how)
    confirm(actor=trade.maker, order_id=order.id)
    pay_advance(trade, order)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order, *units))
    return order


def received(trade: Trade, quantity: int = 10, *, damaged: int = 0, short: int = 0, **how: Any) -> Order:
    """An order taken in, its one line with so many damaged and short; so it is billed."""
    order = shipped(trade, quantity, **how)
    (line,) = note_lines(order)
    counted = {line.id: Taken(line.quantity - damaged - short, damaged)} if damaged or short else None
    receive(actor=trade.buyer, order_id=order.id, counted=counted)
    return order


def pay(trade: Trade, order: Order, *, amount: int | None = None, confirms: bool = True) -> Payment:
    """The buyer pays what is open of an order (or a part), and the seller says that it came."""
    db.session.rollback()
    open_ = [row for row in payables_of(order) if row.open_rupiah]
    payment = record_payment(
        actor=trade.buyer,
        payment=NewPayment(
            idempotency_key=f"pay-{next(_keys)}",
            payable_ids=tuple(row.id for row in open_),
            amount_rupiah=amount or sum(row.open_rupiah for row in open_),
            method=PaymentMethod.CASH,
            paid_on=clock.today(),
            reference="",
        ),
    )
    if confirms:
        answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM)
    return payment


def pay_advance(trade: Trade, order: Order) -> None:
    """What was asked before packing, if anything, paid and confirmed."""
    if any(row.open_rupiah for row in payables_of(order)):
        pay(trade, order)


# --- looking -----------------------------------------------------------------------------------------------


def payables_of(order: Order) -> list[Payable]:
    """What was asked of an order, the advance first."""
    shares = select(OrderShare.id).where(OrderShare.order_id == order.id)
    query = select(Payable).where(Payable.kind.in_(("advance", "invoice")), Payable.document_id.in_(shares))
    return list(db.session.scalars(query.order_by(Payable.id)))


def note(order: Order) -> Shipment:
    """Its delivery note."""
    db.session.rollback()
    return db.session.scalars(select(Shipment).where(Shipment.order_id == order.id)).one()


def note_lines(order: Order) -> list[ShipmentLine]:
    """The lines of its delivery note."""
    query = select(ShipmentLine).join(Shipment, Shipment.id == ShipmentLine.shipment_id)
    query = query.where(Shipment.order_id == order.id).order_by(ShipmentLine.position)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def invoice_of(order: Order) -> Invoice:
    """Its invoice."""
    db.session.rollback()
    return db.session.scalars(select(Invoice).where(Invoice.order_id == order.id)).one()


def invoice_lines(order: Order) -> list[InvoiceLine]:
    """The lines of its invoice."""
    query = select(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    return list(db.session.scalars(query.where(Invoice.order_id == order.id).order_by(InvoiceLine.position)))


def credits_of(order: Order) -> list[CreditNote]:
    """Its credit notes."""
    query = select(CreditNote).join(Invoice, Invoice.id == CreditNote.invoice_id)
    return list(db.session.scalars(query.where(Invoice.order_id == order.id).order_by(CreditNote.id)))


def claim_row(claim: OrderClaim) -> OrderClaim:
    """A claim as it is now."""
    db.session.rollback()
    return db.session.get_one(OrderClaim, claim.id, populate_existing=True)


def fresh(order: Order) -> Order:
    """An order as it is now."""
    db.session.rollback()
    return db.session.get_one(Order, order.id, populate_existing=True)


def balances(trade: Trade) -> dict[str, int]:
    """What stands in the journal between the two, without zeros."""
    db.session.rollback()
    query = select(JournalAccount.kind, JournalAccount.balance_rupiah).where(
        JournalAccount.operator_id == trade.operator.id, JournalAccount.seller_id == trade.seller.id
    )
    return {kind: amount for kind, amount in db.session.execute(query) if amount}


def ledger() -> list[tuple[str, int, str, date]]:
    """Kind, change, cause and day of every row of the ledger of units."""
    query = select(
        StockMovement.kind, StockMovement.change, StockMovement.cause_kind, StockMovement.occurred_on
    )
    return [tuple(row) for row in db.session.execute(query.order_by(StockMovement.id))]  # type: ignore[misc]


def stranger_of(trade: Trade) -> Actor:
    """Somebody of the same kind as the buyer, of another company."""
    return Actor(user_id=None, name="Orang lain", role=trade.buyer.role, operator_id=trade.operator.id + 1)
