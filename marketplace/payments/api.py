"""The JSON API of payments: what is to be paid, what was, and both parties' acts. As the pages do it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from ..api import blueprint
from ..api_values import ID, KeyHeader, ReasonIn, judged, one_stretch
from ..errors import InvalidInput
from ..i18n import _
from ..mailing import address
from ..permissions import Permission, current_actor, protected
from ..texts import one_line
from . import schemas as shape
from .models import PaymentMethod
from .queries import programs
from .queries.programs import Paid, PaymentHead
from .rules import NewPayment, PaymentVerb
from .services import answer_payment, record_payment
from .services.payments import no_payment

api = blueprint("payments", tag="Payments")


@api.get("/payables")
@protected(Permission.SETTLEMENT_VIEW)
@api.input(shape.PayablesQuery, location="query", arg_name="asked")
@api.output(shape.PayableList)
@api.doc(summary="What one's organization is to pay, or to be paid", operation_id="listPayables")
def payables(asked: shape.PayablesQuery) -> dict[str, Any]:
    """Bills of settlements, advances and invoices, newest first; repeat with `cursor` until it is null."""
    found = programs.payable_heads(
        current_actor(),
        limit=asked.limit + 1,
        before=asked.cursor,
        is_open=None if asked.is_open is None else asked.is_open == "true",
    )
    items, cursor = one_stretch(found, asked.limit, lambda head: head.payable.id)
    named = ("kind", "number", "amount_rupiah", "paid_rupiah", "confirmed_rupiah", "due_on")
    return {
        "items": [
            {
                "payable_id": head.payable.id,
                "seller_ref": head.seller_ref,
                "operator_ref": head.operator_ref,
                **{name: getattr(head.payable, name) for name in named},
            }
            for head in items
        ],
        "next_cursor": cursor,
    }


@api.get("/payments")
@protected(Permission.SETTLEMENT_VIEW)
@api.input(shape.PaymentsQuery, location="query", arg_name="asked")
@api.output(shape.PaymentList)
@api.doc(summary="One's own payments, newest first", operation_id="listPayments")
def payments(asked: shape.PaymentsQuery) -> dict[str, Any]:
    """What was paid and what became of it; repeat with `cursor` until it is null."""
    found = programs.payment_heads(
        current_actor(),
        limit=asked.limit + 1,
        before=asked.cursor,
        state=asked.state.value if asked.state else "",
    )
    items, cursor = one_stretch(found, asked.limit, lambda head: head.payment.id)
    paid = programs.paid_by([head.payment.id for head in items])
    return {"items": [_payment(head, paid[head.payment.id]) for head in items], "next_cursor": cursor}


@api.get(f"/payments/<{ID}:payment_id>")
@protected(Permission.SETTLEMENT_VIEW)
@api.output(shape.PaymentOut)
@api.doc(summary="One payment", operation_id="readPayment")
def payment(payment_id: int) -> dict[str, Any]:
    """A payment with what it pays."""
    return _read(payment_id)


@api.post("/payments")
@protected(Permission.PAYMENT_RECORD)
@api.input(KeyHeader, location="headers", arg_name="header")
@api.input(shape.PaymentIn, arg_name="asked")
@api.output(shape.PaymentOut)
@api.doc(summary="The buyer records a payment", operation_id="recordPayment")
def record(header: KeyHeader, asked: shape.PaymentIn) -> dict[str, Any]:
    """Record what was paid; the seller is asked to confirm it."""
    actor = current_actor()
    with judged():
        made = record_payment(
            actor=actor,
            payment=NewPayment(
                payable_ids=tuple(asked.payable_ids),
                amount_rupiah=asked.amount_rupiah,
                method=PaymentMethod(asked.method),
                paid_on=asked.paid_on,
                idempotency_key=f"api:{actor.buyer_id}:{header.idempotency_key}",
                reference=one_line(asked.reference),
            ),
            proof=_proof(asked.proof),
        )
    return _read(made.id)


def _proof(text: str | None) -> bytes | None:
    if not text:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        sentence = _("Bukti ini bukan base64.")
        raise InvalidInput(sentence, {"proof": sentence}) from None


@api.post(f"/payments/<{ID}:payment_id>/confirm")
@protected(Permission.PAYMENT_CONFIRM)
@api.output(shape.PaymentOut)
@api.doc(summary="The seller says that the money came", operation_id="confirmPayment")
def confirm(payment_id: int) -> dict[str, Any]:
    """Confirm a payment; confirmed again it stays confirmed."""
    with judged():
        answer_payment(actor=current_actor(), payment_id=payment_id, verb=PaymentVerb.CONFIRM)
    return _read(payment_id)


@api.post(f"/payments/<{ID}:payment_id>/deny")
@protected(Permission.PAYMENT_CONFIRM)
@api.input(ReasonIn, arg_name="asked")
@api.output(shape.PaymentOut)
@api.doc(summary="The seller says that the money did not come", operation_id="denyPayment")
def deny(payment_id: int, asked: ReasonIn) -> dict[str, Any]:
    """Say that a payment did not come, and why; its bills are open again."""
    with judged():
        answer_payment(
            actor=current_actor(), payment_id=payment_id, verb=PaymentVerb.DENY, reason=asked.reason
        )
    return _read(payment_id)


def _read(payment_id: int) -> dict[str, Any]:
    head = programs.payment_head(current_actor(), payment_id)
    if head is None:
        raise no_payment()
    return _payment(head, programs.paid_by([payment_id])[payment_id])


def _payment(head: PaymentHead, paid: Sequence[Paid]) -> dict[str, Any]:
    row = head.payment
    named = ("state", "method", "amount_rupiah", "paid_on", "confirmed_on", "reference")
    return {
        "payment_id": row.id,
        **{name: getattr(row, name) for name in named},
        "seller_ref": head.seller_ref,
        "operator_ref": head.operator_ref,
        "documents": [one._asdict() for one in paid],
        "url": address(f"/api/v1/payments/{row.id}"),
    }
