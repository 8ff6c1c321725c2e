"""Payments and bills as programs read them: stretch by stretch, newest first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, select

from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...permissions import Actor
from ..models import Payable, Payment, PaymentAllocation
from .payments import payments_visible_to


class PaymentHead(NamedTuple):
    """A payment with the references of its parties."""

    payment: Payment
    seller_ref: str
    operator_ref: str


class PayableHead(NamedTuple):
    """A bill with the references of its parties."""

    payable: Payable
    seller_ref: str
    operator_ref: str


class Paid(NamedTuple):
    """What of a payment pays one bill."""

    payable_id: int
    kind: str
    number: str
    amount_rupiah: int


def payment_heads(
    actor: Actor, *, limit: int, before: int | None = None, state: str = ""
) -> list[PaymentHead]:
    """The actor's payments, newest first: at most `limit`, older than `before`."""
    query = _payments(actor).order_by(Payment.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Payment.id < before)
    if state:
        query = query.where(Payment.state == state)
    return [PaymentHead(*row) for row in db.session.execute(query)]


def payment_head(actor: Actor, payment_id: int) -> PaymentHead | None:
    """One of them; None for a stranger's."""
    row = db.session.execute(_payments(actor).where(Payment.id == payment_id)).one_or_none()
    return PaymentHead(*row) if row else None


def _payments(actor: Actor) -> Select[Any]:
    columns: tuple[Any, ...] = (Payment, Seller.seller_ref, Operator.operator_ref)
    return (
        select(*columns)
        .join(Seller, Seller.id == Payment.seller_id)
        .join(Operator, Operator.id == Payment.operator_id)
        .where(payments_visible_to(actor))
    )


def paid_by(payment_ids: Collection[int]) -> dict[int, list[Paid]]:
    """What each payment pays."""
    columns: tuple[Any, ...] = (
        PaymentAllocation.payment_id, Payable.id, Payable.kind, Payable.number,
        PaymentAllocation.amount_rupiah,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(Payable, Payable.id == PaymentAllocation.payable_id)
        .where(PaymentAllocation.payment_id.in_(payment_ids))
        .order_by(Payable.id)
    )
    found: dict[int, list[Paid]] = {payment_id: [] for payment_id in payment_ids}
    for payment_id, *paid in db.session.execute(query):
        found[payment_id].append(Paid(*paid))
    return found


def payable_heads(
    actor: Actor, *, limit: int, before: int | None = None, is_open: bool | None = None
) -> list[PayableHead]:
    """What the actor's organization is to pay, or to be paid, newest first."""
    columns: tuple[Any, ...] = (Payable, Seller.seller_ref, Operator.operator_ref)
    query = (
        select(*columns)
        .join(Seller, Seller.id == Payable.seller_id)
        .join(Operator, Operator.id == Payable.operator_id)
        .where(_own_payables(actor))
        .order_by(Payable.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Payable.id < before)
    if is_open is not None:
        left = Payable.amount_rupiah > Payable.paid_rupiah
        query = query.where(left if is_open else ~left)
    return [PayableHead(*row) for row in db.session.execute(query)]


def _own_payables(actor: Actor) -> ColumnElement[bool]:
    if actor.seller_id is not None:
        return of_seller(Payable.seller_id, actor.seller_id)
    return Payable.operator_id == actor.buyer_id if actor.buyer_id is not None else false()
