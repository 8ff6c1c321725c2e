"""One agreement and month from three sides, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from ....db import db
from ....organizations.models import Outlet, Seller
from ....permissions import Actor, Permission
from ...models import Agreement, AgreementState
from ...rules.month import Figures, last_of
from ...rules.urgency import Urgency
from ..sides import papers_visible_to
from .sources import Pair, ProductMonth, Sources


@dataclass(frozen=True)
class AgreementMonth:
    """All that the page of one agreement and month shows."""

    agreement: Agreement
    outlet_name: str
    seller_name: str
    first: date
    last: date
    products: list[ProductMonth]
    total: Figures
    has_money: bool
    """Whether the actor may see rupiah."""
    others: list[Agreement]
    """Other agreements of the same two that share the month."""

    @property
    def unsettled(self) -> list[ProductMonth]:
        """The products of which something is not explained, or not settled yet."""
        return [one for one in self.products if any(mark.urgency is not Urgency.INFO for mark in one.marks)]


def agreement_seen(actor: Actor, agreement_id: int) -> tuple[Agreement, str, str] | None:
    """An agreement that began, with its parties' names; None for a stranger, and while it is a proposal."""
    row = db.session.execute(
        select(Agreement, Outlet.name, Seller.name)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(Seller, Seller.id == Agreement.seller_id)
        .where(
            Agreement.id == agreement_id,
            Agreement.state == AgreementState.ACCEPTED.value,
            papers_visible_to(actor, Agreement.outlet_id, Agreement.seller_id),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def agreement_month(actor: Actor, agreement_id: int, first: date) -> AgreementMonth | None:
    """The month of an agreement from three sides; None for a stranger. A fixed number of questions."""
    seen = agreement_seen(actor, agreement_id)
    if seen is None:
        return None
    agreement, outlet_name, seller_name = seen
    pair = Pair(agreement.outlet_id, agreement.seller_id, first, last_of(first))
    has_money = actor.can(Permission.SETTLEMENT_VIEW)
    reading = Sources(pair, has_money=has_money)
    products = reading.products()
    total = Figures()
    for one in products:
        total.add(one.figures)
    return AgreementMonth(
        agreement=agreement,
        outlet_name=outlet_name,
        seller_name=seller_name,
        first=first,
        last=pair.last,
        products=products,
        total=total,
        has_money=has_money,
        others=_others(agreement, pair),
    )


def _others(agreement: Agreement, pair: Pair) -> list[Agreement]:
    query = select(Agreement).where(
        Agreement.outlet_id == pair.outlet_id,
        Agreement.seller_id == pair.seller_id,
        Agreement.id != agreement.id,
        Agreement.state == AgreementState.ACCEPTED.value,
        Agreement.starts_on <= pair.last,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= pair.first),
        or_(Agreement.terminated_on.is_(None), Agreement.terminated_on > pair.first),
    )
    return list(db.session.scalars(query.order_by(Agreement.starts_on, Agreement.id)))
