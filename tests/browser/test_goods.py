"""Goods on their way in a real browser: a maker's phone, a store's phone, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from marketplace.db import db
from marketplace.placements.models import Delivery, Difference
from tests.support.browser import DESK, PHONE, evaluate, sideways_scroll

pytestmark = pytest.mark.browser


def _send(page) -> str:
    """Write a note with the first product and send it; answers its address."""
    page.locator("main ul.rows a", has_text="Rukun Mart").first.click()
    page.locator("[name=quantity-0]").fill("12")
    page.locator("[name='expires_on-0']").fill("2030-12-31")
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.locator("main")).to_contain_text("Dalam perjalanan")
    return str(page.url)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_maker_sends_and_the_store_takes_in_what_is_there(act_as, own_town, javascript):
    maker = act_as("seller", "/deliveries/new", width=PHONE, javascript=javascript)
    address = _send(maker)
    number = int(address.rsplit("/", 1)[1])
    code = own_town.ask(lambda: db.session.get_one(Delivery, number).code)
    store = act_as("buyer", f"/deliveries/at/{code}", width=PHONE, javascript=javascript)
    expect(store).to_have_url(re.compile("/receive$"))
    expect(store.get_by_role("button", name=re.compile("Semua sesuai: 12"))).to_be_visible()
    store.get_by_text("Ada yang kurang atau rusak").click()
    if javascript:
        store.get_by_role("button", name="Tambah: Kurang").click()
        store.get_by_role("button", name="Tambah: Rusak").click()
        expect(store.get_by_label("Diterima baik", exact=True)).to_have_value("10")
    else:
        for label, units in (("Diterima baik", "10"), ("Kurang", "1"), ("Rusak", "1")):
            store.get_by_label(label, exact=True).fill(units)
    assert sideways_scroll(store) == 0
    store.get_by_role("button", name="Simpan hasil hitungan").click()
    expect(store.locator("main")).to_contain_text("diterima dan masuk rak")
    found = own_town.ask(
        lambda: db.session.query(Difference).filter_by(document_kind="delivery", document_id=number).count()
    )
    assert found == 2


def test_the_sums_of_a_month_are_not_cut_off(look_as):
    page = look_as("seller", "/agreements?condition=in_force", width=DESK)
    page.locator("main th[scope=row] a").first.click()
    page.get_by_role("link", name=re.compile("berdampingan")).click()
    cell = page.locator(".sides td.num", has_text="dikurangi komisi").first
    expect(cell).to_be_visible()
    expect(cell).to_have_css("white-space", "normal")
    cut = "[...document.querySelectorAll('.sides td')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert evaluate(page, cut) == 0
