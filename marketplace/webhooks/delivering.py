"""Sending what waits: one event at a time to each address, in the order written, again when it failed.

A try is counted before it is made and its result is written after it, so that whoever is killed between
leaves an event that is sent again under the same id, and never one that is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from .. import clock, signals
from ..db import unit_of_work
from ..errors import InvalidInput
from . import sending
from .models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from .rules import signing
from .rules.addresses import read_target
from .rules.schedule import KEEP, MAX_TRIES, Outcome, StopReason, next_wait, rest, slow_rest, stop_reason

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
"""Longer than a try may take; whoever holds an address that long has been killed."""


@dataclass(frozen=True)
class Job:
    """One try to be made: what, where, and signed with which secrets."""

    endpoint_id: int
    delivery_id: int
    number: int
    url: str
    event: str
    event_ref: str
    body: bytes
    secrets: tuple[str, ...]
    started_at: datetime


def deliver_due(limit: int = 500) -> int:
    """Send what is due, each address in its turn; answers how many tries were made."""
    return deliver_by(_send, limit)


def deliver_by(send: Callable[[Job], sending.Answer], limit: int = 500) -> int:
    """The same, each try made by `send`, outside of transactions."""
    for done in range(limit):
        job = _take()
        if job is None:
            return done
        _settle(job, send(job))
    return limit


def _take() -> Job | None:
    """The next event that may be tried, its address held and its try counted; None when there is none."""
    now = clock.now()
    with unit_of_work() as session:
        while True:
            delivery = _next_due(session, now)
            if delivery is None:
                return None
            endpoint = session.get_one(WebhookEndpoint, delivery.endpoint_id)
            if delivery.tries < MAX_TRIES:
                break
            _give_up(session, endpoint, delivery, Outcome.CRASHED, now)  # killed in its last try
        endpoint.leased_until, endpoint.tried_at = now + LEASE, now
        delivery.tries += 1
        delivery.attempts += 1
        delivery.first_try_at = delivery.first_try_at or now
        delivery.next_try_at = now + LEASE
        return Job(
            endpoint_id=endpoint.id,
            delivery_id=delivery.id,
            number=delivery.attempts,
            url=endpoint.url,
            event=delivery.event,
            event_ref=delivery.event_ref,
            body=delivery.body.encode(),
            secrets=_secrets(endpoint, now),
            started_at=now,
        )


def _next_due(session: Session, now: datetime) -> WebhookDelivery | None:
    """What is next: an address that answers, and quickly, goes before one that had to rest."""
    query = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(
            WebhookDelivery.state == "waiting",
            WebhookDelivery.next_try_at <= now,
            WebhookEndpoint.stopped_at.is_(None),
            or_(WebhookEndpoint.rests_until.is_(None), WebhookEndpoint.rests_until <= now),
            or_(WebhookEndpoint.leased_until.is_(None), WebhookEndpoint.leased_until <= now),
        )
        .order_by(WebhookEndpoint.rests_until.is_not(None), WebhookEndpoint.tried_at, WebhookDelivery.id)
        .limit(1)
        .with_for_update(of=(WebhookEndpoint, WebhookDelivery), skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).first()
    return found[0] if found else None


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """The secret, and after a rotation also the one before it for a while."""
    if endpoint.previous_secret is not None and endpoint.overlaps_until(now) is not None:
        return endpoint.secret, endpoint.previous_secret
    return (endpoint.secret,)


def _send(job: Job) -> sending.Answer:
    answer = _post(job)
    log.info("webhook tried", delivery=job.delivery_id, attempt=job.number, outcome=answer.outcome.value)
    return answer


def _post(job: Job) -> sending.Answer:
    config = current_app.config
    private_allowed = config["WEBHOOK_PRIVATE_ALLOWED"]
    try:
        target = read_target(job.url, more_ports=config["WEBHOOK_PORTS"], private_allowed=private_allowed)
    except InvalidInput:  # a setting was made narrower since it was subscribed
        return sending.Answer(Outcome.CLOSED_ADDRESS, 0)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Etalase-Webhooks/1",
        "Etalase-Event": job.event,
        "Etalase-Event-Id": job.event_ref,
        "Etalase-Attempt": str(job.number),
        signing.HEADER: signing.header(job.secrets, clock.now(), job.body),
    }
    return sending.post(
        target, job.body, headers, seconds=config["WEBHOOK_SECONDS"], private_allowed=private_allowed
    )


def _settle(job: Job, answer: sending.Answer) -> None:
    """Write what came of a try; nothing when the address was removed meanwhile.

    A sender that slept through its lease finds a later try: then its failure says nothing any more.
    """
    now = clock.now()
    with unit_of_work() as session:
        endpoint = session.get(
            WebhookEndpoint, job.endpoint_id, with_for_update={"key_share": True}, populate_existing=True
        )
        if endpoint is None:
            return
        delivery = session.get_one(
            WebhookDelivery, job.delivery_id, with_for_update=True, populate_existing=True
        )
        session.add(
            WebhookAttempt(
                delivery_id=delivery.id,
                number=job.number,
                started_at=job.started_at,
                duration_ms=answer.duration_ms,
                outcome=answer.outcome.value,
                status=answer.status,
                answer=answer.text,
            )
        )
        is_latest = delivery.attempts == job.number
        if is_latest:
            endpoint.leased_until = None
        if answer.outcome is Outcome.DELIVERED:
            _end(delivery, "delivered", now)
            pause = slow_rest(timedelta(milliseconds=answer.duration_ms))
            endpoint.failures, endpoint.failing_since = 0, None
            endpoint.rests_until = now + pause if pause else None
            endpoint.delivered_at = now
        elif is_latest and delivery.state == "waiting":
            _failed(session, endpoint, delivery, job, answer.outcome)


def _failed(
    session: Session, endpoint: WebhookEndpoint, delivery: WebhookDelivery, job: Job, outcome: Outcome
) -> None:
    now = clock.now()
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or job.started_at
    endpoint.rests_until = now + rest(endpoint.failures)
    wait = next_wait(delivery.tries)
    if wait is None or outcome is Outcome.GONE:
        _give_up(session, endpoint, delivery, outcome, now)
    else:
        delivery.next_try_at = now + wait


def _give_up(
    session: Session, endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome, now: datetime
) -> None:
    """No more tries of this event; and none of others when nothing at all arrived meanwhile."""
    _end(delivery, "failed", now)
    reason = stop_reason(
        outcome,
        is_given_up=True,
        first_try_at=delivery.first_try_at or now,
        failing_since=endpoint.failing_since or now,
    )
    if reason is not None and endpoint.is_on:
        stop(session, endpoint, reason)
        signals.webhook_stopped.send(session, endpoint=endpoint)


def _end(delivery: WebhookDelivery, state: str, now: datetime) -> None:
    delivery.state, delivery.next_try_at, delivery.ended_at = state, None, now


def stop(session: Session, endpoint: WebhookEndpoint, reason: StopReason) -> None:
    """Send nothing more there; what still waits counts as failed, to be asked for again one by one."""
    now = clock.now()
    endpoint.stopped_at, endpoint.stop_reason = now, reason.value
    session.flush()
    hold_events(session, endpoint.id)
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting")
        .values(state="failed", next_try_at=None, ended_at=now)
        .execution_options(synchronize_session="fetch")
    )


def hold_events(session: Session, endpoint_id: int) -> None:
    """Wait for the events that others write for an address now; they write no more until this unit ends.

    Otherwise one of them would commit after this unit has looked at what waits, and stay behind.
    """
    session.execute(select(WebhookEndpoint.id).where(WebhookEndpoint.id == endpoint_id).with_for_update())


def sweep() -> None:
    """Forget what was sent a month ago, and secrets whose time is over."""
    now = clock.now()
    old = select(WebhookDelivery.id).where(WebhookDelivery.ended_at < now - KEEP)
    with unit_of_work() as session:
        session.execute(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(old)))
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.ended_at < now - KEEP))
        session.execute(
            update(WebhookEndpoint)
            .where(WebhookEndpoint.previous_until < now)
            .values(previous_secret=None, previous_until=None)
        )
