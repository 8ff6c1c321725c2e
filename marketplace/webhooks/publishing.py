"""Writing an event for everybody who subscribed, in the transaction of what happened."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..crypto import token
from ..db import after_commit
from . import waking
from .models import WebhookDelivery, WebhookEndpoint
from .topics import covers

EVENT_MARK = "evt_"
KEPT_SELLERS = "etalase_webhook_kept_sellers"
LISTENS = "etalase_webhooks_listen"
Data = Callable[[], Mapping[str, Any]]
_ANY = select(exists().where(WebhookEndpoint.stopped_at.is_(None)))


def _anybody_listens(session: Session) -> bool:
    """Whether there is any address at all; asked once in a unit of work, however much happens in it."""
    unit, answer = session.info.get(LISTENS, (None, False))
    if unit is None or unit is not session.info.get("hooks"):
        unit, answer = session.info.get("hooks"), bool(session.connection().execute(_ANY).scalar())
        session.info[LISTENS] = (unit, answer)
    return answer


def publish(
    session: Session,
    event: str,
    data: Data,
    *,
    seller_id: int | None = None,
    operator_id: int | None = None,
) -> int:
    """Promise an event to the addresses of these organizations that subscribe to it; answers to how many.

    `data` is asked only when there are any: references and amounts, never personal data. Every address is
    told under the same event id.
    """
    if not _anybody_listens(session):
        return 0
    asked = {"seller": seller_id or 0, "operator": operator_id or 0}
    found = session.execute(_listening(current_app.extensions.get(KEPT_SELLERS)), asked)
    listening = [row.id for row in found if any(covers(topic, event) for topic in row.topics)]
    if listening:
        write(session, listening, event, data())
    return len(listening)


def register_kept_sellers(app: Flask, statement: Select[Any]) -> None:
    """Say who stands for a seller that may have been merged: a SELECT of ids by the parameter `seller`."""
    app.extensions[KEPT_SELLERS] = statement


@functools.cache
def _listening(kept_sellers: Select[Any] | None) -> Select[Any]:
    """Addresses that are on, locked so that none is removed before its event is written. Built once: an order
    that moves asks it."""
    seller: Any = bindparam("seller")
    sellers = WebhookEndpoint.seller_id == seller
    if kept_sellers is not None:
        sellers = WebhookEndpoint.seller_id.in_(kept_sellers)
    columns: tuple[Any, ...] = (WebhookEndpoint.id, WebhookEndpoint.topics)
    return (
        select(*columns)
        .where(
            or_(sellers, WebhookEndpoint.operator_id == bindparam("operator")),
            WebhookEndpoint.stopped_at.is_(None),
        )
        .order_by(WebhookEndpoint.id)
        .with_for_update(read=True, key_share=True)
    )


def write(session: Session, endpoint_ids: Collection[int], event: str, data: Mapping[str, Any]) -> str:
    """Write one event for these addresses; answers its id. The worker is woken after the commit."""
    now = clock.now()
    event_ref = EVENT_MARK + token()
    said = {"id": event_ref, "type": event, "occurred_at": now.isoformat(), "data": dict(data)}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    session.add_all(
        WebhookDelivery(
            endpoint_id=endpoint_id,
            event_ref=event_ref,
            event=event,
            body=body,
            state="waiting",
            next_try_at=now,
            created_at=now,
        )
        for endpoint_id in endpoint_ids
    )
    session.flush()
    after_commit(session, waking.wake)
    return event_ref
