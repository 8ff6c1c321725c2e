"""Webhooks: written with what happened, signed, sent at least once, given up in the end."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from marketplace import clock, jobs, mailing, outbox, webhooks
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from marketplace.webhooks import delivering, sending, services
from marketplace.webhooks.delivering import deliver_due
from marketplace.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from marketplace.webhooks.rules.schedule import MAX_TRIES, WAITS
from tests import factories as make
from tests.support.receiving import OK, Receiver, receiver
from tests.support.signing import bearer, sign_in
from tests.support.together import at_once

ROOT = Path(__file__).resolve().parent.parent.parent
NO = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
ALL = ("order.placed", "order.moved", "payment.changed", "claim.*")


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


def subscribe(actor, where: Receiver | str, wanted=ALL) -> tuple[WebhookEndpoint, str]:
    url = where if isinstance(where, str) else where.url
    return services.subscribe(actor=actor, url=url, wanted=wanted)


def happen(actor, event="order.moved", **data) -> int:
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
    db.session.rollback()
    db.session.expire_all()


def deliveries() -> list[WebhookDelivery]:
    fresh()
    return list(db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def the_delivery() -> WebhookDelivery:
    [row] = deliveries()
    return row


def the_endpoint() -> WebhookEndpoint:
    fresh()
    return db.session.scalars(select(WebhookEndpoint)).one()


def outcomes() -> list[str]:
    fresh()
    query = select(WebhookAttempt.outcome).order_by(WebhookAttempt.delivery_id, WebhookAttempt.number)
    return list(db.session.scalars(query))


def later(**time_: float):
    return clock.frozen(clock.now() + timedelta(**time_))


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


def test_an_address_that_fails_rests_and_holds_up_nobody_else(owner, shop):
    shop.answers = [NO]
    subscribe(owner, shop)
    with receiver() as other:
        subscribe(owner, other)
        for _event in range(3):
            happen(owner)
        assert deliver_due() == 4
        assert (len(shop.received), len(other.received)) == (1, 3)


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


def test_an_address_removed_at_the_moment_of_an_event_fails_neither(app, owner, shop):
    row, _secret = subscribe(owner, shop)
    removed, told = at_once(
        app, lambda: services.remove(actor=owner, endpoint_id=row.id), lambda: happen(owner)
    )
    assert removed is None
    assert told in {0, 1}
    assert deliveries() == []


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


def test_a_lane_does_its_work_once_at_a_time_and_again_when_asked_meanwhile(app):
    begun, go, turns = threading.Event(), threading.Event(), []

    def work() -> None:
        turns.append(1)
        begun.set()
        assert go.wait(5)

    lane = jobs.Lane(app.extensions[jobs.EXTENSION], "trial", work)
    first = threading.Thread(target=lane.run)
    first.start()
    assert begun.wait(5)
    before = time.monotonic()
    lane.run()  # another thread of the worker: it is not held up
    assert time.monotonic() - before < 1
    assert len(turns) == 1
    go.set()
    first.join(5)
    assert len(turns) == 2


# --- who may, and what the pages say --------------------------------------------------------------------


def test_only_who_manages_an_organization_subscribes_and_only_to_what_there_is(app, owner, shop):
    for actor in (make.member(Role.SELLER_STAFF, seller_id=owner.seller_id), make.officer()):
        with pytest.raises(Forbidden):
            subscribe(actor, shop)
    for wanted in ((), ("nothing",), ("test",)):
        with pytest.raises(InvalidInput):
            subscribe(owner, shop, wanted)
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = False
    with pytest.raises(InvalidInput):
        subscribe(owner, shop)


def test_a_name_that_is_not_public_is_refused_when_it_is_subscribed(app, owner, monkeypatch):
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = False
    said = []
    for found in ([], ["10.0.0.7"], ["93.184.215.14", "10.0.0.7"]):
        places = [(None, None, 6, "", (one, 443)) for one in found]
        monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_a, found=places, **_k: found)
        with pytest.raises(InvalidInput) as refusal:
            subscribe(owner, "https://gudang.contoh.id/")
        said.append(refusal.value.message)
    assert len(set(said)) == 1, "nobody learns from the sentence what stands inside"


def test_an_organization_has_a_limited_number_of_addresses(owner, shop):
    for number in range(services.MAX_ENDPOINTS):
        subscribe(owner, f"{shop.url}/{number}")
    with pytest.raises(RuleBroken):
        subscribe(owner, shop)


def test_a_stranger_s_address_is_not_there(client, owner, shop):
    row, _secret = subscribe(owner, shop)
    happen(owner)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    sign_in(client, stranger)
    for path in ("", "/edit", "/rotate", "/remove", f"/deliveries/{the_delivery().id}"):
        assert client.get(f"/account/webhooks/{row.id}{path}").status_code == 404, path
    for path in ("/edit", "/rotate", "/remove", "/switch-off", "/switch-on", "/test",
                 f"/deliveries/{the_delivery().id}/again"):  # fmt: skip
        sent = {"url": shop.url, "topics": "order.moved", "when": "now"}
        assert client.post(f"/account/webhooks/{row.id}{path}", data=sent).status_code == 404, path
    assert client.get(f"/api/v1/webhooks/{row.id}/deliveries", headers=bearer(stranger)).status_code == 404
    assert client.get("/api/v1/webhooks", headers=bearer(stranger)).get_json() == {"items": []}
    with pytest.raises(NotFound):
        services.send_again(actor=stranger, endpoint_id=row.id, delivery_id=the_delivery().id)


def test_a_delivery_is_found_under_its_own_address_alone(client, owner, shop):
    subscribe(owner, shop)
    happen(owner)
    other, _secret = subscribe(owner, shop)
    sign_in(client, owner)
    assert client.get(f"/account/webhooks/{other.id}/deliveries/{the_delivery().id}").status_code == 404
    with pytest.raises(NotFound):
        services.send_again(actor=owner, endpoint_id=other.id, delivery_id=the_delivery().id)


def test_a_manager_subscribes_tests_looks_and_stops_on_the_pages(client, owner, shop):
    sign_in(client, owner)
    assert "Belum ada alamat" in client.get("/account/webhooks").get_data(as_text=True)
    assert "/account/webhooks" in client.get("/account").get_data(as_text=True)
    refused = client.post("/account/webhooks/new", data={"url": "ftp://<x>", "topics": ["order.moved"]})
    html = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'value="ftp://&lt;x&gt;"' in html
    assert re.search(r'value="order.moved"[^>]*checked|checked[^>]*value="order.moved"', html)
    made = client.post("/account/webhooks/new", data={"url": shop.url, "topics": ["order.moved", "claim.*"]})
    [secret] = re.findall(r"whk_[\w-]{43}", made.get_data(as_text=True))
    row = the_endpoint()
    assert row.secret == secret
    page = f"/account/webhooks/{row.id}"
    assert secret not in client.get(page).get_data(as_text=True)
    tested = client.post(f"{page}/test")
    assert "Belum dicoba" in client.get(tested.location).get_data(as_text=True)
    shop.answers = [b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\n<b>!", OK]
    deliver_due()
    html = client.get(tested.location).get_data(as_text=True)
    assert "Ditolak program (500)" in html
    assert "&lt;b&gt;!" in html
    client.post(f"{tested.location}/again")
    deliver_due()
    assert "Sampai" in client.get(f"{page}?state=delivered").get_data(as_text=True)
    assert "Tidak ada yang cocok" in client.get(f"{page}?state=failed").get_data(as_text=True)
    assert b"test,delivered,2,delivered,200" in client.get(f"{page}?format=csv").data
    assert client.get(f"{page}?format=xlsx").status_code == 200
    assert (
        client.post(f"{page}/edit", data={"url": shop.url + "/2", "topics": "order.placed"}).status_code
        == 302
    )
    assert (the_endpoint().topics, the_endpoint().url) == (["order.placed"], shop.url + "/2")
    assert re.search(
        r"whk_[\w-]{43}", client.post(f"{page}/rotate", data={"when": "later"}).get_data(as_text=True)
    )
    client.post(f"{page}/switch-off")
    assert "Dimatikan dengan tangan" in client.get(page).get_data(as_text=True)
    client.post(f"{page}/switch-on")
    assert the_endpoint().is_on
    assert "Hapus alamat ini?" in client.get(f"{page}/remove").get_data(as_text=True)
    client.post(f"{page}/remove")
    assert client.get(page).status_code == 404


def test_programs_read_what_was_sent_page_by_page(client, owner, shop):
    row, _secret = subscribe(owner, shop)
    for number in range(5):
        happen(owner, number=number)
    deliver_due(limit=3)
    headers = bearer(owner)
    [item] = client.get("/api/v1/webhooks", headers=headers).get_json()["items"]
    assert (item["id"], item["url"], item["is_on"]) == (row.id, shop.url, True)
    assert "secret" not in item
    path, seen, cursor = f"/api/v1/webhooks/{row.id}/deliveries?limit=2", [], ""
    while True:
        answer = client.get(path + cursor, headers=headers).get_json()
        seen += answer["items"]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert [one["id"] for one in seen] == sorted((one.id for one in deliveries()), reverse=True)
    assert [one["state"] for one in seen] == ["waiting"] * 2 + ["delivered"] * 3
    waiting = client.get(f"/api/v1/webhooks/{row.id}/deliveries?state=waiting", headers=headers).get_json()
    assert len(waiting["items"]) == 2
