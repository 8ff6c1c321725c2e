"""Keeping, comparing, asking and trying in a real browser, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from marketplace.catalog.models import Question, SampleRequest
from marketplace.db import db
from tests.support.browser import PHONE, evaluate, sideways_scroll

pytestmark = pytest.mark.browser


def test_the_heart_on_a_card_is_kept_without_leaving_the_page(act_as):
    page = act_as("buyer", "/categories/makanan/abon", width=PHONE)
    card = page.locator(".product").filter(has=page.locator(".heart button[aria-pressed=false]")).first
    name = card.locator(".product__name").inner_text()
    with page.expect_response(re.compile("/favourite$")):
        card.locator(".heart button").click()
    expect(page).to_have_url(re.compile("/categories/makanan/abon$"))
    expect(page.locator(".product", has_text=name).first.locator(".heart button")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.goto("/buyer/lists")
    page.get_by_role("link", name="Favorit").click()
    expect(page.locator("main")).to_contain_text(name)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_product_goes_into_a_new_list_and_is_compared_from_there(act_as, javascript):
    page = act_as("buyer", "/categories/makanan/abon", width=PHONE, javascript=javascript)
    page.locator(".product__name a").first.click()
    page.get_by_text("Simpan ke daftar").click()
    page.fill("[name=new_name]", "Rak percobaan")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator("main")).to_contain_text("Tersimpan di Rak percobaan")
    page.goto("/buyer/lists")
    page.get_by_role("link", name="Rak Lebaran").click()
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="Bandingkan yang dipilih").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 produk berdampingan")
    expect(page.locator(".compare__differs").first).to_be_visible()
    assert sideways_scroll(page) == 0


def test_a_buyer_asks_and_the_maker_answers_without_scripts(act_as, own_town):
    page = act_as("buyer", "/products/1", width=PHONE, javascript=False)
    page.get_by_label("Tanya pembuatnya").fill("Apakah ada kemasan toples?")
    page.get_by_role("button", name="Kirim pertanyaan").click()
    expect(page.locator("#tanya")).to_contain_text("Apakah ada kemasan toples?")
    maker = act_as("seller", "/seller/questions?state=waiting", width=PHONE, javascript=False)
    form = maker.locator("li", has_text="kemasan toples")
    form.get_by_label("Jawaban Anda").fill("Ada, isi 250 g.")
    form.get_by_role("button", name="Kirim jawaban").click()
    page.reload()
    expect(page.locator("#tanya")).to_contain_text("Ada, isi 250 g.")
    assert own_town.ask(lambda: db.session.query(Question).filter_by(is_public=True).count()) >= 3


def test_a_sample_is_asked_for_approved_sent_and_received(act_as, own_town):
    buyer = act_as("buyer", "/products/1", width=PHONE)
    buyer.get_by_role("link", name=re.compile("Minta contoh")).click()
    buyer.get_by_label("Kirim ke").select_option(index=1)
    buyer.get_by_role("button", name="Kirim permintaan").click()
    expect(buyer.locator("main")).to_contain_text("Menunggu jawaban")
    address = buyer.url
    maker = act_as("seller", address, width=PHONE)
    maker.get_by_role("button", name="Setujui").click()
    maker.get_by_role("button", name="Catat sudah dikirim").click()
    buyer.reload()
    buyer.get_by_role("button", name="Sudah diterima").click()
    expect(buyer.locator("main")).to_contain_text("Diterima toko")
    number = int(address.rsplit("/", 1)[1])
    assert own_town.ask(lambda: db.session.get_one(SampleRequest, number).state) == "received"


def test_the_choice_of_lists_stays_on_the_screen(act_as):
    page = act_as("buyer", "/categories/makanan/abon", width=PHONE)
    page.locator(".product__name a").first.click()
    page.get_by_text("Simpan ke daftar").click()
    box = page.locator(".choose .menu__panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE


def test_no_word_breaks_where_products_stand_side_by_side_on_a_phone(look_as):
    page = look_as("buyer", "/compare?ids=1,2,3,180", width=PHONE)
    narrow = evaluate(page, TOO_NARROW)
    assert narrow == []
    assert sideways_scroll(page) == 0


TOO_NARROW = """(() => {
  const found = [];
  for (const cell of document.querySelectorAll(".compare th, .compare td")) {
    cell.style.overflowWrap = "normal";
    if (cell.scrollWidth > cell.clientWidth) found.push(cell.textContent.trim());
  }
  return found;
})()"""
"""The cells that hold a word wider than they are."""
