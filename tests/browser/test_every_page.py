"""Every page that anybody can reach: whole, readable at both widths, and open to everybody who reads."""

from __future__ import annotations

import os
from itertools import cycle

import pytest

from tests.support.browser import AXE, DESK, PHONE, axe, evaluate, sideways_scroll, turn
from tests.support.crawling import Walk

pytestmark = pytest.mark.browser
IS_PROOF = "ETALASE_PROOF" in os.environ
"""Whether axe looks at every page at both widths, or at one page on a phone and at the next on a desk."""
LOOKERS = ("", "seller", "buyer", "officer", "head", "coach", "admin", "newcomer")
UNREACHED = {
    "static": "no page",
    "catalog.card": "a picture for other sites",
    "papers.qr_file": "a picture to download",
    "api_catalog.product": "for programs, named in openapi.json",
    "api_compliance.compliance": "for programs, named in openapi.json",
    "api_stock.get_stock": "for programs, named in openapi.json",
    "api_orders.orders": "for programs, named in openapi.json",
    "api_orders.order": "for programs, named in openapi.json",
    "api_orders.invoices": "for programs, named in openapi.json",
    "api_orders.invoice": "for programs, named in openapi.json",
    "api_payments.payables": "for programs, named in openapi.json",
    "api_payments.payments": "for programs, named in openapi.json",
    "api_payments.payment": "for programs, named in openapi.json",
    "api_webhooks.endpoints": "for programs, named in openapi.json",
    "api_webhooks.deliveries": "for programs, named in openapi.json",
    "compliance.draft_file": "a file to download",
    "compliance.outlet_file": "a file to download",
    "exchange.refused_rows": "a file to download",
    "seller_bulk.refused_rows": "a file to download",
    "catalog.suggestions": "a piece of a page, while somebody types",
    "seller_products.places": "a piece of a page, while somebody types",
    "exchange.import_progress": "a piece of a page, while an import runs",
    "seller_bulk.import_progress": "a piece of a page, while an import runs",
    "seller_bulk.import_run": "needs an import of the seller's own; test_bulk_pages opens it",
    "accounts.reset": "its address comes by mail",
    "organizations.invitation": "its address comes by mail",
    "saved_searches.unsubscribe": "its address comes by mail",
    "catalog.sitemap_part": "for search engines, once there are 50,000 addresses",
    "deliveries.scanned": "its address stands in the QR code of a delivery note",
    "sales_files.refused_rows": "a file to download",
    "sales_files.import_progress": "a piece of a page, while an import runs",
    "sales_files.import_run": "needs a file of the store's own; test_sales_files opens it",
    "bank_files.refused_rows": "a file to download",
    "bank_files.import_progress": "a piece of a page, while an import runs",
    "order_papers.receipt": "a paper to print",
    "order_papers.many": "a file of what was chosen in a form",
    "orders.scanned": "its address stands in the QR code of an order's delivery note",
    "accounts.revoke_token": "needs a token; tests/accounts opens it",
    "online.charge": "nobody carries money in the demo city; tests/payments opens it",
    "online.back": "nobody carries money in the demo city; tests/payments opens it",
    "online.cancelled": "nobody carries money in the demo city; tests/payments opens it",
}
"""What no link of the demo city leads to, and why."""


def own_examples(walks: dict[str, Walk], who: str) -> dict[str, str]:
    """One address for each endpoint that nobody before this person in LOOKERS reaches."""
    before: set[str] = set()
    for other in LOOKERS[: LOOKERS.index(who)]:
        before |= walks[other].examples().keys()
    return {endpoint: url for endpoint, url in walks[who].examples().items() if endpoint not in before}


@pytest.mark.parametrize("who", LOOKERS)
def test_no_link_leads_nowhere(walks, who):
    broken = [visit for visit in walks[who].visits.values() if visit.status >= 400]
    # An address that somebody types may be refused or lack its query; a link to such a one is a fault.
    broken = [visit for visit in broken if visit.came_from or visit.status not in {401, 403, 404}]
    assert broken == []


@pytest.mark.parametrize("who", LOOKERS)
def test_every_page_is_made_whole(walks, who):
    faulty = {visit.url: visit.faults for visit in walks[who].visits.values() if visit.faults}
    assert faulty == {}


def test_somebody_reaches_every_page(town, walks):
    every = {rule.endpoint for rule in town.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    reached = set().union(*(walk.endpoints for walk in walks.values()))
    assert sorted(every - reached - UNREACHED.keys()) == []
    assert sorted(UNREACHED.keys() & reached) == [], "reached after all"
    assert sorted(UNREACHED.keys() - every) == [], "gone"


@pytest.mark.proof
@pytest.mark.parametrize("who", LOOKERS)
def test_every_page_is_accessible_and_keeps_its_width(look_as, walks, who):
    page = look_as(who or None, "/verify", width=PHONE, drawn=False)
    page.add_init_script(path=AXE)  # once for all pages, not a megabyte through the pipe for each
    found: dict[str, list[str]] = {}
    # A page is loaded once and turned, which costs less than loading it anew; the next begins where it ended.
    both_ways = cycle([(PHONE, DESK), (DESK, PHONE)])
    for (endpoint, url), (first, then) in zip(own_examples(walks, who).items(), both_ways, strict=False):
        page.goto(url)
        faults = [*unreadable(page, first), *too_wide(page, first)]
        turn(page, then)
        faults += [*(unreadable(page, then) if IS_PROOF else ()), *too_wide(page, then)]
        if faults:
            found[f"{endpoint} {url}"] = faults
    assert found == {}, "\n".join(f"{place}: {''.join(faults)}" for place, faults in found.items())


def unreadable(page, width):
    """What axe finds on the page at this width."""
    return [f"{width} px: {violation!r}" for violation in axe(page)]


def too_wide(page, width):
    """How far the page can be pushed sideways at this width."""
    pixels = sideways_scroll(page)
    return [f"{width} px: {pixels} px sideways: {widest(page)}"] if pixels else []


def widest(page):
    """The elements that stick out at the right."""
    return evaluate(
        page,
        """[...document.querySelectorAll("body *")]
           .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
           .slice(0, 4).map(e => e.outerHTML.slice(0, 120))""",
    )
