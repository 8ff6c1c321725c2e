"""Mails of the catalogue to whoever asked in a retailer's or an office's name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import mailing
from ...accounts.models import User
from ...organizations.models import Membership
from ...permissions import Role


def write_back(
    session: Session,
    template: str,
    *,
    user_id: int | None,
    operator_id: int | None,
    path: str,
    **context: Any,
) -> None:
    """Promise a mail to the person who asked; to the retailer's buyers when that person has left."""
    query = select(User.email, User.locale).where(User.email.is_not(None), User.is_active)
    readers = session.execute(query.where(User.id == user_id)).all()
    if not readers and operator_id is not None:
        buyers = query.join(Membership, Membership.user_id == User.id).where(
            Membership.operator_id == operator_id,
            Membership.is_active,
            Membership.role.in_((Role.BUYER_OWNER.value, Role.BUYER_MANAGER.value)),
        )
        readers = session.execute(buyers.order_by(User.id)).all()
    for email, locale in readers:
        mailing.send(
            session, to=str(email), template=template, locale=locale, url=mailing.address(path), **context
        )
