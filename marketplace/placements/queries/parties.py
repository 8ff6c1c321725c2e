"""Which side an actor is on, and who answers for a side."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ... import clock
from ...accounts.models import User
from ...organizations.models import Membership, Office, OfficeBuyer, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import Actor, Role, within
from ..rules import Side

ANSWERING = {
    Side.SELLER: (Role.SELLER_OWNER.value, Role.SELLER_MANAGER.value),
    Side.OUTLET: (Role.BUYER_OWNER.value, Role.BUYER_MANAGER.value, Role.HEAD.value),
}


@dataclass(frozen=True)
class Person:
    """Somebody to write to."""

    name: str
    email: str
    locale: str


def side_of(session: Session, actor: Actor, *, seller_id: int, operator_id: int) -> Side | None:
    """The actor's side of an agreement, also by a seller merged into its own; None for a stranger."""
    if actor.operator_id is not None and actor.operator_id == operator_id:
        return Side.OUTLET
    if actor.seller_id is not None:
        if actor.seller_id == seller_id:
            return Side.SELLER
        merged_into = session.scalar(select(Seller.merged_into_id).where(Seller.id == seller_id))
        if merged_into == actor.seller_id:
            return Side.SELLER
    return None


def side_at(session: Session, actor: Actor, *, outlet_id: int, seller_id: int) -> Side | None:
    """The actor's side of an outlet and a seller by who runs the outlet today."""
    operator_id = session.scalars(
        select(OutletFacts.operator_id).where(
            OutletFacts.outlet_id == outlet_id, facts_on(OutletFacts, clock.today())
        )
    ).one()
    return side_of(session, actor, seller_id=seller_id, operator_id=operator_id)


def officers_of(session: Session, region: str) -> list[Person]:
    """Officers and heads of the nearest office that sees a region, as far as they have an e-mail."""
    offices = session.execute(select(Office.id, Office.region_code)).all()
    seeing = [(len(code), office_id) for office_id, code in offices if within(region, code)]
    if not seeing:
        return []
    query = (
        select(User.name, User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.office_id == max(seeing)[1],
            Membership.is_active,
            Membership.role.in_([Role.OFFICER.value, Role.HEAD.value]),
            User.is_active,
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    return [Person(name, email or "", locale) for name, email, locale in session.execute(query)]


def people_of(session: Session, side: Side, *, seller: Seller, operator_id: int) -> list[Person]:
    """Owners and managers of one side that have an e-mail; else the seller's own address; else nobody."""
    if side is Side.OUTLET:
        return operators_people(session, operator_id)
    people = _people(session, side, Membership.seller_id.in_([seller.id, seller.merged_into_id or seller.id]))
    if not people and seller.email:
        people = [Person(seller.owner_name or seller.name, seller.email, "id")]
    return people


def operators_people(session: Session, operator_id: int) -> list[Person]:
    """Owners and managers of an operator that have an e-mail; heads of the office that buys through it."""
    offices = select(OfficeBuyer.office_id).where(OfficeBuyer.operator_id == operator_id)
    where = or_(Membership.operator_id == operator_id, Membership.office_id.in_(offices))
    return _people(session, Side.OUTLET, where)


def _people(session: Session, side: Side, where: ColumnElement[bool]) -> list[Person]:
    query = (
        select(User.name, User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            where,
            Membership.is_active,
            Membership.role.in_(ANSWERING[side]),
            User.is_active,
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    return [Person(name, email or "", locale) for name, email, locale in session.execute(query)]
