"""Events over HTTP: signed on the raw body, within a window of two sides, each applied once."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
import stripe as library

from marketplace.payments.carried import events_nightly
from marketplace.payments.providers import EXTENSION
from tests.payments.online import Buyer, later
from tests.support.stripe_standin import OLDER_SECRET, SECRET

URL = "/payments/webhooks/stripe"


@pytest.fixture
def buyer(stripe):
    return Buyer(stripe)


@pytest.fixture
def post(client, app):
    """Deliver a body with a header, as the provider would: nobody is signed in."""
    app.config["WTF_CSRF_ENABLED"] = True

    def deliver(body, headers):
        return client.post(URL, data=body, headers=headers)

    return deliver


def test_a_signed_event_pays_and_a_repeated_one_changes_nothing(buyer, stripe, post):
    charge = buyer.start()
    body, headers = stripe.signed(stripe.pay(charge.provider_ref))
    first, second = post(body, headers), post(body, headers)
    assert (first.status_code, first.text) == (200, "applied")
    assert (second.status_code, second.text) == (200, "repeated")
    assert buyer.charge(charge.id).state == "paid"


def test_an_event_is_kept_for_the_days_that_were_set_and_told_once_more_changes_nothing(app, buyer, stripe):
    charge, kept = buyer.start(), app.config["PROVIDER_EVENT_DAYS"]
    event = stripe.pay(charge.provider_ref)
    assert buyer.tell(event) == "applied"
    for days, told in ((kept, 1), (kept + 1, 0)):
        with later(stripe, days=days):
            events_nightly()
            assert len(buyer.events()) == told
    before = buyer.standing(), buyer.payments(), buyer.refunds(), buyer.balances()
    assert buyer.tell(event) == "unchanged"
    assert (buyer.standing(), buyer.payments(), buyer.refunds(), buyer.balances()) == before


def test_an_older_secret_still_counts_and_a_wrong_one_does_not(buyer, stripe, post):
    event = stripe.pay(buyer.start().provider_ref)
    assert post(*stripe.signed(event, secret="whsec_orang_lain")).status_code == 400
    assert post(*stripe.signed(event, secret=OLDER_SECRET)).status_code == 200


@pytest.mark.parametrize(
    ("seconds", "status"), [(-301, 400), (-299, 200), (299, 200), (301, 400), (10**8, 400)]
)
def test_the_window_has_two_sides(buyer, stripe, post, seconds, status):
    event = stripe.pay(buyer.start().provider_ref)
    answer = post(*stripe.signed(event, at=stripe.second + seconds))
    assert answer.status_code == status
    assert buyer.standing()[0][1] == (100_000 if status == 200 else 0)


def test_the_librarys_own_signature_is_taken(buyer, stripe, post):
    body = json.dumps(stripe.pay(buyer.start().provider_ref))
    header = library.WebhookSignature.generate_signature_header(body, SECRET, stripe.second)
    assert post(body, {"Stripe-Signature": header}).status_code == 200


def header_of(body, secret=SECRET, moment=None, stripe=None):
    moment = str(stripe.second) if moment is None else moment
    told = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={told}"


def test_a_changed_body_is_refused(buyer, stripe, post):
    body, headers = stripe.signed(stripe.pay(buyer.start().provider_ref))
    assert post(body.replace(b"15500000", b"15500001"), headers).status_code == 400
    assert post(body + b" ", headers).status_code == 400
    assert buyer.events() == []


HEADERS = [
    "",
    "t=",
    "t=1",
    "v1=00",
    "t=abc,v1=00",
    "t=1,t=2,v1=00",
    "ümlaut",
    "t=1764000000,v1=ÿ",
    "t=1764000000,v1=" + "g" * 64,
    "t=99999999999999999999,v1=" + "0" * 64,
    "," * 5000,
    "t=1=2,v1=1=2",
    "t=-5,v1=" + "0" * 64,
    "t=٣,v1=" + "0" * 64,
]


def test_a_strange_header_is_400(stripe, client):
    for header in HEADERS:
        raw = header.encode("utf-8").decode("latin-1")
        answer = client.post(URL, data=b"{}", environ_overrides={"HTTP_STRIPE_SIGNATURE": raw})
        assert answer.status_code == 400, header


def test_without_a_header_it_is_400(stripe, client):
    assert client.post(URL, data=b"{}").status_code == 400


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"{}",
    b"\xff\xfe",
    b"\x00",
    b"[" * 50_000,
    b'{"id": "evt_1", "type": "checkout.session.completed", "created": 1, "data": {"object": {}}}',
    b'{"id": 5, "type": "x", "created": 1, "data": {"object": {}}}',
    b'{"id": "evt_1", "type": "x", "created": "soon", "data": {"object": {}}}',
    b'{"id": "evt_1", "type": "x", "created": 1e400, "data": {"object": {}}}',
    b'{"id": "evt_1", "type": "x", "created": 99999999999999999, "data": {"object": {}}}',
    b'{"id": "evt_\\ud800", "type": "x", "created": 1, "data": {"object": {}}}',
    (
        b'{"id": "evt_1", "type": "refund.updated", "created": 1,'
        b' "data": {"object": {"id": "re_1", "status": "odd"}}}'
    ),
    b'{"id": "evt_1", "type": "refund.updated", "created": 1, "data": {"object": []}}',
    (
        b'{"id": "evt_1", "type": "charge.dispute.created", "created": 1,'
        b' "data": {"object": {"id": "dp", "amount": true}}}'
    ),
    b'{"n": ' + b"9" * 5000 + b"}",
]


def test_a_signed_body_that_cannot_be_read_is_400(stripe, client):
    for body in BODIES:
        answer = client.post(URL, data=body, headers={"Stripe-Signature": header_of(body, stripe=stripe)})
        assert (answer.status_code, answer.text) == (400, "unreadable"), body[:100]


def test_strange_words_inside_are_kept_or_left_out_but_break_nothing(buyer, stripe, post):
    charge = buyer.start()
    event = stripe.fail(charge.provider_ref)
    event["data"]["object"]["payment_intent"] = {
        "id": "pi_test", "last_payment_error": {"message": "a\x00b\ud800" + "c" * 9000},
    }  # fmt: skip
    assert post(*stripe.signed(event)).status_code == 200
    assert buyer.charge(charge.id).failure.startswith("ab?c")


def test_kinds_that_we_do_not_follow_are_recorded_and_answered_200(buyer, stripe, post):
    event = {"id": "evt_x", "type": "plan.created", "created": 1, "data": {"object": {"id": "plan_1"}}}
    answer = post(*stripe.signed(event))
    assert (answer.status_code, answer.text) == (200, "unknown_kind")
    assert buyer.events() == [("plan.created", "unknown_kind")]


def test_a_session_of_somebody_else_is_not_ours(buyer, stripe, post):
    event = stripe.pay(buyer.start().provider_ref)
    event["data"]["object"] |= {"id": "cs_test_lain", "client_reference_id": None}
    answer = post(*stripe.signed(event))
    assert (answer.status_code, answer.text) == (200, "not_ours")


def test_a_body_that_is_too_large_is_refused_unread(stripe, client):
    body = b" " * 300_000
    answer = client.post(URL, data=body, headers={"Stripe-Signature": header_of(body, stripe=stripe)})
    assert answer.status_code == 413


def test_it_is_not_there_without_its_provider(app, client):
    assert client.post(URL, data=b"{}").status_code == 404
    assert app.extensions[EXTENSION].name == "manual"


def test_another_name_and_another_method_find_nothing(stripe, client):
    assert client.post("/payments/webhooks/paypal", data=b"{}").status_code == 404
    assert client.get(URL).status_code == 405


def test_without_secrets_nothing_is_believed(app, stripe, client):
    app.extensions[EXTENSION]._secrets = ()
    body, headers = stripe.signed({"id": "evt", "type": "x", "created": 1, "data": {"object": {}}}, secret="")
    assert client.post(URL, data=body, headers=headers).status_code == 400
