"""What the database holds that a batch of agreements needs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ..models import Agreement

SLICE = 400
TERMS = ("starts_on", "ends_on", "terminated_on", "commission_percent", "settlement_days")


def outlets_by_ref(session: Session, refs: set[str]) -> dict[str, tuple[int, str]]:
    """Id and village of today by outlet_ref."""
    wanted, found = sorted(refs), {}
    for start in range(0, len(wanted), SLICE):
        query = (
            select(Outlet.outlet_ref, Outlet.id, OutletFacts.region_code)
            .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
            .where(Outlet.outlet_ref.in_(wanted[start : start + SLICE]), facts_on(OutletFacts, clock.today()))
        )
        found.update({ref: (number, place) for ref, number, place in session.execute(query)})
    return found


def sellers_by_ref(session: Session, refs: set[str]) -> dict[str, int]:
    """Id by seller_ref."""
    wanted, found = sorted(refs), {}
    for start in range(0, len(wanted), SLICE):
        query = select(Seller.seller_ref, Seller.id).where(
            Seller.seller_ref.in_(wanted[start : start + SLICE])
        )
        found.update(dict(session.execute(query).all()))
    return found


def agreements_by_ref(session: Session, refs: set[str]) -> dict[str, dict[str, Any]]:
    """What is stored of agreements, by reference."""
    wanted = sorted(refs)
    found: dict[str, dict[str, Any]] = {}
    names = ("id", "outlet_ref", "seller_ref", "basis", "state", *TERMS)
    special = {"outlet_ref": Outlet.outlet_ref, "seller_ref": Seller.seller_ref}
    for start in range(0, len(wanted), SLICE):
        query = (
            select(
                Agreement.agreement_ref,
                *(special.get(name, getattr(Agreement, name, None)) for name in names),
            )
            .join(Outlet, Outlet.id == Agreement.outlet_id)
            .join(Seller, Seller.id == Agreement.seller_id)
            .where(Agreement.agreement_ref.in_(wanted[start : start + SLICE]))
        )
        for row in session.execute(query):
            found[row[0]] = dict(zip(names, row[1:], strict=True))
    return found
