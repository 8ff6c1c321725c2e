"""What is not settled, not issued or not paid yet: of one seller, of one operator, of all."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func, select

from ... import clock
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...payments.models import Payable
from ..models import Agreement, AgreementState, Basis, Settlement, SettlementState
from .settlements import of_settlement
from .unsettled import Scope, Unsettled, unsettled


def outlets_with_agreements(*, operator_id: int | None = None) -> list[tuple[int, int]]:
    """(outlet, how many consignment agreements), in order of id; of one operator, or of all."""
    query = (
        select(Agreement.outlet_id, func.count())
        .where(Agreement.basis == Basis.CONSIGNMENT.value, Agreement.state == AgreementState.ACCEPTED.value)
        .group_by(Agreement.outlet_id)
        .order_by(Agreement.outlet_id)
    )
    if operator_id is not None:
        mine = select(OutletFacts.outlet_id).where(
            OutletFacts.operator_id == operator_id, facts_on(OutletFacts, clock.today())
        )
        query = query.where(Agreement.outlet_id.in_(mine))
    return [(outlet_id, count) for outlet_id, count in db.session.execute(query)]


def drafts_waiting() -> dict[int, int]:
    """How many drafts each operator has."""
    query = select(Settlement.operator_id, func.count()).where(
        Settlement.state == SettlementState.DRAFT.value
    )
    return dict(db.session.execute(query.group_by(Settlement.operator_id)).all())


def unsettled_of_seller(seller_id: int) -> list[Unsettled]:
    """What a seller's sales bring that no settlement holds yet, by agreement."""
    query = select(Agreement.outlet_id).where(
        Agreement.seller_id == seller_id, Agreement.basis == Basis.CONSIGNMENT.value
    )
    outlets = tuple(sorted(set(db.session.scalars(query))))
    return unsettled(None, Scope(outlets, seller_id), clock.today())


class Debt(NamedTuple):
    """What somebody owes a seller by its bills: open, and what of that is overdue, since when.

    Settlements are owed by an outlet; what was ordered, by a buyer, and `outlet_id` is None.
    """

    outlet_id: int | None
    payer_name: str
    open_rupiah: int
    reported_rupiah: int
    overdue_rupiah: int
    due_on: date | None


def debts_to(seller_id: int, day: date) -> list[Debt]:
    """What each outlet owes a seller by settlements and each buyer for orders, the earliest due day first.

    Paid bills are left out. Together it is what the list of all bills and their ages come to.
    """
    mine = of_seller(Payable.seller_id, seller_id), Payable.confirmed_rupiah < Payable.amount_rupiah
    left = Payable.amount_rupiah - Payable.paid_rupiah
    sums = (
        func.sum(left),
        func.sum(Payable.paid_rupiah - Payable.confirmed_rupiah),
        func.sum(case((Payable.due_on < day, left), else_=0)),
        func.min(case((left > 0, Payable.due_on))),
    )
    settled = (
        select(Settlement.outlet_id, Outlet.name, *sums)
        .join(Payable, of_settlement())
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .where(*mine)
        .group_by(Settlement.outlet_id, Outlet.name)
    )
    ordered = (
        select(Operator.id, Operator.name, *sums)
        .join(Payable, Payable.operator_id == Operator.id)
        .where(*mine, Payable.kind != "settlement")
        .group_by(Operator.id, Operator.name)
    )
    found = [
        Debt(payer_id if query is settled else None, name, int(open_), int(reported), int(overdue), due)
        for query in (settled, ordered)
        for payer_id, name, open_, reported, overdue, due in db.session.execute(query)
    ]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.payer_name))
