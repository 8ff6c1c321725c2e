"""The demo city in a real browser: one city for all who only look, a copy for each who writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from marketplace.permissions import declared
from tests.support import postgres
from tests.support.browser import DESK, OpenPage
from tests.support.crawling import ENOUGH, Limits, Visit, Walk, starts, walk
from tests.support.town import PEOPLE, Town, copy_of_city, town_in

OpenAs = Callable[..., Page]
CORNERS = (
    "/office/sellers/1", "/seller/products/1/photos",
    "/agreements/11", "/agreements/12", "/agreements/315", "/agreements/321",
    "/orders/14/claims/new", "/orders/15/receive", "/orders/20/quote", "/orders/20/decline",
    "/payments/refunds/2/deny", "/payments/refunds/2/proof",
)  # fmt: skip
"""Addresses from which a walk reaches what its two examples of each page do not lead to."""
SAME_AS_OTHERS = {"head", "coach", "admin"}
"""They see the officer's pages and a few of their own: fewer queries will do, and no papers."""
FEW = Limits(queries=2, papers=0)
WALKERS = (None, "seller", "buyer", "officer", "head", "coach", "admin", "newcomer")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The served demo city; nobody changes anything in it."""
    with town_in(copy_of_city(tmp_path_factory.mktemp("town") / "city"), served=True) as found:
        yield found


@pytest.fixture
def own_town(tmp_path: Path) -> Iterator[Town]:
    """A served copy of the demo city, to change at will."""
    with town_in(copy_of_city(tmp_path / "city"), served=True) as found:
        yield found


def _opener(open_page: OpenPage, town: Town) -> OpenAs:
    def open_as(who: str | None, path: str = "/", *, width: int = DESK, **options: Any) -> Page:
        page = open_page(width=width, base_url=town.address, **options)
        if who:
            page.context.add_cookies([town.cookie(who)])  # type: ignore[list-item]
        page.goto(path)
        return page

    return open_as


@pytest.fixture
def look_as(open_page: OpenPage, town: Town) -> OpenAs:
    """`look_as("officer", "/office", width=PHONE)`: a page of the city that nobody changes."""
    return _opener(open_page, town)


@pytest.fixture
def act_as(own_town: Town, open_page: OpenPage) -> OpenAs:
    """`act_as("seller", "/seller")`: a page of this test's own city; several people may act in it.

    The city comes first, so that it is still served while the pages are closed.
    """
    return _opener(open_page, own_town)


def _walks(town: Town) -> dict[str, Walk]:
    """What each of WALKERS reached; walked once in a session, shared among the workers."""
    is_second = os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0"
    for who in reversed(WALKERS) if is_second else WALKERS:  # from both ends: two workers meet half-way
        _walked(town, who)
    return {who or "": _walked(town, who) for who in WALKERS}


def _open_to_all(app: Flask) -> set[str]:
    """The endpoints that nobody need sign in for: who is nobody walks them all."""
    return {endpoint for endpoint in app.view_functions if declared(app, endpoint) is None}


def _walked(town: Town, who: str | None) -> Walk:
    kept = postgres.MEETING / f"walk-{who}.json"
    with postgres.one_worker_at_a_time(kept.stem):
        if not kept.exists():
            limits = FEW if who in SAME_AS_OTHERS else ENOUGH
            known = _open_to_all(town.app) if who else ()
            where = [*CORNERS, *starts(town.app)]
            found = walk(town.app, town.client(who), where, limits=limits, known=known)
            kept.write_text(json.dumps([vars(visit) for visit in found.visits.values()]))
    told = json.loads(kept.read_text())
    return Walk({v["url"]: Visit(**{**v, "faults": tuple(v["faults"])}) for v in told})


@pytest.fixture(scope="session")
def walks(town: Town) -> dict[str, Walk]:
    """What everybody of PEOPLE, and '' who is nobody, reaches by links: without a browser."""
    assert set(PEOPLE) <= {who for who in WALKERS if who}
    return _walks(town)
