"""A seller lists a product with one thumb: with a script and without one, at phone and desk width."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from marketplace.catalog.models import Product, ProductPhoto
from marketplace.db import db
from tests.support.browser import DESK, PHONE, axe, evaluate, sideways_scroll, turn

pytestmark = pytest.mark.browser
NEW = "/seller/products/new"
MOST_TRANSFER = 1_000_000
"""So many bytes may cross the air from the first screen to a product that waits for the office."""


def jpeg() -> dict[str, object]:
    """A photo as a phone's gallery gives it."""
    content = io.BytesIO()
    Image.effect_noise((500, 375), 50).resize((2000, 1500)).convert("RGB").save(content, "JPEG", quality=85)
    return {"name": "keripik.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def begin(page) -> str:
    """A new draft's form; answers its address."""
    page.get_by_role("button", name=re.compile("Foto menyusul")).click()
    page.wait_for_url(re.compile(r"/seller/products/\d+$"))
    return page.url


def product_named(town, name):
    return town.ask(lambda: db.session.query(Product).filter_by(name=name).one())


def fill_essentials(page, name):
    page.fill("[name=name]", name)
    page.fill("[name=category]", "Makanan / Camilan kering")
    page.fill("[name=price_rupiah]", "9.000")
    page.fill("[name=unit]", "bungkus 100 g")


def test_from_the_first_screen_to_waiting_costs_less_than_a_megabyte(act_as, own_town):
    page = act_as("seller", "/seller", width=PHONE)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    bytes_in: list[int] = []
    network.on("Network.loadingFinished", lambda e: bytes_in.append(int(e["encodedDataLength"])))
    page.reload()
    page.get_by_role("link", name="Daftarkan produk").first.click()
    page.set_input_files("#foto-pilih", [jpeg()])
    page.wait_for_url(re.compile(r"/seller/products/\d+"))
    fill_essentials(page, "Keripik hemat data")
    page.get_by_role("button", name="Kirim untuk diperiksa").first.click()
    expect(page.locator("main")).to_contain_text("dikirim ke Dinas")
    row = product_named(own_town, "Keripik hemat data")
    photos = own_town.ask(
        lambda: [photo.upload_bytes for photo in db.session.query(ProductPhoto).filter_by(product_id=row.id)]
    )
    assert row.state == "waiting"
    assert sum(bytes_in) + sum(photos) < MOST_TRANSFER


def test_without_a_script_the_whole_flow_works(act_as, own_town):
    page = act_as("seller", NEW, width=PHONE, javascript=False)
    page.set_input_files("#foto-pilih", [jpeg()])
    page.get_by_role("button", name=re.compile("Lanjut dengan foto")).click()
    page.wait_for_url(re.compile(r"/seller/products/\d+"))
    fill_essentials(page, "Keripik tanpa skrip")
    page.locator("[data-section=season] > summary").click()
    page.select_option("[name=season_from]", "2")
    page.get_by_role("button", name="Kirim untuk diperiksa").first.click()
    expect(page.locator("[data-error-summary]")).to_contain_text("bulan terakhirnya")
    page.select_option("[name=season_to]", "4")
    page.get_by_role("button", name="Kirim untuk diperiksa").first.click()
    expect(page.locator("main")).to_contain_text("dikirim ke Dinas")
    row = product_named(own_town, "Keripik tanpa skrip")
    assert (row.state, row.season_from, row.season_to) == ("waiting", 2, 4)


def test_what_was_typed_outlives_a_closed_tab_and_is_forgotten_once_it_is_saved(act_as):
    page = act_as("seller", NEW, width=PHONE)
    address = begin(page)
    page.fill("[name=name]", "Keripik yang belum selesai ditulis")
    expect(page.locator("[data-draft-status]")).not_to_be_empty()
    page.goto("/seller")
    page.goto(address)
    expect(page.locator("[name=name]")).to_have_value("Keripik yang belum selesai ditulis")
    page.fill("[name=name]", "Keripik yang disimpan")
    page.get_by_role("button", name="Simpan draf").first.click()
    expect(page.locator("main")).to_contain_text("Lanjutkan draf")
    page.goto(address)
    expect(page.locator("[name=name]")).to_have_value("Keripik yang disimpan")
    expect(page.locator("[data-draft-status]")).to_be_empty()


def test_the_parts_that_suit_open_when_the_kind_is_chosen_and_a_link_opens_its_part(act_as):
    page = act_as("seller", NEW, width=PHONE)
    address = begin(page)
    food, craft = (page.locator(f"details[data-section={name}]") for name in ("food", "craft"))
    expect(food).not_to_have_attribute("open", "")
    page.fill("[name=category]", "Makanan / Camilan kering")
    page.locator("[name=unit]").focus()
    expect(food).to_have_attribute("open", "")
    expect(craft).not_to_have_attribute("open", "")
    page.goto(f"{address}?x#capacity_per_week")
    expect(page.locator("details[data-section=store]")).to_have_attribute("open", "")


def test_villages_are_suggested_while_they_are_typed(act_as):
    page = act_as("seller", NEW, width=PHONE)
    begin(page)
    page.locator("details[data-section=store] > summary").click()
    page.locator("[name=origin]").press_sequentially("mojos", delay=30)
    expect(page.locator("#tempat option").first).to_have_attribute("value", re.compile("Mojosongo, Jebres"))


def test_every_page_of_listing_can_be_read_by_all(look_as, town):
    page = look_as("seller", "/seller/products", width=PHONE)
    draft = product_named(town, "Keripik tempe sambal matah").id
    for path in ("", "/new", f"/{draft}", f"/{draft}/variants", f"/{draft}/delete"):
        page.goto(f"/seller/products{path}")
        closed = page.locator("details.part:not([open]) > summary")
        while closed.count():
            closed.first.click()
        for width in (PHONE, DESK):
            turn(page, width)
            assert axe(page) == [], (path, width)
            assert sideways_scroll(page) == 0, (path, width)


def test_a_photo_that_arrived_before_the_line_went_dead_waits_for_it_to_come_back(act_as):
    page = act_as("seller", NEW, width=PHONE)
    page.route("**/seller/products/photos", lambda route: arrive_and_go_dark(page, route))
    page.set_input_files("#foto-pilih", [jpeg()])
    expect(page.locator("[data-photos-submit]")).to_contain_text("Menunggu sambungan")
    assert page.url.endswith(NEW)
    page.context.set_offline(False)
    page.wait_for_url(re.compile(r"/seller/products/\d+$"))


def arrive_and_go_dark(page, route):
    """The server has the photo and its answer arrives; then there is no connection."""
    answer = route.fetch()
    page.context.set_offline(True)
    route.fulfill(response=answer)


def test_the_chooser_of_photos_is_a_button_that_the_keyboard_reaches(act_as):
    page = act_as("seller", NEW, width=PHONE)
    button = page.locator("label[for=foto-pilih]")
    expect(button).to_have_class(re.compile("btn-primary"))
    page.locator("#foto-pilih").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert (
        evaluate(page, "getComputedStyle(document.querySelector('label[for=foto-pilih]')).outlineStyle")
        == "solid"
    )
    with page.expect_file_chooser() as chosen:
        button.click()
    assert chosen.value.is_multiple()
