"""Orders in dispute, for an office: claims that wait for it or nobody answered, disputes at a provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Operator, Seller
from ...payments.models import Charge, ChargeDispute, ChargeItem, Payable
from ...payments.services.bills import ADVANCE, INVOICE
from ...permissions import Actor
from ...texts import searchable
from ..models import ClaimState, Order, OrderClaim, OrderLine, OrderShare
from .orders import of_region

REFERRED, OVERDUE, PROVIDER = "referred", "overdue", "provider"
KINDS = (REFERRED, OVERDUE, PROVIDER)


@dataclass(frozen=True)
class DisputeFilter:
    """What is asked of the list."""

    q: str = ""
    kind: str = ""


@dataclass(frozen=True)
class DisputeRow:
    """One thing that the two of an order see differently; of a claim with its id."""

    kind: str
    order_id: int
    order_number: str
    claim_id: int | None
    seller_name: str
    operator_name: str
    about: str
    units: int | None
    rupiah: int
    since: date
    answer_by: date | None

    @property
    def words(self) -> str:
        """What can be searched for."""
        return searchable(f"{self.order_number} {self.seller_name} {self.operator_name} {self.about}")


def disputes_of(actor: Actor, asked: DisputeFilter) -> tuple[list[DisputeRow], dict[str, int]]:
    """What is asked for, the oldest first, and how many there are of each kind."""
    words = searchable(asked.q).split()[:8]
    found = [row for row in _all(actor) if all(word in row.words for word in words)]
    counts = Counter(row.kind for row in found)
    shown = [row for row in found if not asked.kind or row.kind == asked.kind]
    return sorted(shown, key=lambda row: (row.since, row.order_id, row.claim_id or 0)), dict(counts)


def _all(actor: Actor) -> Iterator[DisputeRow]:
    if not actor.is_office:
        return
    here = of_region(actor)
    yield from _claims(here)
    yield from _at_provider(here)


def _claims(here: ColumnElement[bool]) -> Iterator[DisputeRow]:
    overdue = and_(OrderClaim.state == ClaimState.OPEN.value, OrderClaim.due_at < clock.now())
    query = (
        select(OrderClaim, Order, OrderLine, Seller.name, Operator.name)
        .join(Order, Order.id == OrderClaim.order_id)
        .join(OrderLine, OrderLine.id == OrderClaim.order_line_id)
        .join(Seller, Seller.id == Order.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .where(here, or_(OrderClaim.state == ClaimState.REFERRED.value, overdue))
    )
    for claim, order, line, seller, operator in db.session.execute(query):
        yield DisputeRow(
            kind=REFERRED if claim.state == ClaimState.REFERRED else OVERDUE,
            order_id=order.id,
            order_number=order.name,
            claim_id=claim.id,
            seller_name=seller,
            operator_name=operator,
            about=line.name,
            units=claim.quantity,
            rupiah=claim.quantity * line.unit_price_rupiah,
            since=clock.wib_day(claim.made_at),
            answer_by=clock.wib_day(claim.due_at) if claim.due_at else None,
        )


def _at_provider(here: ColumnElement[bool]) -> Iterator[DisputeRow]:
    query = (
        select(ChargeDispute, Order, Payable.id, Seller.name, Operator.name)
        .join(Charge, Charge.id == ChargeDispute.charge_id)
        .join(ChargeItem, ChargeItem.charge_id == Charge.id)
        .join(Payable, and_(Payable.id == ChargeItem.payable_id, Payable.kind.in_((ADVANCE, INVOICE))))
        .join(OrderShare, OrderShare.id == Payable.document_id)
        .join(Order, Order.id == OrderShare.order_id)
        .join(Seller, Seller.id == OrderShare.seller_id)
        .join(Operator, Operator.id == Order.operator_id)
        .where(here, ChargeDispute.state == "open")
    )
    for dispute, order, payable_id, seller, operator in db.session.execute(query):
        rupiah = dispute.shares.get(str(payable_id), 0)
        if rupiah:
            yield DisputeRow(
                kind=PROVIDER,
                order_id=order.id,
                order_number=order.name,
                claim_id=None,
                seller_name=seller,
                operator_name=operator,
                about=dispute.reason,
                units=None,
                rupiah=rupiah,
                since=clock.wib_day(dispute.opened_at),
                answer_by=clock.wib_day(dispute.answer_by) if dispute.answer_by else None,
            )
