"""Through whom somebody buys: a retailer for itself, an office through an operator of its own."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...errors import Forbidden
from ...i18n import _
from ...permissions import Actor
from ..models import Office, OfficeBuyer, Operator


def buyer_of(session: Session, actor: Actor) -> int:
    """The operator whose money this person's orders spend; an office's is made when it first buys.

    Raises Forbidden for whoever buys for nobody.
    """
    if actor.buyer_id is not None:
        return actor.buyer_id
    if actor.office_id is None:
        raise Forbidden(_("Akun ini tidak berbelanja. Masuk sebagai toko, hotel atau kantor Dinas."))
    office = session.get_one(Office, actor.office_id, with_for_update=True)
    known = session.scalar(select(OfficeBuyer.operator_id).where(OfficeBuyer.office_id == office.id))
    return known or _new_buyer(session, actor, office)


def _new_buyer(session: Session, actor: Actor, office: Office) -> int:
    operator = Operator(
        operator_ref=f"OFFICE-{office.region_code}",
        name=office.name,
        phone=office.phone,
        email=office.email,
        address=office.address,
        region_code=office.region_code,
        created_at=clock.now(),
    )
    session.add(operator)
    session.flush()
    session.add(OfficeBuyer(office_id=office.id, operator_id=operator.id))
    audit.record(session, actor, "operator.registered", operator, region=office.region_code)
    session.flush()
    return operator.id
