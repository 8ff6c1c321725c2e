"""What the public may compare with a paper of an order that it holds in its hands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ...db import db
from ...documents import Verified
from ...i18n import _, format_day
from ...money import format_rupiah
from ...organizations.models import Operator, Seller
from ...payments.models import Payment, PaymentState
from ..models import CreditNote, Invoice, Order, OrderState, PaymentReceipt, Shipment
from ..rules.states import ORDER_WORDS

ENDED = {OrderState.DECLINED, OrderState.EXPIRED, OrderState.CANCELLED}


def verified_paper(code: str) -> Verified | None:
    """An order, invoice, receipt, delivery note or credit note by the code under its QR code."""
    for look in (_order, _invoice, _receipt, _delivery, _credit):
        found = look(code)
        if found is not None:
            return found
    return None


def _order(code: str) -> Verified | None:
    row = _one(_with_parties(Order, Order.operator_id, Order.seller_id).where(Order.order_ref == code))
    if row is None or row.Order.number is None:
        return None
    order = row.Order
    notes = []
    if order.state in ENDED:
        notes.append(("short", str(ORDER_WORDS[OrderState(order.state)])))
    return Verified(
        _("Surat pesanan %(number)s", number=order.number),
        _("Pesanan ini tercatat di Etalase."),
        [
            *_parties(row),
            (_("Jumlah pesanan"), format_rupiah(order.total_rupiah)),
            (_("Hari pengiriman"), format_day(order.deliver_from)),
        ],
        notes=notes,
    )


def _invoice(code: str) -> Verified | None:
    row = _one(_with_parties(Invoice, Invoice.operator_id, Invoice.seller_id).where(Invoice.code == code))
    if row is None:
        return None
    invoice, session = row.Invoice, db.session()
    notes = [
        ("info", _("Dikurangi nota kredit %(number)s.", number=number))
        for number in session.scalars(select(CreditNote.number).where(CreditNote.invoice_id == invoice.id))
    ]
    return Verified(
        _("Nota tagihan %(number)s", number=invoice.number),
        _("Nota tagihan ini diterbitkan lewat Etalase."),
        [
            *_parties(row),
            (_("Tanggal"), format_day(invoice.issued_on)),
            (_("Jumlah tagihan"), format_rupiah(invoice.total_rupiah)),
        ],
        notes=notes,
    )


def _receipt(code: str) -> Verified | None:
    query = _with_parties(PaymentReceipt, Payment.operator_id, PaymentReceipt.seller_id)
    query = query.join(Payment, Payment.id == PaymentReceipt.payment_id).add_columns(Payment.state)
    row = _one(query.where(PaymentReceipt.code == code))
    if row is None:
        return None
    notes = []
    if row.state != PaymentState.CONFIRMED:
        notes.append(("short", _("Pembayaran ini kemudian dibatalkan.")))
    receipt = row.PaymentReceipt
    return Verified(
        _("Kuitansi %(number)s", number=receipt.number),
        _("Pembayaran ini tercatat di Etalase."),
        [
            *_parties(row),
            (_("Tanggal"), format_day(receipt.issued_on)),
            (_("Jumlah uang"), format_rupiah(receipt.amount_rupiah)),
        ],
        notes=notes,
    )


def _delivery(code: str) -> Verified | None:
    query = _with_parties(Shipment, Order.operator_id, Shipment.seller_id)
    query = query.join(Order, Order.id == Shipment.order_id).add_columns(Order.number)
    row = _one(query.where(Shipment.code == code))
    if row is None:
        return None
    note = row.Shipment
    facts: list[tuple[str, Any]] = [
        *_parties(row),
        (_("Untuk pesanan"), row.number),
        (_("Dikirim"), format_day(note.sent_on)),
    ]
    if note.received_on:
        facts.append((_("Diterima"), format_day(note.received_on)))
    return Verified(
        _("Surat jalan %(number)s", number=note.number),
        _("Surat jalan ini tercatat di Etalase."),
        facts,
        partial="orders/_verified_delivery.html",
        context={"code": code, "is_received": note.received_on is not None},
    )


def _credit(code: str) -> Verified | None:
    query = _with_parties(CreditNote, Invoice.operator_id, CreditNote.seller_id)
    query = query.join(Invoice, Invoice.id == CreditNote.invoice_id).add_columns(Invoice.number)
    row = _one(query.where(CreditNote.code == code))
    if row is None:
        return None
    note = row.CreditNote
    return Verified(
        _("Nota kredit %(number)s", number=note.number),
        _("Nota kredit ini diterbitkan lewat Etalase."),
        [
            *_parties(row),
            (_("Mengurangi nota tagihan"), row.number),
            (_("Tanggal"), format_day(note.issued_on)),
            (_("Jumlah"), format_rupiah(note.total_rupiah)),
        ],
    )


def _with_parties(model: Any, operator_id: Any, seller_id: Any) -> Any:
    """A paper with the names of both parties; what else it needs is joined by its caller."""
    buyer = select(Operator.name).where(Operator.id == operator_id).scalar_subquery()
    seller = select(Seller.name).where(Seller.id == seller_id).scalar_subquery()
    return select(model, buyer.label("buyer_name"), seller.label("seller_name"))


def _one(query: Any) -> Any:
    return db.session().execute(query).one_or_none()


def _parties(row: Any) -> list[tuple[str, Any]]:
    return [(_("Penjual"), row.seller_name), (_("Pembeli"), row.buyer_name)]
