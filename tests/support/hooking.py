"""Webhooks in tests: subscribing, events that happen, and what was written of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace import clock, webhooks
from marketplace.db import db, unit_of_work
from marketplace.permissions import Actor
from marketplace.webhooks import services
from marketplace.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.support.receiving import Receiver

ALL = ("order.placed", "order.moved", "payment.changed", "claim.*")


def subscribe(
    actor: Actor, where: Receiver | str, wanted: Sequence[str] = ALL
) -> tuple[WebhookEndpoint, str]:
    url = where if isinstance(where, str) else where.url
    return services.subscribe(actor=actor, url=url, wanted=wanted)


def happen(actor: Actor, event: str = "order.moved", **data: Any) -> int:
    """An event of the actor's organization; answers to how many addresses it goes."""
    with unit_of_work() as session:
        return webhooks.publish(
            session,
            event,
            lambda: data,
            seller_id=actor.seller_id,
            operator_id=actor.operator_id,
        )


def fresh() -> None:
    """Read anew what others wrote."""
    db.session.rollback()
    db.session.expire_all()


def deliveries() -> list[WebhookDelivery]:
    """Everything that was written to be sent."""
    fresh()
    return list(db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def the_delivery() -> WebhookDelivery:
    """The only one of them."""
    [row] = deliveries()
    return row


def the_endpoint() -> WebhookEndpoint:
    """The only address."""
    fresh()
    return db.session.scalars(select(WebhookEndpoint)).one()


def outcomes() -> list[str]:
    """What came of each try, delivery by delivery."""
    fresh()
    query = select(WebhookAttempt.outcome).order_by(WebhookAttempt.delivery_id, WebhookAttempt.number)
    return list(db.session.scalars(query))


def later(**time_: float) -> AbstractContextManager[None]:
    """So much later."""
    return clock.frozen(clock.now() + timedelta(**time_))
