"""A stand-in for Stripe, and an app that takes it for Stripe."""

from __future__ import annotations

import pytest

from marketplace import clock
from marketplace.payments.providers import EXTENSION
from marketplace.payments.providers.stripe import Stripe
from tests.support.server import serving
from tests.support.stripe_standin import KEY, OLDER_SECRET, SECRET, StandIn


class Line:
    """One server for all tests: each has an account of its own behind it."""

    account: StandIn

    def __call__(self, environ, start_response):
        return self.account(environ, start_response)


@pytest.fixture(scope="session")
def stripe_line():
    line = Line()
    with serving(line) as address:
        yield line, address


@pytest.fixture
def stripe(app, stripe_line):
    """An account of Stripe's that the app pays through, at the moment at which the app is."""
    line, address = stripe_line
    line.account = StandIn(address=address, now=clock.now())
    app.extensions[EXTENSION] = Stripe(
        secret_key=KEY, webhook_secrets=[SECRET, OLDER_SECRET], api_base=address, least_rupiah=10_000
    )
    yield line.account
    line.account.asleep.set()
