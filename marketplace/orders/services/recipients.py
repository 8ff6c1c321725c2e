"""Whom to write to about an order: those of its buyer, its seller or the office who have an e-mail."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ...accounts.models import User
from ...organizations.models import Membership, OfficeBuyer, Seller
from ...permissions import ROLE_PERMISSIONS, Permission
from ...placements.queries.parties import Person, officers_of, people_of
from ...placements.rules import Side
from ..models import Order
from .moving import region_of


def sellers_people(session: Session, order: Order) -> list[Person]:
    """Owners and managers of the seller; else its own address; else nobody (rules/whatsapp.py helps)."""
    seller = session.get_one(Seller, order.seller_id)
    return people_of(session, Side.SELLER, seller=seller, operator_id=order.operator_id)


def buyers_people(session: Session, order: Order, permission: Permission | None = None) -> list[Person]:
    """Whoever ordered, and with a permission those of the buyer who have it; where that is nobody, those who
    may approve."""
    wanted = [Membership.user_id == order.created_by]
    if permission is not None:
        wanted.append(_has(permission))
    return _of_buyer(session, order, or_(*wanted)) or approvers(session, order)


def approvers(session: Session, order: Order) -> list[Person]:
    """Those of the buyer who may say yes to an order that its maker may not place alone."""
    return _of_buyer(session, order, _has(Permission.ORDER_APPROVE))


def officers(session: Session, order: Order) -> list[Person]:
    """Officers of the nearest office above the seller."""
    return officers_of(session, region_of(session, order.seller_id))


def _has(permission: Permission) -> ColumnElement[bool]:
    roles = [role.value for role, held in ROLE_PERMISSIONS.items() if permission in held]
    return Membership.role.in_(roles)


def _of_buyer(session: Session, order: Order, wanted: ColumnElement[bool]) -> list[Person]:
    offices = select(OfficeBuyer.office_id).where(OfficeBuyer.operator_id == order.operator_id)
    query = (
        select(User.name, User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            or_(Membership.operator_id == order.operator_id, Membership.office_id.in_(offices)),
            wanted,
            Membership.is_active,
            User.is_active,
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    found = {email: Person(name, email or "", locale) for name, email, locale in session.execute(query)}
    return list(found.values())
