"""Our adapter against localstripe, an independent server of Stripe's API in a process of its own.

It knows payments, refunds and signed webhooks; Checkout Sessions it does not know, those are the stand-in's.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.payments.models import ProviderEvent, RefundState
from marketplace.payments.providers import ProviderRefused, ProviderSilent, RefundAsked
from marketplace.payments.providers.stripe import Stripe
from tests.support.server import serving

SERVER = (
    "import sys; from aiohttp import web; from localstripe.server import app;"
    "web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"
)
SECRET = "whsec_localstripe"


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory):
    """Its address; it keeps what it is told under a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("localstripe")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVER, str(port)], cwd=folder, env={"TMPDIR": str(folder)}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                ask(address, "/v1/payment_intents")
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


def ask(address, path, *, post=False, **values):
    """One question by hand, as the payer's browser would ask it."""
    data = urllib.parse.urlencode(values).encode() if values or post else None
    request = urllib.request.Request(f"{address}{path}", data, {"Authorization": "Bearer sk_test_peraga"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture
def adapter(localstripe):
    return Stripe(
        secret_key="sk_test_peraga", webhook_secrets=[SECRET], api_base=localstripe, least_rupiah=10_000
    )


@pytest.fixture
def intent(localstripe):
    """A payment of Rp155.000 that succeeded."""
    card = {
        "type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12",
        "card[exp_year]": "2030", "card[cvc]": "123",
    }  # fmt: skip
    method = ask(localstripe, "/v1/payment_methods", **card)["id"]
    made = ask(localstripe, "/v1/payment_intents", amount="15500000", currency="idr", payment_method=method)
    return ask(localstripe, f"/v1/payment_intents/{made['id']}/confirm", post=True)["id"]


def test_money_goes_back_in_parts_and_is_found_by_its_reference(adapter, intent):
    first = RefundAsked("etalase-a-refund-1", intent, 55_000)
    assert adapter.find_refund(first) is None
    told = adapter.give_back(first, key=first.reference)
    assert (told.state, told.amount_rupiah, told.currency) == (RefundState.DONE, 55_000, "idr")
    assert (told.reference, told.intent_ref) == (first.reference, intent)
    second = adapter.give_back(RefundAsked("etalase-a-refund-2", intent, 100_000), key="2")
    assert adapter.find_refund(first).provider_ref == told.provider_ref != second.provider_ref


def test_what_it_does_not_know_is_refused(adapter, localstripe):
    with pytest.raises(ProviderRefused):
        adapter.give_back(RefundAsked("r", "pi_nothing", 1), key="k")
    with pytest.raises(ProviderRefused):
        adapter.fee_of("pi_nothing")
    stranger = Stripe(secret_key="nokey", webhook_secrets=[], api_base=localstripe, least_rupiah=1)
    with pytest.raises(ProviderSilent):
        stranger.fee_of("pi_nothing")


def test_its_fee_is_read_from_its_balance(adapter, intent):
    fee = adapter.fee_of(intent)
    assert fee is None or 0 <= fee < 155_000


def test_an_event_that_it_signs_and_sends_is_believed(app, stripe, localstripe, intent):
    app.extensions["etalase_payment_provider"]._secrets = (SECRET,)
    with serving(app) as address:
        request = urllib.request.Request(
            f"{localstripe}/_config/webhooks/etalase",
            json.dumps({"url": f"{address}/payments/webhooks/stripe", "secret": SECRET}).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer sk_test_peraga"},
        )
        urllib.request.urlopen(request, timeout=10).close()
        deadline = time.monotonic() + 20
        while (found := db.session.scalars(select(ProviderEvent)).first()) is None:
            assert time.monotonic() < deadline, "nothing came"
            db.session.rollback()
            time.sleep(0.05)
    assert found.kind in {"payment_intent.succeeded", "charge.succeeded", "payment_method.attached"}
    assert found.outcome == "unknown_kind"
    assert found.received_at - found.happened_at < timedelta(minutes=1)
    db.session.rollback()
