"""The pages of paying online in a browser: readable, as wide as the window, and leading to the provider."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from marketplace.db import db
from marketplace.payments.services.sweeping import sweep
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.online import Buyer
from tests.support.browser import DESK, HEIGHTS, PHONE, axe, sideways_scroll
from tests.support.server import serving
from tests.support.signing import sign_in
from tests.support.town import OnOneDay

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def faults_of(page):
    """What is wrong with the page at both widths."""
    found = []
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        found += [f"{width}: {violation!r}" for violation in axe(page)]
        if sideways_scroll(page):
            found.append(f"{width}: {sideways_scroll(page)} px sideways")
    return found


def cookie_of(app, who):
    """What the browser of somebody who is signed in holds."""
    cookie = sign_in(app.test_client(), who).get_cookie("etalase")
    assert cookie is not None
    return cookie.value


@ON_SQLITE
@pytest.mark.browser
def test_a_buyer_gets_to_the_provider_and_every_page_on_the_way_is_readable(app, stripe, open_page):
    buyer, admin = Buyer(stripe), make.member(Role.ADMIN)
    paid = buyer.paid().id
    buyer.pairs[1].withdraw()
    sweep()
    buyer.tell(stripe.finish_refund(next(iter(stripe.refunds)), "failed"))
    for pair in buyer.pairs:
        pair.share += 10_000
        pair.ask(80_000)
    bills = ",".join(map(str, buyer.bills))
    maker = buyer.pairs[0].maker.id
    browsers = {who: sign_in(app.test_client(), who) for who in (buyer.actor, admin, buyer.pairs[0].seller)}
    kept = {who: browser.get_cookie("etalase") for who, browser in browsers.items()}
    cookies = {who: cookie.value for who, cookie in kept.items() if cookie is not None}
    db.session.remove()
    with serving(OnOneDay(app)) as address:
        page = open_page(width=PHONE)

        def visit(who, path):
            page.context.add_cookies([{"name": "etalase", "value": cookies[who], "url": address}])
            page.goto(f"{address}{path}")
            assert faults_of(page) == [], path

        visit(buyer.actor, f"/payments/online/new?bills={bills}")
        page.get_by_role("button", name="Siapkan pembayaran").click()
        way = page.get_by_role("link", name="Bayar di halaman Stripe")
        expect(way).to_have_attribute("href", f"{stripe.address}/pay/{list(stripe.sessions)[-1]}")
        visit(buyer.actor, f"/payments/online/{paid + 1}/cancelled")
        for who, path in (
            (buyer.actor, "/payments/online"),
            (admin, f"/payments/online/{paid}"),
            (admin, "/payments/payouts"),
            (admin, "/payments/qris/numbers"),
            (admin, f"/payments/payouts/{maker}"),
            (buyer.pairs[0].seller, f"/payments/payouts/{maker}"),
        ):
            visit(who, path)
