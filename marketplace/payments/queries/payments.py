"""Payments as lists and pages show them, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true

from ... import clock
from ...db import db
from ...organizations.models import Operator, Seller, SellerFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...permissions import Actor, Permission
from ...regions.queries import within
from ..models import Payable, Payment, PaymentAllocation, PaymentMethod, PaymentState, SellerQris
from ..rules import PAYMENT_ACTS, PaymentVerb, allowed
from .lists import one_page, ordered, said

PAGE_SIZE = 25
SORTS = ("paid_on", "-paid_on", "amount", "-amount", "operator", "-operator", "seller", "-seller")


@dataclass(frozen=True)
class PaymentFilter:
    """What is asked of a list of payments."""

    q: str = ""
    state: str = ""
    sort: str = ""


class PaymentListRow(NamedTuple):
    """A payment in a list."""

    id: int
    operator_name: str
    seller_name: str
    amount_rupiah: int
    method: str
    paid_on: date
    reference: str
    state: str
    confirmed_on: date | None


class BillRow(NamedTuple):
    """A document that a payment pays, and how much of it."""

    id: int
    kind: str
    document_id: int
    number: str
    operator_id: int
    operator_name: str
    seller_id: int
    seller_name: str
    due_on: date
    open_rupiah: int
    share_rupiah: int


@dataclass(frozen=True)
class PayTo:
    """Where a seller's money goes: its bank account, for who owes it, and whether it has a QRIS code."""

    bank_name: str
    account: str
    holder: str
    has_qris: bool


@dataclass(frozen=True)
class PaymentPage:
    """All that a payment's page shows."""

    payment: Payment
    operator: Operator
    seller: Seller
    bills: list[BillRow]
    verbs: list[PaymentVerb]
    is_seller: bool
    is_operator: bool


def payments_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A seller's own and its merged ones', an operator's own, an office's sellers and its own; no others."""
    if not actor.can(Permission.SETTLEMENT_VIEW):
        return false()
    if actor.is_office:
        if actor.region == "":
            return true()
        here = select(SellerFacts.seller_id).where(
            within(SellerFacts.region_code, actor.region), facts_on(SellerFacts, clock.today())
        )
        return or_(Payment.seller_id.in_(here), Payment.operator_id == (actor.buyer_id or -1))
    if actor.operator_id is not None:
        return Payment.operator_id == actor.operator_id
    if actor.seller_id is not None:
        return of_seller(Payment.seller_id, actor.seller_id)
    return false()


def _joined(columns: Sequence[Any], actor: Actor, q: str = "") -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Payment)
        .join(Operator, Operator.id == Payment.operator_id)
        .join(Seller, Seller.id == Payment.seller_id)
        .where(payments_visible_to(actor))
    )
    return said(query, q, (Operator.name, Seller.name, Payment.reference))


def payments_of(
    actor: Actor, asked: PaymentFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[PaymentListRow]:
    """One page of the actor's payments (size None: all), what waits for the seller's word first."""
    columns = (
        Payment.id, Operator.name, Seller.name, Payment.amount_rupiah, Payment.method, Payment.paid_on,
        Payment.reference, Payment.state, Payment.confirmed_on,
    )  # fmt: skip
    query = _joined(columns, actor, asked.q)
    if asked.state:
        query = query.where(Payment.state == asked.state)
    keys: dict[str, Any] = {
        "paid_on": Payment.paid_on, "amount": Payment.amount_rupiah, "operator": Operator.name,
        "seller": Seller.name,
    }  # fmt: skip
    waits = case((Payment.state == PaymentState.REPORTED.value, 0), else_=1)
    query = ordered(query, asked.sort, keys, (waits,), Payment.id.desc())
    return [PaymentListRow(*row) for row in db.session.execute(one_page(query, number, size))]


def count_by_state(actor: Actor, q: str = "") -> dict[str, int]:
    """How many of the actor's payments are what."""
    query = _joined((Payment.state, func.count()), actor, q).group_by(Payment.state)
    return dict(db.session.execute(query).all())


def payment_page(actor: Actor, payment_id: int) -> PaymentPage | None:
    """A payment with what it pays and what can be done with it now; None for a stranger."""
    found = db.session.execute(
        _joined((Payment, Operator, Seller), actor).where(Payment.id == payment_id)
    ).one_or_none()
    if found is None:
        return None
    payment, operator, seller = found
    is_operator = actor.buyer_id is not None and actor.buyer_id == payment.operator_id
    is_seller = actor.seller_id is not None
    verbs = allowed(PAYMENT_ACTS, payment.state, actor.can, is_seller=is_seller, is_buyer=is_operator)
    return PaymentPage(
        payment=payment,
        operator=operator,
        seller=seller,
        bills=_bills_of(payment.id),
        verbs=[] if payment.method == PaymentMethod.PROVIDER else verbs,
        is_seller=is_seller,
        is_operator=is_operator,
    )


def _bill_columns(share: Any) -> tuple[Any, ...]:
    return (
        Payable.id, Payable.kind, Payable.document_id, Payable.number, Payable.operator_id,
        select(Operator.name).where(Operator.id == Payable.operator_id).scalar_subquery(),
        Payable.seller_id, Seller.name, Payable.due_on, Payable.amount_rupiah - Payable.paid_rupiah, share,
    )  # fmt: skip


def _bills_of(payment_id: int) -> list[BillRow]:
    query = (
        select(*_bill_columns(PaymentAllocation.amount_rupiah))
        .join(PaymentAllocation, PaymentAllocation.payable_id == Payable.id)
        .join(Seller, Seller.id == Payable.seller_id)
        .where(PaymentAllocation.payment_id == payment_id)
        .order_by(Payable.due_on, Payable.id)
    )
    return [BillRow(*row) for row in db.session.execute(query)]


def bills_to_pay(actor: Actor, payable_ids: Sequence[int], *, all_of_seller: bool = False) -> list[BillRow]:
    """The named bills that the actor may pay, the earliest due first; what is paid is left out.

    With `all_of_seller` every open bill of the same seller, so that one transfer pays them all.
    """
    if actor.buyer_id is None:
        return []
    wanted = and_(Payable.operator_id == actor.buyer_id, Payable.amount_rupiah > Payable.paid_rupiah)
    named = Payable.id.in_(payable_ids)
    if all_of_seller:
        sellers = select(Payable.seller_id).where(Payable.operator_id == actor.buyer_id, named)
        named = Payable.seller_id.in_(sellers)
    query = (
        select(*_bill_columns(Payable.amount_rupiah - Payable.paid_rupiah))
        .join(Seller, Seller.id == Payable.seller_id)
        .where(wanted, named)
        .order_by(Payable.due_on, Payable.id)
        .limit(500)
    )
    return [BillRow(*row) for row in db.session.execute(query)]


def bills_to_take(actor: Actor, payable_ids: Sequence[int]) -> list[BillRow]:
    """The named open bills that the actor's business is to be paid, the earliest due first."""
    if actor.seller_id is None:
        return []
    open_rupiah = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(*_bill_columns(open_rupiah))
        .join(Seller, Seller.id == Payable.seller_id)
        .where(of_seller(Payable.seller_id, actor.seller_id), open_rupiah > 0, Payable.id.in_(payable_ids))
        .order_by(Payable.due_on, Payable.id)
        .limit(500)
    )
    return [BillRow(*row) for row in db.session.execute(query)]


def pay_to(seller_id: int) -> PayTo:
    """Where to pay a seller, or the one that it was merged into: for a page of a buyer that owes it."""
    kept = select(func.coalesce(Seller.merged_into_id, Seller.id)).where(Seller.id == seller_id)
    seller = db.session.scalars(select(Seller).where(Seller.id == kept.scalar_subquery())).one()
    has_qris = db.session.get(SellerQris, seller.id) is not None
    account, holder = seller.bank_account or "", seller.bank_holder or ""
    return PayTo(seller.bank_name if account else "", account, holder, has_qris)
