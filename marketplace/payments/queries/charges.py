"""Payments through a provider, as the buyer and the platform's people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true

from ...db import db
from ...organizations.models import Operator, Seller
from ...permissions import Actor, Permission
from ..models import Charge, ChargeDispute, ChargeItem, Payable, Refund, RefundState
from .lists import one_page, ordered, said
from .payments import PAGE_SIZE, PaymentFilter

CHARGE_SORTS = ("made", "-made", "amount", "-amount", "operator", "-operator")
TO_LOOK_AT = "look"
"""Instead of a state: what does not fit, or whose refund failed."""


class ChargeListRow(NamedTuple):
    """A charge in a list."""

    id: int
    operator_name: str
    amount_rupiah: int
    fee_rupiah: int
    returned_rupiah: int
    provider: str
    provider_ref: str | None
    created_at: datetime
    paid_at: datetime | None
    state: str
    flag: str


class ItemRow(NamedTuple):
    """A document in a charge."""

    kind: str
    document_id: int
    number: str
    seller_name: str
    amount_rupiah: int
    outcome: str | None


@dataclass(frozen=True)
class ChargePage:
    """All that a charge's page shows."""

    charge: Charge
    operator: Operator
    items: list[ItemRow]
    refunds: Sequence[Refund]
    disputes: Sequence[ChargeDispute]
    is_buyer: bool


def charges_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A buyer's own, and all for the platform's people; nothing for others."""
    if actor.can(Permission.PLATFORM_MANAGE):
        return true()
    if actor.buyer_id is None or not actor.can(Permission.PAYMENT_RECORD):
        return false()
    return Charge.operator_id == actor.buyer_id


def has_something_to_look_at() -> ColumnElement[bool]:
    """A charge that does not fit what was told, or of which a refund failed."""
    failed = exists().where(and_(Refund.charge_id == Charge.id, Refund.state == RefundState.FAILED.value))
    return or_(Charge.flag != "", failed)


def _joined(columns: Sequence[Any], actor: Actor, asked: PaymentFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Charge)
        .join(Operator, Operator.id == Charge.operator_id)
        .where(charges_visible_to(actor))
    )
    query = said(query, asked.q, (Operator.name, Charge.provider_ref, Charge.intent_ref, Charge.reference))
    if asked.state == TO_LOOK_AT:
        return query.where(has_something_to_look_at())
    return query.where(Charge.state == asked.state) if asked.state else query


def charges_of(
    actor: Actor, asked: PaymentFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[ChargeListRow]:
    """One page of the actor's charges (size None: all), the newest first."""
    columns = (
        Charge.id, Operator.name, Charge.amount_rupiah, Charge.fee_rupiah,
        Charge.refunded_rupiah + Charge.lost_rupiah, Charge.provider, Charge.provider_ref, Charge.created_at,
        Charge.paid_at, Charge.state, Charge.flag,
    )  # fmt: skip
    keys: dict[str, Any] = {"made": Charge.id, "amount": Charge.amount_rupiah, "operator": Operator.name}
    query = ordered(_joined(columns, actor, asked), asked.sort, keys, (), Charge.id.desc())
    return [ChargeListRow(*row) for row in db.session.execute(one_page(query, number, size))]


def count_charges(actor: Actor, q: str = "") -> dict[str, int]:
    """How many of the actor's charges are what, and how many people should look at."""
    columns = (Charge.state, func.count())
    query = _joined(columns, actor, PaymentFilter(q=q)).group_by(Charge.state)
    return {str(state): int(number) for state, number in db.session.execute(query)}


def count_to_look_at(actor: Actor) -> int:
    """How many charges do not fit what was told, or wait for a refund to be tried again."""
    query = _joined((func.count(),), actor, PaymentFilter(state=TO_LOOK_AT))
    return int(db.session.scalar(query) or 0)


def charge_page(actor: Actor, charge_id: int) -> ChargePage | None:
    """A charge with its documents, refunds and disputes; None for a stranger."""
    found = db.session.execute(
        _joined((Charge, Operator), actor, PaymentFilter()).where(Charge.id == charge_id)
    ).one_or_none()
    if found is None:
        return None
    charge, operator = found
    items = (
        select(
            Payable.kind, Payable.document_id, Payable.number, Seller.name, ChargeItem.amount_rupiah,
            ChargeItem.outcome,
        )
        .join(Payable, Payable.id == ChargeItem.payable_id)
        .join(Seller, Seller.id == Payable.seller_id)
        .where(ChargeItem.charge_id == charge_id)
        .order_by(Seller.name, Payable.id)
    )  # fmt: skip
    return ChargePage(
        charge=charge,
        operator=operator,
        items=[ItemRow(*row) for row in db.session.execute(items)],
        refunds=db.session.scalars(
            select(Refund).where(Refund.charge_id == charge_id).order_by(Refund.id)
        ).all(),
        disputes=db.session.scalars(
            select(ChargeDispute).where(ChargeDispute.charge_id == charge_id).order_by(ChargeDispute.id)
        ).all(),
        is_buyer=actor.buyer_id is not None and actor.buyer_id == charge.operator_id,
    )


def live_charge_of(actor: Actor, payable_ids: Sequence[int]) -> int | None:
    """The charge of the actor's own that still waits for money of one of these bills."""
    if actor.buyer_id is None or not payable_ids:
        return None
    query = (
        select(Charge.id)
        .join(ChargeItem, ChargeItem.charge_id == Charge.id)
        .where(
            ChargeItem.payable_id.in_(payable_ids), ChargeItem.is_live, Charge.operator_id == actor.buyer_id
        )
    )
    return db.session.scalars(query.limit(1)).first()
