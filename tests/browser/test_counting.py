"""Counting a shelf on a phone: without a signal, without a script, and exactly once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, axe, evaluate, sideways_scroll

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]
SLOW_MS = 30_000
"""A page asks again every 15 seconds whether there is a signal."""


def at_a_shelf(page: Page) -> None:
    """Choose the first outlet that has goods on its shelf."""
    addresses = [
        link.get_attribute("href") or "" for link in page.locator("a[href*='/counts/new?outlet_id=']").all()
    ]
    for address in addresses:
        page.goto(address)
        if page.locator(".tally__number").count():
            return
    raise AssertionError("no outlet of the demo city has goods on its shelf")


def test_a_count_without_a_signal_waits_and_arrives_once(act_as: OpenAs) -> None:
    page = act_as("buyer", "/counts/new", width=PHONE, errors="expected")
    at_a_shelf(page)
    assert axe(page) == []
    assert sideways_scroll(page) == 0
    page.locator(".tally__number").first.fill("0")
    page.context.set_offline(True)
    for _time in range(2):
        page.get_by_role("button", name="Kirim hitungan").click()
        expect(page.locator("[data-count-queue]")).to_contain_text("dikirim begitu tersambung")
    assert evaluate(page, "JSON.parse(localStorage.getItem('etalase.counts')).length") == 1
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile(r"/counts/\d+$"), timeout=SLOW_MS)
    assert evaluate(page, "localStorage.getItem('etalase.counts')") == "[]"


def test_what_was_typed_is_there_again_when_the_page_is_opened_anew(act_as: OpenAs) -> None:
    page = act_as("buyer", "/counts/new", width=PHONE)
    at_a_shelf(page)
    page.locator(".tally__number").first.fill("7")
    expect(page.locator("[data-draft-status]")).to_contain_text("Tersimpan di ponsel ini.")
    page.reload()
    expect(page.locator(".tally__number").first).to_have_value("7")


def test_a_count_without_a_script(act_as: OpenAs) -> None:
    page = act_as("buyer", "/counts/new", width=PHONE, javascript=False)
    at_a_shelf(page)
    page.locator(".tally__number").first.fill("0")
    page.get_by_role("button", name="Kirim hitungan").click()
    expect(page).to_have_url(re.compile(r"/counts/\d+$"), timeout=SLOW_MS)


def test_a_report_of_sales_without_a_script(act_as: OpenAs) -> None:
    page = act_as("buyer", "/sales/new", width=PHONE, javascript=False)
    page.goto(page.locator("a[href*='/sales/new?outlet_id=']").first.get_attribute("href") or "")
    page.get_by_role("button", name="Tidak ada yang terjual").click()
    expect(page).to_have_url(re.compile(r"/sales/\d+$"), timeout=SLOW_MS)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tidak ada yang terjual")
