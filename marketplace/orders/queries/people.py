"""Somebody who acted for a buyer before, as who they are now."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ...organizations.models import Membership, OfficeBuyer
from ...permissions import Actor, Role


def buyers_person(session: Session, operator_id: int, user_id: int | None, name: str) -> Actor:
    """The person with today's role in a buyer; without one once they left: then they may approve nothing."""
    offices = select(OfficeBuyer.office_id).where(OfficeBuyer.operator_id == operator_id)
    query = (
        select(Membership.role)
        .where(
            Membership.user_id == user_id,
            Membership.is_active,
            or_(Membership.operator_id == operator_id, Membership.office_id.in_(offices)),
        )
        .order_by(Membership.id)
    )
    role = session.scalars(query).first()
    return Actor(user_id, name, Role(role) if role else None, operator_id=operator_id)
