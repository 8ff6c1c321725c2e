"""The officer works through the inbox with one thumb; the seller reads why something came back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from marketplace.catalog.models import Product, Review
from marketplace.db import db
from tests.support.browser import PHONE, sideways_scroll

pytestmark = pytest.mark.browser


def test_two_taps_send_a_product_back_and_the_next_one_opens(act_as, own_town):
    page = act_as("officer", "/office/curation?kind=new", width=PHONE)
    waiting = page.locator("main li.task")
    count = waiting.count()
    assert count >= 3
    name = waiting.first.locator("h2").inner_text()
    waiting.first.get_by_role("link", name="Lihat").click()
    expect(page.locator(".stickybar")).to_be_visible()
    assert sideways_scroll(page) == 0
    here = page.url
    page.locator(".stickybar").get_by_role("link", name=re.compile("Kembalikan")).click()
    page.locator("#balik").get_by_role("button", name="Kembalikan").click()
    expect(page.locator("main, .note--flash").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(name)
    assert page.url != here
    assert own_town.ask(lambda: db.session.query(Product).filter_by(name=name).one().state) == "sent_back"
    page.goto("/office/curation?kind=new")
    expect(page.locator("main li.task")).to_have_count(count - 1)


def test_one_tap_puts_a_change_on_sale(act_as, own_town):
    page = act_as("officer", "/office/curation?kind=change", width=PHONE)
    row = page.locator("main li.task", has_text="Keripik tempe original")
    row.get_by_role("link", name=re.compile("Lihat")).click()
    expect(page.locator(".sides__new").first).to_contain_text("Keripik tempe original gurih")
    page.get_by_role("button", name="Setujui perubahan").click()
    expect(page).to_have_url(re.compile(r"/office/curation"))
    waiting = own_town.ask(lambda: db.session.query(Review).filter_by(kind="change", state="waiting").count())
    assert waiting == 1
    page.goto("/products?q=original+gurih")
    expect(page.locator("main")).to_contain_text("Keripik tempe original gurih")


def test_a_seller_reads_on_the_first_screen_what_to_mend_and_which_paper_ends(look_as):
    page = look_as("seller", "/seller", width=PHONE)
    for summary in page.locator("main details.more > summary").all():
        summary.click()
    expect(page.locator("li.task", has_text="Tempe mendoan beku")).to_contain_text("BPOM MD")
    expect(page.locator("li.task", has_text="habis 10 hari lagi")).to_be_visible()
    page.goto("/seller/certificates")
    expect(page.locator("li.task")).to_have_count(5)
