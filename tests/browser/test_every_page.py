"""Every page that anybody can reach: whole, readable at both widths, and open to everybody who reads."""

from __future__ import annotations

import pytest

from tests.support.browser import DESK, PHONE, axe, evaluate, sideways_scroll
from tests.support.crawling import Walk

pytestmark = pytest.mark.browser
LOOKERS = ("", "seller", "buyer", "officer", "head", "coach", "admin", "newcomer")
NO_PAGES = {
    "static",
    "health.healthz",
    "health.readyz",
    "openapi.spec",
}
"""What answers programs."""


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


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("who", LOOKERS)
def test_every_page_is_accessible_and_keeps_its_width(look_as, walks, who, width):
    page = look_as(who or None, "/verify", width=width)
    found: dict[str, list[str]] = {}
    for endpoint, url in own_examples(walks, who).items():
        page.goto(url)
        faults = [repr(violation) for violation in axe(page)]
        if sideways_scroll(page):
            faults.append(f"{sideways_scroll(page)} px sideways: {widest(page)}")
        if faults:
            found[f"{endpoint} {url}"] = faults
    assert found == {}, "\n".join(f"{place}: {''.join(faults)}" for place, faults in found.items())


def widest(page):
    """The elements that stick out at the right."""
    return evaluate(
        page,
        """[...document.querySelectorAll("body *")]
           .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
           .slice(0, 4).map(e => e.outerHTML.slice(0, 120))""",
    )
