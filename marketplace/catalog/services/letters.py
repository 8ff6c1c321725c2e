"""Mails of the catalogue to a seller's people; who has no e-mail reads it on the first screen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import mailing
from ...accounts.models import User
from ...organizations.models import Membership, Seller


def write(session: Session, seller_id: int, template: str, *, path: str, **context: Any) -> int:
    """Promise a mail to all of a seller's people who have an e-mail, else to the business; answers how many.

    `path` leads to the page where something can be done; the template gets it as `url`, and the
    business's name as `seller`.
    """
    seller = session.get_one(Seller, seller_id)
    query = (
        select(User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.seller_id == seller_id, Membership.is_active, User.email.is_not(None), User.is_active
        )
        .order_by(User.id)
    )
    readers: list[tuple[str | None, str]] = [(row[0], row[1]) for row in session.execute(query)]
    if not readers and seller.email:
        readers = [(seller.email, "id")]
    for email, locale in readers:
        mailing.send(
            session,
            to=str(email),
            template=template,
            locale=locale,
            seller=seller.name,
            url=mailing.address(path),
            **context,
        )
    return len(readers)
