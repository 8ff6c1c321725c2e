"""How pages behave in people's hands: language, weight, mistakes, double clicks, the way back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from marketplace.catalog.models import Product
from marketplace.db import db
from tests.support.browser import DESK, PHONE, evaluate
from tests.support.crawling import PageReader

pytestmark = pytest.mark.browser
FIRST_PAGE_LIMIT = 150_000
FIRST_SCREENS = {
    None: "/",
    "seller": "/seller",
    "buyer": "/buyer",
    "officer": "/office",
    "head": "/office/regulations",
    "coach": "/office/sellers",
    "admin": "/office/audit",
}
SHELL = "header, nav, footer"
INDONESIAN = re.compile(
    r"\b(dan|yang|untuk|dari|dengan|belum|Anda|Toko|Masuk|Keluar|Akun|Beranda|Laporan|Aturan|Lainnya|Daftar"
    r"|Produk|Perjanjian|Ringkasan|Verifikasi|Usaha|Cari|Impor|Riwayat|Petugas|Pemilik|Kepala|Pengelola)\b"
)


@pytest.mark.parametrize("who", FIRST_SCREENS)
def test_english_leaves_no_indonesian_in_the_shell(look_as, who):
    page = look_as(who, f"{FIRST_SCREENS[who]}?lang=en")
    assert page.locator("html").get_attribute("lang") == "en"
    # What people and offices are called stays; every other word around the page is English.
    names = page.locator(".who b, .menu__who, .who .muted").all_text_contents()
    for part in page.locator(SHELL).all():
        words = part.inner_text()
        for name in names:
            words = words.replace(name, "")
        assert not INDONESIAN.search(words), words
    page.goto(FIRST_SCREENS[who])
    assert page.locator("html").get_attribute("lang") == "en", "the choice is kept"


@pytest.mark.parametrize("who", [None, "seller", "buyer", "officer"])
def test_the_first_page_is_light(look_as, who):
    page = look_as(who, "/verify", width=PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.goto(FIRST_SCREENS[who], wait_until="networkidle")
    assert weights
    assert sum(weights) < FIRST_PAGE_LIMIT


def test_every_answer_has_a_nonce_of_its_own(town):
    client = town.client(None)
    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_a_form_keeps_what_was_typed_and_leads_to_the_mistake(act_as):
    page = act_as("seller", "/seller/products/new", width=PHONE)
    page.get_by_role("button", name=re.compile("Foto menyusul")).click()
    page.fill("[name=name]", "Keripik yang masih kurang harganya")
    page.get_by_role("button", name="Kirim untuk diperiksa").first.click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page.locator("[name=name]")).to_have_value("Keripik yang masih kurang harganya")
    field = summary.get_by_role("link").first
    target = (field.get_attribute("href") or "#").lstrip("#")
    field.click()
    assert evaluate(page, "document.activeElement.id") == target
    described = page.locator(f"#{target}").get_attribute("aria-describedby") or ""
    assert all(page.locator(f"#{name}").count() == 1 for name in described.split())


def test_a_double_click_writes_once_and_the_way_back_is_safe(act_as, own_town):
    def products():
        return db.session.query(Product).count()

    before = own_town.ask(products)
    page = act_as("seller", "/seller/products/new", width=DESK)
    page.get_by_role("button", name=re.compile("Foto menyusul")).dblclick()
    page.wait_for_url(re.compile(r"^(?!.*/new$)"))
    assert own_town.ask(products) == before + 1
    page.go_back()
    page.go_forward()
    page.reload()
    assert own_town.ask(products) == before + 1


def test_after_signing_out_the_way_back_shows_nothing(act_as):
    page = act_as("officer", "/office/sellers")
    page.locator("header details.menu--end > summary").click()
    page.get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.go_back()
    expect(page).to_have_url(re.compile("/office/sellers|/sign-in"))
    page.reload()
    expect(page).to_have_url(re.compile("/sign-in"))


def test_no_personal_number_stands_on_an_open_page(town, walks):
    client = town.client(None)
    for visit in walks[""].pages:
        words = PageReader(client.get(visit.url).get_data(as_text=True)).text
        assert not re.search(r"\b\d{16}\b", words), f"a NIK on {visit.url}"


@pytest.mark.parametrize("who", ["seller", "buyer", "officer"])
def test_the_last_entry_of_the_menu_is_above_the_bottom_bar_of_a_phone(look_as, who):
    page = look_as(who, "/", width=PHONE)
    page.locator(".menu--end > summary").click()
    page.locator(".menu--end .menu__foot a").last.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
