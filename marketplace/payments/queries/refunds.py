"""Money that goes back, as lists and pages show it, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, select

from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...permissions import Actor, Permission
from ..models import Payable, Refund, RefundState
from ..rules import allowed
from ..rules.returning import REFUND_ACTS, RefundVerb
from .lists import one_page, ordered, said
from .payments import PAGE_SIZE, PaymentFilter

REFUND_SORTS = ("made", "-made", "amount", "-amount", "operator", "-operator", "seller", "-seller")
_FIRST = (RefundState.DUE.value, RefundState.SENT.value, RefundState.FAILED.value)


class RefundListRow(NamedTuple):
    """Money that goes back, in a list."""

    id: int
    operator_name: str
    seller_name: str
    number: str | None
    amount_rupiah: int
    reason: str
    created_at: datetime
    state: str
    is_by_provider: bool


@dataclass(frozen=True)
class RefundPage:
    """All that a refund's page shows."""

    refund: Refund
    operator: Operator
    seller: Seller
    payable: Payable | None
    verbs: list[RefundVerb]
    is_seller: bool
    is_buyer: bool


def refunds_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A seller's own and its merged ones', a buyer's own (an office's too); nothing for others."""
    if not actor.can(Permission.SETTLEMENT_VIEW):
        return false()
    if actor.buyer_id is not None:
        return Refund.operator_id == actor.buyer_id
    if actor.seller_id is not None:
        return of_seller(Refund.seller_id, actor.seller_id)
    return false()


def _joined(columns: Sequence[Any], actor: Actor, q: str = "") -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Refund)
        .join(Operator, Operator.id == Refund.operator_id)
        .join(Seller, Seller.id == Refund.seller_id)
        .outerjoin(Payable, Payable.id == Refund.payable_id)
        .where(refunds_visible_to(actor), Refund.state != RefundState.DROPPED.value)
    )
    return said(query, q, (Operator.name, Seller.name, Payable.number, Refund.reason))


def refunds_of(
    actor: Actor, asked: PaymentFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[RefundListRow]:
    """One page of money that goes back (size None: all), what waits for somebody first."""
    columns = (
        Refund.id, Operator.name, Seller.name, Payable.number, Refund.amount_rupiah, Refund.reason,
        Refund.created_at, Refund.state, Refund.charge_id.is_not(None),
    )  # fmt: skip
    query = _joined(columns, actor, asked.q)
    if asked.state:
        query = query.where(Refund.state == asked.state)
    keys: dict[str, Any] = {
        "made": Refund.created_at, "amount": Refund.amount_rupiah, "operator": Operator.name,
        "seller": Seller.name,
    }  # fmt: skip
    waits = case((Refund.state.in_(_FIRST), 0), else_=1)
    query = ordered(query, asked.sort, keys, (waits,), Refund.id.desc())
    return [RefundListRow(*row) for row in db.session.execute(one_page(query, number, size))]


def count_refunds(actor: Actor, q: str = "") -> dict[str, int]:
    """How much of the actor's money that goes back is in what state."""
    query = _joined((Refund.state, func.count()), actor, q).group_by(Refund.state)
    return dict(db.session.execute(query).all())


def refund_page(actor: Actor, refund_id: int) -> RefundPage | None:
    """A refund with what can be done with it now; None for a stranger."""
    found = db.session.execute(
        _joined((Refund, Operator, Seller, Payable), actor).where(Refund.id == refund_id)
    ).one_or_none()
    if found is None:
        return None
    refund, operator, seller, payable = found
    is_buyer = actor.buyer_id is not None
    verbs = allowed(REFUND_ACTS, refund.state, actor.can, is_seller=not is_buyer, is_buyer=is_buyer)
    return RefundPage(
        refund=refund,
        operator=operator,
        seller=seller,
        payable=payable,
        verbs=verbs if refund.charge_id is None else [],
        is_seller=not is_buyer,
        is_buyer=is_buyer,
    )
