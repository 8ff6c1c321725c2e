"""Reads of webhooks: an organization's addresses, and what was sent to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from ..db import db
from ..permissions import Actor
from .models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

PAGE_SIZE = 25
STATES = ("waiting", "delivered", "failed")


class DeliveryRow(NamedTuple):
    """Something sent, in a list; `status` and `outcome` are those of the last try."""

    id: int
    event_ref: str
    event: str
    state: str
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    outcome: str | None
    status: int | None


@dataclass(frozen=True)
class DeliveryPage:
    """All that is known of something sent."""

    delivery: WebhookDelivery
    attempts: Sequence[WebhookAttempt]


def owned_by(actor: Actor) -> ColumnElement[bool]:
    """Criterion: an address of the actor's own organization; none for whoever has no such organization."""
    if actor.seller_id is not None:
        return WebhookEndpoint.seller_id == actor.seller_id
    return WebhookEndpoint.operator_id == (actor.operator_id or 0)


def endpoints(actor: Actor) -> Sequence[WebhookEndpoint]:
    """The addresses of the actor's organization."""
    query = select(WebhookEndpoint).where(owned_by(actor)).order_by(WebhookEndpoint.id)
    return db.session.scalars(query).all()


def endpoint(actor: Actor, endpoint_id: int) -> WebhookEndpoint | None:
    """One of them; None for a stranger's."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, owned_by(actor))
    return db.session.scalar(query)


def deliveries(
    endpoint_id: int,
    state: str = "",
    *,
    number: int = 1,
    size: int | None = PAGE_SIZE,
    before: int | None = None,
) -> list[DeliveryRow]:
    """What was sent to an address, newest first: one page, all of it, or what is older than `before`."""
    query = _listed(endpoint_id, state)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [DeliveryRow(*row) for row in db.session.execute(query)]


def _listed(endpoint_id: int, state: str) -> Select[Any]:
    columns: tuple[Any, ...] = (
        WebhookDelivery.id, WebhookDelivery.event_ref, WebhookDelivery.event, WebhookDelivery.state,
        WebhookDelivery.attempts, WebhookDelivery.created_at, WebhookDelivery.next_try_at,
        WebhookAttempt.outcome, WebhookAttempt.status,
    )  # fmt: skip
    last = (WebhookAttempt.delivery_id == WebhookDelivery.id) & (
        WebhookAttempt.number == WebhookDelivery.attempts
    )
    query = select(*columns).select_from(WebhookDelivery).outerjoin(WebhookAttempt, last)
    query = query.where(WebhookDelivery.endpoint_id == endpoint_id).order_by(WebhookDelivery.id.desc())
    return query.where(WebhookDelivery.state == state) if state else query


def count_by_state(endpoint_id: int) -> dict[str, int]:
    """How many of an address's events are what."""
    query = select(WebhookDelivery.state, func.count()).where(WebhookDelivery.endpoint_id == endpoint_id)
    return dict(db.session.execute(query.group_by(WebhookDelivery.state)).all())


def delivery_page(endpoint_id: int, delivery_id: int) -> DeliveryPage | None:
    """One event sent to an address, with its tries, newest first; None when there is none."""
    row = db.session.scalar(
        select(WebhookDelivery).where(
            WebhookDelivery.id == delivery_id, WebhookDelivery.endpoint_id == endpoint_id
        )
    )
    if row is None:
        return None
    tries = select(WebhookAttempt).where(WebhookAttempt.delivery_id == row.id)
    return DeliveryPage(row, db.session.scalars(tries.order_by(WebhookAttempt.number.desc())).all())
