"""Every act of people on webhooks: subscribe, change, rotate the secret, switch off, test, send again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from .. import audit, clock, throttle
from ..crypto import token
from ..db import after_commit, retry_on_conflict, unit_of_work
from ..errors import InvalidInput, NotFound, RuleBroken
from ..i18n import _
from ..permissions import Actor, Permission
from . import delivering, publishing, sending, waking
from .models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from .queries import owned_by
from .rules.addresses import Target, not_public, read_target
from .rules.schedule import OVERLAP, StopReason
from .rules.signing import PREFIX
from .topics import TEST, topics

MAX_ENDPOINTS = 10
LOOK_UPS = "60 per hour"
"""Names that one person may have us look up."""
TESTS = "20 per hour"


def no_endpoint() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Alamat webhook ini tidak ada, atau bukan untuk akun Anda."))


def no_delivery() -> NotFound:
    """The same of something that was sent."""
    return NotFound(_("Kiriman ini tidak ada, atau sudah lewat masa simpannya."))


def subscribe(*, actor: Actor, url: str, wanted: Sequence[str]) -> tuple[WebhookEndpoint, str]:
    """Tell an address of these topics from now on; answers it with its secret, which is shown only now.

    Raises InvalidInput for an address that is not of the public internet, RuleBroken for too many.
    """
    actor.require(Permission.WEBHOOK_MANAGE)
    chosen = _checked_topics(wanted)
    return keep_new(actor, _checked_target(actor, url), chosen)


@retry_on_conflict
def keep_new(actor: Actor, target: Target, chosen: list[str]) -> tuple[WebhookEndpoint, str]:
    """The same for an address and topics that were checked."""
    now, secret = clock.now(), _new_secret()
    with unit_of_work() as session:
        owned = select(func.count()).where(owned_by(actor))
        if (session.scalar(owned) or 0) >= MAX_ENDPOINTS:
            raise RuleBroken(
                _("Paling banyak %(most)s alamat. Hapus yang tidak dipakai dulu.", most=MAX_ENDPOINTS),
                code="too_many_webhooks",
                most=MAX_ENDPOINTS,
            )
        row = WebhookEndpoint(
            seller_id=actor.seller_id,
            operator_id=actor.operator_id if actor.seller_id is None else None,
            url=target.url,
            topics=chosen,
            secret=secret,
            tried_at=now,
            made_at=now,
            made_by=actor.user_id,
        )
        session.add(row)
        session.flush()
        audit.record(session, actor, "webhook.made", row, after={"host": target.host, "topics": chosen})
        return row, secret


def change(*, actor: Actor, endpoint_id: int, url: str, wanted: Sequence[str]) -> WebhookEndpoint:
    """Another address or other topics, under the same secret."""
    actor.require(Permission.WEBHOOK_MANAGE)
    chosen = _checked_topics(wanted)
    return _keep_change(actor, endpoint_id, _checked_target(actor, url), chosen)


@retry_on_conflict
def _keep_change(actor: Actor, endpoint_id: int, target: Target, chosen: list[str]) -> WebhookEndpoint:
    with unit_of_work() as session:
        row = _lock_own(session, actor, endpoint_id)
        row.url, row.topics = target.url, chosen
        audit.record(session, actor, "webhook.changed", row, after={"host": target.host, "topics": chosen})
        return row


@retry_on_conflict
def rotate_secret(*, actor: Actor, endpoint_id: int, at_once: bool = False) -> str:
    """A new secret, shown only now. The one before it signs beside it for a day, or no more if `at_once`.

    Rotated again within that day, the one before goes on to its end, and it is the one between that ends: it
    was lost before anybody installed it, or sent twice by an impatient hand.
    """
    actor.require(Permission.WEBHOOK_MANAGE)
    secret, now = _new_secret(), clock.now()
    with unit_of_work() as session:
        row = _lock_own(session, actor, endpoint_id)
        if at_once:
            row.previous_secret, row.previous_until = None, None
        elif row.overlaps_until(now) is None:
            row.previous_secret, row.previous_until = row.secret, now + OVERLAP
        row.secret = secret
        audit.record(session, actor, "webhook.rotated", row)
    return secret


@retry_on_conflict
def switch_off(*, actor: Actor, endpoint_id: int) -> None:
    """Send nothing more there."""
    actor.require(Permission.WEBHOOK_MANAGE)
    with unit_of_work() as session:
        row = _lock_own(session, actor, endpoint_id)
        if row.is_on:
            delivering.stop(session, row, StopReason.BY_HAND)
            audit.record(session, actor, "webhook.switched_off", row)


@retry_on_conflict
def switch_on(*, actor: Actor, endpoint_id: int) -> None:
    """Send there again, what happens from now on. What failed meanwhile is sent again one by one, by hand."""
    actor.require(Permission.WEBHOOK_MANAGE)
    with unit_of_work() as session:
        row = _lock_own(session, actor, endpoint_id)
        if not row.is_on:
            row.stopped_at, row.stop_reason = None, ""
            row.failures, row.failing_since, row.rests_until = 0, None, None
            audit.record(session, actor, "webhook.switched_on", row)


@retry_on_conflict
def remove(*, actor: Actor, endpoint_id: int) -> None:
    """Forget an address, and everything that was sent there."""
    actor.require(Permission.WEBHOOK_MANAGE)
    with unit_of_work() as session:
        row = _lock_own(session, actor, endpoint_id)
        delivering.hold_events(session, row.id)
        audit.record(session, actor, "webhook.removed", row)
        sent = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == row.id)
        session.execute(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(sent)))
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == row.id))
        session.delete(row)


@retry_on_conflict
def send_test(*, actor: Actor, endpoint_id: int) -> WebhookDelivery:
    """Write an event that says nothing but that it is a test; it is sent like all others."""
    actor.require(Permission.WEBHOOK_MANAGE)
    _count(actor, "webhook_test", TESTS)
    with unit_of_work() as session:
        row = _lock_own(session, actor, endpoint_id)
        _require_on(row)
        row.rests_until = None
        ref = publishing.write(session, [row.id], TEST, {})
        return session.scalars(
            select(WebhookDelivery).where(
                WebhookDelivery.endpoint_id == row.id, WebhookDelivery.event_ref == ref
            )
        ).one()


@retry_on_conflict
def send_again(*, actor: Actor, endpoint_id: int, delivery_id: int) -> WebhookDelivery:
    """Send one event again under the same id, with all its tries; what still waits is tried at once."""
    actor.require(Permission.WEBHOOK_MANAGE)
    _count(actor, "webhook_test", TESTS)
    with unit_of_work() as session:
        endpoint = _lock_own(session, actor, endpoint_id)
        row = session.get(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)
        if row is None or row.endpoint_id != endpoint.id:
            raise no_delivery()
        _require_on(endpoint)
        is_held = endpoint.leased_until is not None and endpoint.leased_until > clock.now()
        if row.state != "waiting" or not is_held:  # else it is on its way at this moment
            row.state, row.ended_at, row.next_try_at = "waiting", None, clock.now()
            row.tries, row.first_try_at = 0, None
        endpoint.rests_until = None
        session.flush()
        after_commit(session, waking.wake)
        return row


def _lock_own(session: Session, actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, owned_by(actor))
    row = session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))
    if row is None:
        raise no_endpoint()
    return row


def _require_on(row: WebhookEndpoint) -> None:
    if not row.is_on:
        raise RuleBroken(
            _("Alamat ini sedang dimatikan. Nyalakan dulu, lalu kirim lagi."), code="webhook_off"
        )


def _checked_topics(wanted: Sequence[str]) -> list[str]:
    chosen = [name for name in topics() if name in wanted]
    if not chosen:
        sentence = _("Pilih paling sedikit satu kabar.")
        raise InvalidInput(sentence, {"topics": sentence})
    return chosen


def _checked_target(actor: Actor, url: str) -> Target:
    """The address as it is kept: well written, and found at public addresses alone."""
    config = current_app.config
    private_allowed = config["WEBHOOK_PRIVATE_ALLOWED"]
    target = read_target(url, more_ports=config["WEBHOOK_PORTS"], private_allowed=private_allowed)
    _count(actor, "webhook_look_up", LOOK_UPS)
    if not sending.is_reachable(target, seconds=config["WEBHOOK_SECONDS"], private_allowed=private_allowed):
        raise not_public()
    return target


def _count(actor: Actor, name: str, limit: str) -> None:
    throttle.check_and_count(name, str(actor.user_id), limit)


def _new_secret() -> str:
    return PREFIX + token()
