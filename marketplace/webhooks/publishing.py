"""Writing an event for everybody who subscribed, in the transaction of what happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..crypto import token
from ..db import after_commit
from . import waking
from .models import WebhookDelivery, WebhookEndpoint
from .topics import covers

EVENT_MARK = "evt_"
Data = Callable[[], Mapping[str, Any]]


_LISTENS = "etalase_webhooks_listen"
_ANY = select(exists().where(WebhookEndpoint.stopped_at.is_(None)))


def anybody_listens(session: Session) -> bool:
    """Whether there is any address at all; asked once in a unit of work, however much happens in it."""
    unit, answer = session.info.get(_LISTENS, (None, False))
    if unit is None or unit is not session.info.get("hooks"):
        unit, answer = session.info.get("hooks"), bool(session.connection().execute(_ANY).scalar())
        session.info[_LISTENS] = (unit, answer)
    return answer


def publish(
    session: Session,
    event: str,
    data: Data,
    *,
    seller_ids: Collection[int] = (),
    operator_ids: Collection[int] = (),
) -> int:
    """Promise an event to the addresses of these organizations that subscribe to it; answers to how many.

    `data` is asked only when there are any: references and amounts, never personal data. Every address is
    told under the same event id.
    """
    query = select(WebhookEndpoint.id, WebhookEndpoint.topics).where(
        or_(WebhookEndpoint.seller_id.in_(seller_ids), WebhookEndpoint.operator_id.in_(operator_ids)),
        WebhookEndpoint.stopped_at.is_(None),
    )
    listening = [
        endpoint_id
        for endpoint_id, topics in session.execute(query.order_by(WebhookEndpoint.id))
        if any(covers(topic, event) for topic in topics)
    ]
    if listening:
        write(session, listening, event, data())
    return len(listening)


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
