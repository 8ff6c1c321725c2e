"""Who acts: from the signed-in person and their memberships to the actor of the request."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ...accounts import queries as accounts_queries
from ...accounts.models import User
from ...db import db
from ...permissions import NOBODY, ROLE_LABELS, Actor, Role, actor_loader
from ..models import Membership, Office, Operator, Seller


@dataclass(frozen=True)
class Hat:
    """One thing a person is: a role in an organization (or for the whole platform)."""

    membership_id: int
    user_id: int
    role: Role
    organization_name: str
    seller_id: int | None
    operator_id: int | None
    office_id: int | None
    region: str

    @property
    def role_label(self) -> str:
        """The role in words."""
        return str(ROLE_LABELS[self.role])


@actor_loader
def load_actor() -> Actor:
    """The actor of this request: the person signed in, under the hat they chose for this sign-in."""
    user = accounts_queries.signed_in_user()
    if user is None:
        return NOBODY
    return actor_of(user, accounts_queries.chosen_membership_id())


def actor_of(user: User, membership_id: int | None = None) -> Actor:
    """A person as an actor, under one of their hats; without a role when they have none yet."""
    hats = hats_of(user.id)
    hat = next((hat for hat in hats if hat.membership_id == membership_id), hats[0] if hats else None)
    if hat is None:
        return Actor(user_id=user.id, name=user.name, locale=user.locale)
    return Actor(
        user_id=user.id,
        name=user.name,
        role=hat.role,
        seller_id=hat.seller_id,
        operator_id=hat.operator_id,
        office_id=hat.office_id,
        region=hat.region,
        organization_name=hat.organization_name,
        locale=user.locale,
    )


def hats_of(user_id: int) -> list[Hat]:
    """Everything a person may act as, oldest first. A merged seller's people act for the one kept."""
    query = _hats().where(Membership.user_id == user_id, Membership.is_active).order_by(Membership.id)
    return [
        Hat(row[0], row[1], Role(row[2]), *row[3:]) for row in db.session.execute(query).tuples()
    ]


def _hats() -> Select[tuple[int, int, str, str, int | None, int | None, int | None, str]]:
    seller_id = func.coalesce(Seller.merged_into_id, Membership.seller_id)
    name = func.coalesce(Seller.name, Operator.name, Office.name, "")
    return (
        select(
            Membership.id,
            Membership.user_id,
            Membership.role,
            name,
            seller_id,
            Membership.operator_id,
            Membership.office_id,
            func.coalesce(Office.region_code, ""),
        )
        .outerjoin(Seller, Seller.id == Membership.seller_id)
        .outerjoin(Operator, Operator.id == Membership.operator_id)
        .outerjoin(Office, Office.id == Membership.office_id)
    )


def has_hat(session: Session, user_id: int, membership_id: int) -> bool:
    """Whether an active membership is this person's."""
    query = select(Membership.id).where(
        Membership.id == membership_id, Membership.user_id == user_id, Membership.is_active
    )
    return session.scalar(query) is not None
