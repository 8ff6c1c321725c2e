"""Reads of who belongs where: members and invitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ... import clock
from ...accounts import reach
from ...accounts.models import User
from ...crypto import token_hash
from ...db import db
from ...permissions import ROLE_LABELS, Actor, Role
from .. import versions
from ..models import Invitation, Membership, Office, Operator, Seller, SellerFacts


@dataclass(frozen=True)
class Member:
    """A person in an organization, as its own people and the office see them."""

    membership_id: int
    user_id: int
    name: str
    email: str | None
    phone: str | None
    role: Role
    joined_at: datetime
    last_sign_in_at: datetime | None

    @property
    def role_label(self) -> str:
        """The role in words."""
        return str(ROLE_LABELS[self.role])


def members(
    *, seller_id: int | None = None, operator_id: int | None = None, office_id: int | None = None
) -> list[Member]:
    """Everybody who acts for an organization, the leading roles first; none given: the platform's admins."""
    where = {"seller_id": seller_id, "operator_id": operator_id, "office_id": office_id}
    query = (
        select(
            Membership.id,
            User.id,
            User.name,
            User.email,
            User.phone,
            Membership.role,
            Membership.created_at,
            User.last_sign_in_at,
        )
        .join(User, User.id == Membership.user_id)
        .where(Membership.is_active, *in_place(Membership, where))
    )
    rows = [Member(*row[:5], Role(row[5]), *row[6:]) for row in db.session.execute(query)]
    order = list(Role)
    return sorted(rows, key=lambda member: (order.index(member.role), member.name.casefold()))


def in_place(model: type[Membership] | type[Invitation], where: dict[str, int | None]) -> list[Any]:
    """SQL criteria: exactly this organization."""
    return [
        getattr(model, name).is_(None) if value is None else getattr(model, name) == value
        for name, value in where.items()
    ]


def invitations(
    *, seller_id: int | None = None, operator_id: int | None = None, office_id: int | None = None
) -> Sequence[Invitation]:
    """The invitations of an organization that nobody has answered yet, newest first."""
    where = {"seller_id": seller_id, "operator_id": operator_id, "office_id": office_id}
    query = (
        select(Invitation)
        .where(
            *in_place(Invitation, where),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .order_by(Invitation.id.desc())
    )
    return db.session.scalars(query).all()


def open_invitation(secret: str) -> Invitation | None:
    """The invitation behind a link, as long as it works."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash(secret),
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
    return db.session.scalar(query)


def organization_name(place: Invitation | Membership) -> str:
    """The organization that an invitation or membership is for."""
    if place.seller_id is not None:
        return db.session.get_one(Seller, place.seller_id).name
    if place.operator_id is not None:
        return db.session.get_one(Operator, place.operator_id).name
    return db.session.get_one(Office, place.office_id).name if place.office_id is not None else "Etalase"


def office(office_id: int) -> Office | None:
    """An office by its id."""
    return db.session.get(Office, office_id)


def office_of_region(code: str) -> Office | None:
    """The office of exactly this region."""
    return db.session.scalar(select(Office).where(Office.region_code == code))


def role_label(role: str) -> str:
    """A role in words."""
    return str(ROLE_LABELS[Role(role)])


def user_email(user_id: int) -> str:
    """The address (else the number) by which a person signs in."""
    user = db.session.get_one(User, user_id)
    return user.email or user.phone or ""


@reach.register
def may_help(actor: Actor, user_id: int) -> bool:
    """Whether an officer may give a person a one-time code: sellers and retailers of their region, never
    somebody who also works in an office (the platform's admin may help everybody)."""
    if not actor.is_office:
        return False
    if actor.role is Role.ADMIN:
        return db.session.get(User, user_id) is not None
    mine = select(Membership).where(Membership.user_id == user_id, Membership.is_active)
    memberships = db.session.scalars(mine).all()
    if any(one.office_id is not None or one.role == Role.ADMIN for one in memberships):
        return False
    return any(_lies_in(actor, one) for one in memberships)


def _lies_in(actor: Actor, place: Membership) -> bool:
    if place.seller_id is not None:
        facts = versions.one_on(db.session(), SellerFacts, place.seller_id, clock.today())
        return facts is not None and actor.sees_region(facts.region_code)
    operator = db.session.get(Operator, place.operator_id)
    return operator is not None and actor.sees_region(operator.region_code or "")
