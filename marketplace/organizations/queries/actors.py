"""Who acts: from the signed-in person and their memberships to the actor of the request."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from ...accounts import sessions
from ...accounts.models import User
from ...db import db
from ...permissions import NOBODY, ROLE_LABELS, Actor, Role, actor_loader
from ..models import Membership, Office, OfficeBuyer, Operator, Seller


@dataclass(frozen=True)
class Hat:
    """One thing a person is: a role in an organization (or for the whole platform)."""

    membership_id: int
    role: Role
    organization_name: str
    seller_id: int | None
    operator_id: int | None
    office_id: int | None
    region: str
    purchasing_id: int | None

    @property
    def role_label(self) -> str:
        """The role in words."""
        return str(ROLE_LABELS[self.role])


@actor_loader
def load_actor() -> Actor:
    """The actor of this request: the person signed in, under the hat they chose for this sign-in."""
    found = sessions.signed_in()
    if found is None:
        return NOBODY
    return _actor(found.user_id, found.name, found.locale, found.membership_id)


def actor_of(user: User, membership_id: int | None = None) -> Actor:
    """A person as an actor, under one of their hats; without a role when they have none yet."""
    return _actor(user.id, user.name, user.locale, membership_id)


def _actor(user_id: int, name: str, locale: str, membership_id: int | None) -> Actor:
    hats = hats_of(user_id)
    hat = next((hat for hat in hats if hat.membership_id == membership_id), hats[0] if hats else None)
    if hat is None:
        return Actor(user_id=user_id, name=name, locale=locale)
    return Actor(
        user_id=user_id,
        name=name,
        role=hat.role,
        seller_id=hat.seller_id,
        operator_id=hat.operator_id,
        office_id=hat.office_id,
        region=hat.region,
        organization_name=hat.organization_name,
        locale=locale,
        purchasing_id=hat.purchasing_id,
    )


_HATS_OF = (
    select(
        Membership.id,
        Membership.role,
        func.coalesce(Seller.name, Operator.name, Office.name, "").label("name"),
        func.coalesce(Seller.merged_into_id, Membership.seller_id).label("seller_id"),
        Membership.operator_id,
        Membership.office_id,
        func.coalesce(Office.region_code, "").label("region"),
        OfficeBuyer.operator_id.label("purchasing_id"),
    )
    .outerjoin(Seller, Seller.id == Membership.seller_id)
    .outerjoin(Operator, Operator.id == Membership.operator_id)
    .outerjoin(Office, Office.id == Membership.office_id)
    .outerjoin(OfficeBuyer, OfficeBuyer.office_id == Membership.office_id)
    .where(Membership.user_id == bindparam("user_id"), Membership.is_active)
    .order_by(Membership.id)
)
"""Every page asks this; it is built once."""


def hats_of(user_id: int) -> list[Hat]:
    """Everything a person may act as, oldest first. A merged seller's people act for the one kept."""
    return [
        Hat(
            membership_id=row.id,
            role=Role(row.role),
            organization_name=row.name,
            seller_id=row.seller_id,
            operator_id=row.operator_id,
            office_id=row.office_id,
            region=row.region,
            purchasing_id=row.purchasing_id,
        )
        for row in db.session.execute(_HATS_OF, {"user_id": user_id})
    ]


def has_hat(session: Session, user_id: int, membership_id: int) -> bool:
    """Whether an active membership is this person's."""
    query = select(Membership.id).where(
        Membership.id == membership_id, Membership.user_id == user_id, Membership.is_active
    )
    return session.scalar(query) is not None
