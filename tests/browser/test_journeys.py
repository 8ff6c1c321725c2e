"""What three people come for, from their first screen on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from marketplace.catalog.models import Product
from marketplace.db import db
from marketplace.placements.models import Agreement
from tests.support.browser import PHONE, send_offer, sideways_scroll

pytestmark = pytest.mark.browser


def number(words):
    """The first whole number in some words."""
    found = re.search(r"\d+", words)
    assert found, words
    return int(found[0])


def test_the_officer_learns_within_three_clicks_which_outlets_are_short_and_why(look_as):
    page = look_as("officer", "/office")
    tile = page.locator("a.tile", has_text="Kurang")
    short = number(tile.locator(".tile__value").inner_text())
    assert short == number(page.get_by_role("heading", level=1).inner_text())
    tile.click()
    rows = page.locator("main table tbody tr")
    expect(rows).to_have_count(short)
    rows.first.get_by_role("link").first.click()
    told = page.get_by_role("heading", name=re.compile("UMKM terpajang")).inner_text()
    sellers = page.locator("main tr[id^=seller-]")
    assert sellers.filter(has_text="Dihitung").count() == number(told), "the figure is its rows"
    uncounted = sellers.filter(has_not_text="Dihitung")
    assert uncounted.count() > 0
    assert all(row.locator(".chip").count() for row in uncounted.all()), "each says why it does not count"
    page.get_by_role("link", name="Jelaskan dengan kalimat").click()
    expect(page.locator("main")).to_contain_text("Tidak dihitung")


def test_the_buyer_asks_two_makers_for_a_gap_of_two(act_as, own_town):
    def offers():
        return db.session.query(Agreement).filter_by(state="proposed").count()

    before = own_town.ask(offers)
    page = act_as("buyer", "/buyer?status=short")
    gap = page.locator("li.outlet", has_text="Kurang 2").first
    shop = gap.locator(".outlet__name").inner_text()
    gap.get_by_role("link", name=re.compile("Cari UMKM")).click()
    able = page.url
    for _maker in range(2):
        page.goto(able)
        expect(page.get_by_role("heading", level=1)).to_contain_text(shop)
        page.get_by_role("link", name=re.compile("Ajukan titip jual ke")).first.click()
        send_offer(page)
        expect(page.locator("main")).to_contain_text("Menunggu jawaban")
    assert own_town.ask(offers) == before + 2


def test_the_seller_answers_an_offer_and_adds_a_product_with_one_thumb(act_as, own_town):
    page = act_as("seller", "/seller", width=PHONE)
    waiting = page.locator("li.task", has_text="Jawab tawaran")
    count = waiting.count()
    assert count >= 2
    page.get_by_text(re.compile(r"^\d+ hal lagi$")).click()
    waiting.last.get_by_role("link").first.click()
    expect(page.get_by_role("button", name="Setujui")).to_be_visible()
    assert sideways_scroll(page) == 0
    page.get_by_role("button", name="Setujui").click()
    expect(page.locator("main")).not_to_contain_text("menunggu jawaban Anda")
    page.goto("/seller")
    expect(page.locator("li.task", has_text="Jawab tawaran")).to_have_count(count - 1)

    page.get_by_role("link", name="Daftarkan produk").first.click()
    page.get_by_role("button", name=re.compile("Foto menyusul")).click()
    page.fill("[name=name]", "Keripik tempe rasa kencur")
    page.fill("[name=category]", "Makanan / Camilan kering")
    page.fill("[name=price_rupiah]", "11.000")
    page.fill("[name=unit]", "bungkus 200 g")
    page.get_by_role("button", name="Kirim untuk diperiksa").first.click()
    expect(page.locator("main")).to_contain_text("Keripik tempe rasa kencur dikirim ke Dinas")
    row = own_town.ask(lambda: db.session.query(Product).filter_by(name="Keripik tempe rasa kencur").one())
    assert (row.price_rupiah, row.state) == (11_000, "waiting")
