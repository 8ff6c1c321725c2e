"""Chromium for tests: pages at phone or desk width, accessibility checks, and what went wrong in a page.

pyproject.toml plugs this in, so that a test only has to ask:

    @pytest.mark.browser
    def test_the_office_sees_which_outlets_are_short(open_page):
        page = open_page(width=PHONE)
        page.goto(f"{address}/office")
        assert axe(page) == []
        assert sideways_scroll(page) == 0
        # at the end the fixture itself fails the test when the page logged an error or broke its CSP

Our pages forbid eval, so ask with `evaluate(page, ...)` and Playwright's `expect`, not with `page.evaluate`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = 360
DESK = 1280
HEIGHTS = {PHONE: 740, DESK: 900}
RULE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No page lives long enough to gain by compiled scripts, or by collecting its garbage early.
    "--js-flags=--no-opt --no-maglev --min-semi-space-size=32 --max-semi-space-size=64",
]
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
TIMEOUT_MS = 10_000


def chromium_path() -> str:
    """The operating system's Chromium, rather without windows; the variable CHROMIUM names another."""
    names = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else CHROMIUM_NAMES
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("no Chromium here: run make setup-dev as root")


@dataclass(frozen=True)
class Violation:
    """One accessibility rule that a page breaks, and where."""

    rule: str
    impact: str
    help: str
    places: tuple[str, ...]

    def __repr__(self) -> str:
        places = "".join(f"\n    {place}" for place in self.places)
        return f"\n  {self.rule} ({self.impact}): {self.help}{places}"


_sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
"""Where each page is asked; opening one for each question took longer than the answer."""


def evaluate(page: Page, expression: str) -> Any:
    """The value of a JavaScript expression (a promise is awaited), asked past the page's ban on eval.

    After a click the next page may have begun and hold nothing yet: what it says is asked once it is read.
    """
    page.wait_for_load_state("domcontentloaded")
    if page not in _sessions:
        _sessions[page] = page.context.new_cdp_session(page)
    question = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = _sessions[page].send("Runtime.evaluate", question)
    if "exceptionDetails" in answer:
        raise AssertionError(f"JavaScript failed: {answer['exceptionDetails']}")
    return answer["result"].get("value")


@cache
def axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


def axe(page: Page, within: str | None = None) -> list[Violation]:
    """What axe finds on the page as it stands, by WCAG 2.0 to 2.2 A and AA and best practice; [] is good."""
    if evaluate(page, "typeof axe") == "undefined":
        evaluate(page, f"{axe_source()}\n;0")
    options = {
        "runOnly": {"type": "tag", "values": RULE_TAGS},
        "resultTypes": ["violations"],
        "preload": False,  # of styles and media for rules that are not among these
    }
    target = json.dumps(within) if within else "document"
    result = evaluate(page, f"axe.run({target}, {json.dumps(options)}).then(found => found.violations)")
    return [
        Violation(
            rule=found["id"],
            impact=found["impact"] or "",
            help=found["help"],
            places=tuple(f"{node['html'][:200]}  ({node['failureSummary']})" for node in found["nodes"]),
        )
        for found in result
    ]


def sideways_scroll(page: Page) -> int:
    """How many pixels the page is wider than its window; 0 is good."""
    root = "document.documentElement"
    return int(evaluate(page, f"{root}.scrollWidth - {root}.clientWidth"))


def turn(page: Page, width: int) -> None:
    """Make the window as wide as a phone or a desk, which costs less than opening the page anew."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})


def errors_of(page: Page) -> list[str]:
    """What the page complained of since it was opened: script errors, console errors, CSP breaches."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(f"script error: {error}"))
    return errors


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the session; pages come from `open_page`."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root; the tests open only our own pages.
        sandbox = os.geteuid() != 0
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=FLAGS, chromium_sandbox=sandbox
        )
        yield browser
        browser.close()


def undrawn_page(chromium: Browser, context: BrowserContext) -> Page:
    """A page that is laid out whenever somebody asks, and never drawn: drawing is a fifth of a look's time.

    Only to be measured: a click waits until it is drawn. A Chromium with windows draws it all the same.
    """
    drawn = context.new_page()
    where = context.new_cdp_session(drawn).send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    wanted = {"url": "about:blank", "browserContextId": where, "enableBeginFrameControl": True}
    with context.expect_page() as opened:
        chromium.new_browser_cdp_session().send("Target.createTarget", wanted)
    drawn.close()
    return opened.value


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """`open_page(width=PHONE, javascript=True, errors="refused", **context)`: a page in a context of its own.

    Pages of one test share nothing, so that two people can be signed in at once. At the end of the test every
    error that a page logged fails it, unless it was opened with `errors="expected"` (tests of error pages).
    What is only looked at may be opened with `drawn=False`.
    """
    contexts: list[BrowserContext] = []
    watched: list[list[str]] = []

    def open_(
        *,
        width: int = DESK,
        javascript: bool = True,
        errors: str = "refused",
        drawn: bool = True,
        **options: Any,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            java_script_enabled=javascript,
            is_mobile=width < 600,
            has_touch=width < 600,
            locale=options.pop("locale", "id-ID"),
            timezone_id="Asia/Jakarta",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page() if drawn else undrawn_page(chromium, context)
        if errors == "refused":
            watched.append(errors_of(page))
        return page

    yield open_
    for context in contexts:
        context.close()
    logged = [error for errors in watched for error in errors]
    assert logged == [], "a page logged errors"


def send_offer(page: Page) -> None:
    """Go through the three steps of an offer: the first product, 15 % for the store, the rest as proposed."""
    page.locator("[name=product_ids]").first.check()
    page.get_by_role("button", name="Lanjut").click()
    page.locator("[name=commission_basis][value=percent_of_retail]").check()
    page.fill("[name=commission_percent]", "15")
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_role("button", name="Kirim tawaran").click()
