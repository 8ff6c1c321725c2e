"""Whose webhooks hear of a seller, and a mail to whoever answers for one that was switched off."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from ... import mailing
from ...accounts.models import User
from ...permissions import ROLE_PERMISSIONS, Permission
from ...webhooks.models import WebhookEndpoint
from ..models import Membership, Seller

KEPT_SELLERS = select(func.coalesce(Seller.merged_into_id, Seller.id)).where(Seller.id == bindparam("seller"))
"""Whose programs hear of a seller: its own, or those of the one that it was merged into."""
MANAGING = [role.value for role, held in ROLE_PERMISSIONS.items() if Permission.WEBHOOK_MANAGE in held]


def tell_of_stopped(session: Session, *, endpoint: WebhookEndpoint, **_more: Any) -> None:
    """Promise a mail to the people who may switch it on again."""
    mine = (
        Membership.seller_id == endpoint.seller_id
        if endpoint.seller_id is not None
        else Membership.operator_id == endpoint.operator_id
    )
    query = (
        select(User.name, User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            mine,
            Membership.is_active,
            Membership.role.in_(MANAGING),
            User.is_active,
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    for name, email, locale in session.execute(query):
        mailing.send(
            session,
            to=email or "",
            template="webhook_stopped",
            locale=locale,
            name=name,
            address=endpoint.url.split("?")[0],
            is_gone=endpoint.stop_reason == "gone",
            url=mailing.address(f"/account/webhooks/{endpoint.id}"),
        )
