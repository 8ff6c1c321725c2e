"""Webhooks: written with what happened, signed, sent at least once, given up in the end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from marketplace import clock, mailing, outbox, webhooks
from marketplace.db import db, unit_of_work
from marketplace.errors import RuleBroken
from marketplace.i18n import format_moment
from marketplace.permissions import Role
from marketplace.webhooks import delivering, sending, services
from marketplace.webhooks.delivering import deliver_due
from marketplace.webhooks.models import WebhookDelivery, WebhookEndpoint
from marketplace.webhooks.rules.schedule import MAX_TRIES, WAITS
from tests import factories as make
from tests.support.hooking import (
    ALL,
    deliveries,
    fresh,
    happen,
    later,
    outcomes,
    subscribe,
    the_delivery,
    the_endpoint,
)
from tests.support.receiving import OK, receiver
from tests.support.signing import sign_in
from tests.support.together import at_once

ROOT = Path(__file__).resolve().parent.parent.parent
NO = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def app(app):
    """The app of an Etalase on a developer's machine."""
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = True
    return app


@pytest.fixture
def shop():
    with receiver() as made:
        yield made


@pytest.fixture
def owner(app):
    """Somebody who manages a seller."""
    return make.member(Role.SELLER_OWNER, seller_id=make.seller().id)


def documented_check() -> Callable[..., bool]:
    """The verification that docs/webhooks.md gives to outside programmers, as it stands there."""
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
    assert code
    found: dict[str, Callable[..., bool]] = {}
    exec(code.group(1), found)  # noqa: S102 - our own documentation
    return found["is_from_etalase"]


# --- what is written and to whom ------------------------------------------------------------------------


def test_an_event_goes_to_who_subscribed_to_it_and_to_nobody_else(owner, shop):
    subscribe(owner, shop, ["order.placed"])
    subscribe(owner, shop.url + "/all", ALL)
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    subscribe(stranger, shop.url + "/stranger")
    assert [happen(owner, event) for event in ("order.placed", "order.moved", "claim.open", "claims")] == [
        2,
        1,
        1,
        0,
    ]
    assert happen(stranger) == 1
    refs = {row.event_ref for row in deliveries() if row.event == "order.placed"}
    assert len(refs) == 1, "one event, one id, whoever hears it"


def test_of_a_merged_seller_the_one_that_was_kept_hears(owner, shop):
    subscribe(owner, shop)
    old = make.seller(merged_into_id=owner.seller_id)
    former = make.member(Role.SELLER_OWNER, seller_id=old.id)
    subscribe(former, shop)
    assert happen(former) == 1
    assert the_delivery().endpoint_id == min(db.session.scalars(select(WebhookEndpoint.id)))


def test_what_is_not_committed_was_never_said(owner, shop):
    subscribe(owner, shop)

    def fail() -> None:
        with unit_of_work() as session:
            webhooks.publish(session, "order.moved", dict, seller_id=owner.seller_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert deliveries() == []


def test_nobody_is_asked_for_the_data_of_what_nobody_hears(owner):
    def data():
        raise AssertionError("asked for nobody")

    with unit_of_work() as session:
        assert webhooks.publish(session, "order.moved", data, seller_id=owner.seller_id) == 0


def test_a_request_is_signed_so_that_the_documented_check_takes_it(owner, shop):
    _row, secret = subscribe(owner, shop)
    happen(owner, order_ref="K7", number="PO/2026/0001")
    assert deliver_due() == 1
    [came] = shop.received
    is_from_etalase, now = documented_check(), clock.now().timestamp()
    signed = came.headers["Etalase-Signature"]
    assert is_from_etalase(secret, signed, came.body, now)
    assert not is_from_etalase(secret, signed, came.body + b" ", now)
    assert not is_from_etalase(secret + "a", signed, came.body, now)
    assert not is_from_etalase(secret, signed, came.body, now + 301)
    assert not is_from_etalase(secret, signed, came.body, now - 301)
    assert not is_from_etalase(secret, signed.replace("v1=", "v1=é"), came.body, now)
    said = json.loads(came.body)
    assert (said["type"], said["data"]) == ("order.moved", {"order_ref": "K7", "number": "PO/2026/0001"})
    assert said["id"] == came.headers["Etalase-Event-Id"] == the_delivery().event_ref
    assert (came.headers["Etalase-Event"], came.headers["Etalase-Attempt"]) == ("order.moved", "1")
    assert (the_delivery().state, outcomes()) == ("delivered", ["delivered"])
    assert deliver_due() == 0


def test_after_a_rotation_both_secrets_sign_for_a_day(owner, shop):
    row, old = subscribe(owner, shop)
    new = services.rotate_secret(actor=owner, endpoint_id=row.id)
    check = documented_check()
    for hours, fits in ((0, (True, True)), (23.9, (True, True)), (24.1, (True, False))):
        with later(hours=hours):
            happen(owner)
            deliver_due()
            came, now = shop.received[-1], clock.now().timestamp()
            signed = came.headers["Etalase-Signature"]
            assert tuple(check(secret, signed, came.body, now) for secret in (new, old)) == fits
    with later(hours=25):
        delivering.sweep()
    assert the_endpoint().previous_secret is None
    last = services.rotate_secret(actor=owner, endpoint_id=row.id, at_once=True)
    happen(owner)
    deliver_due()
    came = shop.received[-1]
    signed, now = came.headers["Etalase-Signature"], clock.now().timestamp()
    assert [check(secret, signed, came.body, now) for secret in (last, new)] == [True, False]


def test_of_a_secret_that_was_lost_a_new_one_leaves_the_installed_one_its_day(client, owner, shop):
    row, installed = subscribe(owner, shop)
    lost = services.rotate_secret(actor=owner, endpoint_id=row.id)
    sign_in(client, owner)
    check = documented_check()
    with later(hours=1):
        ends = the_endpoint().previous_until
        assert ends is not None
        page = client.get(f"/account/webhooks/{row.id}/rotate").get_data(as_text=True)
        assert format_moment(ends) in page
        new = services.rotate_secret(actor=owner, endpoint_id=row.id)
        assert the_endpoint().previous_until == ends, "no secret signs for longer than it was said"
        happen(owner)
        deliver_due()
        came, now = shop.received[-1], clock.now().timestamp()
        signed = came.headers["Etalase-Signature"]
        assert [check(one, signed, came.body, now) for one in (new, installed, lost)] == [True, True, False]


def test_the_database_never_holds_a_secret_in_the_clear(owner, shop):
    row, secret = subscribe(owner, shop)
    services.rotate_secret(actor=owner, endpoint_id=row.id)
    fresh()
    raw = db.session.execute(text("SELECT secret, previous_secret FROM webhook_endpoints")).one()
    assert all(secret.encode() not in bytes(cell) and len(cell) > len(secret) for cell in raw)
    assert row.secret not in db.session.execute(text("SELECT changes FROM audit_events")).scalars().all()


# --- again and again ------------------------------------------------------------------------------------


def test_a_failed_event_comes_again_by_the_schedule_under_the_same_id(owner, shop):
    shop.answers = [NO, NO, OK]
    subscribe(owner, shop)
    happen(owner)
    deliver_due()
    row = the_delivery()
    assert (row.state, row.next_try_at) == ("waiting", clock.now() + WAITS[0])
    with later(seconds=29):
        assert deliver_due() == 0
    with later(seconds=30):
        assert deliver_due() == 1
        with later(seconds=119):
            assert deliver_due() == 0
        with later(seconds=120):
            assert deliver_due() == 1
    assert [came.headers["Etalase-Attempt"] for came in shop.received] == ["1", "2", "3"]
    assert len({came.headers["Etalase-Event-Id"] for came in shop.received}) == 1
    assert (outcomes(), the_delivery().state) == (["refused", "refused", "delivered"], "delivered")
    assert (the_endpoint().failures, the_endpoint().failing_since) == (0, None)


def the_one_at(shop) -> WebhookEndpoint:
    fresh()
    return db.session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.url == shop.url)).one()


def try_until_it_ends(limit: int = 40) -> int:
    """Let time pass until nothing waits; answers how many tries that took."""
    done = 0
    for _turn in range(limit):
        fresh()
        moment = db.session.scalar(
            select(WebhookDelivery.next_try_at).where(WebhookDelivery.state == "waiting")
        )
        if moment is None:
            return done
        rests_until = db.session.scalar(select(WebhookEndpoint.rests_until))
        with clock.frozen(max(moment, rests_until or moment)):
            done += deliver_due()
    raise AssertionError("it never ends")


def test_where_nothing_arrives_for_a_day_nothing_is_sent_and_its_people_are_told(app, owner, shop):
    shop.answers = [NO]
    row, _secret = subscribe(owner, shop)
    make.member(Role.SELLER_STAFF, seller_id=owner.seller_id)
    happen(owner)
    assert try_until_it_ends() == MAX_TRIES == len(shop.received)
    assert the_delivery().state == "failed"
    assert (the_endpoint().is_on, the_endpoint().stop_reason) == (False, "failing")
    assert happen(owner) == 0, "what happens while it is off is not kept"
    with later(days=2):
        outbox.drain()
    sent = app.extensions[mailing.EXTENSION].sent
    [letter] = [one for one in sent if "kami hentikan" in one["Subject"]]
    assert "/account/webhooks/" in letter.get_content()
    with pytest.raises(RuleBroken):
        services.send_again(actor=owner, endpoint_id=row.id, delivery_id=the_delivery().id)
    services.switch_on(actor=owner, endpoint_id=row.id)
    shop.answers = [OK]
    services.send_again(actor=owner, endpoint_id=row.id, delivery_id=the_delivery().id)
    assert deliver_due() == 1
    assert (the_delivery().state, the_delivery().attempts) == ("delivered", MAX_TRIES + 1)


def test_one_event_that_is_never_taken_does_not_switch_off_an_address_that_takes_others(owner, shop):
    shop.answers = [NO]
    subscribe(owner, shop)
    happen(owner)
    deliver_due()
    shop.answers = [OK, NO]
    with later(seconds=10):
        happen(owner)
        assert deliver_due() == 1
    try_until_it_ends()
    assert [row.state for row in deliveries()] == ["failed", "delivered"]
    assert the_endpoint().is_on


def test_an_address_that_is_gone_is_switched_off_at_once_with_all_that_waits(owner, shop):
    shop.answers = [GONE]
    subscribe(owner, shop)
    happen(owner)
    happen(owner)
    assert deliver_due() == 1
    assert [row.state for row in deliveries()] == ["failed", "failed"]
    assert the_endpoint().stop_reason == "gone"


def test_first_tries_go_out_in_order_one_at_a_time(owner, shop):
    subscribe(owner, shop)
    for number in range(5):
        happen(owner, number=number)
    assert deliver_due() == 5
    assert [json.loads(came.body)["data"]["number"] for came in shop.received] == list(range(5))


def test_while_an_event_is_on_its_way_no_other_goes_to_that_address(owner, shop):
    subscribe(owner, shop)
    for _event in range(2):
        happen(owner)
    assert delivering._take() is not None
    assert delivering._take() is None


def test_an_address_that_fails_rests_and_holds_up_nobody_else(owner, shop):
    shop.answers = [NO]
    subscribe(owner, shop)
    with receiver() as other:
        subscribe(owner, other)
        for _event in range(3):
            happen(owner)
        assert deliver_due() == 4
        assert (len(shop.received), len(other.received)) == (1, 3)


def test_one_that_answers_slowly_rests_and_goes_after_the_quick(owner, shop):
    subscribe(owner, shop)
    for _event in range(2):
        happen(owner)
    job = delivering._take()
    assert job is not None
    delivering._settle(job, sending.Answer(delivering.Outcome.DELIVERED, 5_000, 200))
    with later(seconds=29):
        assert deliver_due() == 0
    with later(seconds=31), receiver() as quick:
        subscribe(owner, quick)
        for _event in range(3):
            happen(owner)
        assert deliver_due(limit=3) == 3
        assert (len(quick.received), len(shop.received)) == (3, 0)
        assert deliver_due(limit=1) == 1
        assert the_one_at(shop).rests_until is None, "it was quick this time"


def test_addresses_take_turns(owner, shop):
    with receiver() as other:
        subscribe(owner, shop)
        for _event in range(3):
            happen(owner)
        subscribe(owner, other)
        happen(owner, "order.placed")
        with later(seconds=1):
            assert deliver_due(limit=2) == 2
        assert len(other.received) == 1


def test_a_crash_between_sending_and_writing_it_down_sends_it_again(owner, shop, monkeypatch):
    subscribe(owner, shop)
    happen(owner)
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_settle", lambda *_a: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            deliver_due()
    assert len(shop.received) == 1
    assert deliver_due() == 0, "the lease still runs: the other worker may be alive"
    with clock.frozen(clock.now() + delivering.LEASE + timedelta(seconds=1)):
        assert deliver_due() == 1
    assert [came.headers["Etalase-Event-Id"] for came in shop.received] == [the_delivery().event_ref] * 2
    assert the_delivery().state == "delivered"


def test_what_crashes_every_time_ends_all_the_same_and_blames_nobody(owner, shop, monkeypatch):
    subscribe(owner, shop)
    happen(owner)
    monkeypatch.setattr(delivering, "_settle", lambda *_a: None)
    assert try_until_it_ends() == MAX_TRIES
    assert the_delivery().state == "failed"
    assert the_endpoint().is_on


def test_a_sender_that_overslept_changes_nothing_but_the_log(owner, shop):
    subscribe(owner, shop)
    happen(owner)
    slow = delivering._take()
    assert slow is not None
    with clock.frozen(clock.now() + delivering.LEASE + timedelta(seconds=1)):
        assert deliver_due() == 1
        delivering._settle(slow, sending.Answer(delivering.Outcome.TIMEOUT, 1))
    assert the_delivery().state == "delivered"
    assert outcomes() == ["timeout", "delivered"]
    assert the_endpoint().failures == 0


def test_two_workers_send_everything_once_and_never_two_at_a_time_to_one_address(app, owner, shop):
    subscribe(owner, shop)
    with receiver() as other:
        subscribe(owner, other)
        for number in range(10):
            happen(owner, number=number)
        at_once(app, deliver_due, deliver_due)
        while deliver_due():
            pass
        for each in (shop, other):
            assert [json.loads(came.body)["data"]["number"] for came in each.received] == list(range(10))
            assert each.most_at_once == 1


def test_an_address_removed_while_something_is_on_its_way_is_gone(owner, shop):
    row, _secret = subscribe(owner, shop)
    happen(owner)
    job = delivering._take()
    assert job is not None
    services.remove(actor=owner, endpoint_id=row.id)
    delivering._settle(job, delivering._send(job))
    assert deliveries() == []
    assert deliver_due() == 0


def while_an_event_is_written(app, owner, act: Callable[[], object]) -> None:
    """Somebody acts after an event was written for an address, and before that is committed."""

    def run() -> None:
        with app.app_context():
            act()
            db.session.remove()

    with ThreadPoolExecutor(1) as other:
        with unit_of_work() as session:
            assert webhooks.publish(session, "order.moved", dict, seller_id=owner.seller_id) == 1
            acting = other.submit(run)
            with suppress(TimeoutError):
                acting.result(timeout=0.3)
        acting.result(timeout=30)


def test_an_address_removed_at_the_moment_of_an_event_fails_neither(app, owner, shop):
    row, _secret = subscribe(owner, shop)
    while_an_event_is_written(app, owner, lambda: services.remove(actor=owner, endpoint_id=row.id))
    assert deliveries() == []


def test_of_an_address_switched_off_at_the_moment_of_an_event_nothing_waits(app, owner, shop):
    row, _secret = subscribe(owner, shop)
    while_an_event_is_written(app, owner, lambda: services.switch_off(actor=owner, endpoint_id=row.id))
    assert the_delivery().state == "failed"


def test_an_address_that_leads_inside_by_now_is_logged_and_not_called(app, owner, shop):
    subscribe(owner, shop)
    happen(owner)
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = False
    assert deliver_due() == 1
    assert (outcomes(), shop.received) == (["closed_address"], [])


def test_what_was_sent_a_month_ago_is_forgotten(owner, shop):
    subscribe(owner, shop)
    happen(owner)
    deliver_due()
    delivering.sweep()
    assert deliveries()
    with later(days=31):
        delivering.sweep()
    assert (deliveries(), outcomes()) == ([], [])
