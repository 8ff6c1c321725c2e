"""What is not settled, not issued or not paid yet: of one seller, of one operator, of all."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func, select

from ... import clock
from ...db import db
from ...organizations.models import Outlet, OutletFacts
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


class OutletDebt(NamedTuple):
    """What one outlet owes a seller by its bills: open, and what of that is overdue, since when."""

    outlet_id: int
    outlet_name: str
    open_rupiah: int
    reported_rupiah: int
    overdue_rupiah: int
    due_on: date | None


def debts_to(seller_id: int, day: date) -> list[OutletDebt]:
    """What each outlet owes a seller by bills, the earliest due day first; paid ones are left out."""
    is_open = Payable.confirmed_rupiah < Payable.amount_rupiah
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(
            Settlement.outlet_id,
            Outlet.name,
            func.sum(left),
            func.sum(Payable.paid_rupiah - Payable.confirmed_rupiah),
            func.sum(case((Payable.due_on < day, left), else_=0)),
            func.min(case((left > 0, Payable.due_on))),
        )
        .join(Payable, of_settlement())
        .join(Outlet, Outlet.id == Settlement.outlet_id)
        .where(Settlement.seller_id == seller_id, is_open)
        .group_by(Settlement.outlet_id, Outlet.name)
    )
    found = [
        OutletDebt(outlet_id, name, int(open_), int(reported), int(overdue), due)
        for outlet_id, name, open_, reported, overdue, due in db.session.execute(query)
    ]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.outlet_name))
