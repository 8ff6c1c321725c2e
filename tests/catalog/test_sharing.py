"""The card that a chat shows for a product's address."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from marketplace import batik
from marketplace.backends.storage import current_storage
from marketplace.batik.painting import paint
from marketplace.catalog.documents import CardText, card_mark, draw_card
from marketplace.catalog.documents.share_card import HEIGHT
from marketplace.catalog.models import Product
from marketplace.catalog.views import sharing
from marketplace.db import unit_of_work
from tests import factories as make
from tests.catalog.test_product_page import text_of

TEXT = CardText("Keripik tempe", "Rp14.500", "bungkus", "Dapur Contoh", "Mojosongo, Jebres", "x")


def card_address(client, product) -> str:
    page = text_of(client, f"/products/{product.id}")
    found = re.search(r'property="og:image" content="http://localhost([^"]+)"', page)
    assert found is not None
    return found[1]


class TestPainting:
    @pytest.mark.parametrize("form", batik.FORMS)
    def test_every_ware_is_painted_in_its_own_colours(self, form):
        picture = paint(batik.draw("SKU-1", form), 120)
        assert picture.size == (120, 120)
        ground = re.search(
            r'<rect width="400" height="400" fill="(#[0-9A-Fa-f]{6})"', batik.draw("SKU-1", form)
        )
        if form != "cloth" and ground is not None:
            wanted = tuple(int(ground[1][place : place + 2], 16) for place in (1, 3, 5))
            assert picture.getpixel((2, 2)) == wanted
        assert len(picture.getcolors(120 * 120) or []) > 20

    def test_the_same_text_gives_the_same_picture_and_another_one_another(self):
        same, again, other = (paint(batik.draw(sku, "pouch"), 80) for sku in ("A", "A", "B"))
        assert ImageChops.difference(same, again).getbbox() is None
        assert ImageChops.difference(same, other).getbbox() is not None


class TestCard:
    def test_it_has_the_size_that_chats_want_and_something_on_both_sides(self):
        card = Image.open(io.BytesIO(draw_card(TEXT, Image.new("RGB", (400, 400), "#2a7"))))
        assert card.size == (1200, 630)
        colour: Any = card.getpixel((100, 100))
        assert max(abs(a - b) for a, b in zip(colour, (34, 170, 119), strict=True)) < 4
        assert len(draw_card(TEXT, Image.effect_noise((600, 600), 90))) < 300_000
        assert min(ImageStat.Stat(card.crop((600, 40, 1180, 600)).convert("L")).extrema[0]) < 60

    @pytest.mark.parametrize(
        "name", ["W" * 300, "kata " * 60, "ꦧꦠꦶꦏ꧀ 中文", "", "<script>alert(1)</script>", "🍌" * 40]
    )
    def test_any_name_fits(self, name):
        words = CardText(name, "Rp10.000.000.000", "u" * 32, "M" * 300, "P" * 200, "x")
        card = Image.open(io.BytesIO(draw_card(words, Image.new("RGB", (10, 10)))))
        edge = ImageStat.Stat(card.crop((1190, 0, 1200, 630)).convert("L"))
        assert edge.extrema[0][0] > 235

    @pytest.mark.parametrize("words", range(1, 30))
    def test_no_name_pushes_the_makers_place_onto_the_sign(self, words):
        text = CardText("keripik tempe " * words, "Rp13.500", "bungkus 200 g", "Dapur", "Jpgqy, Jebres", "x")
        card = Image.open(io.BytesIO(draw_card(text, Image.new("RGB", (10, 10)))))
        gap = ImageStat.Stat(card.crop((600, HEIGHT - 100, 1200, HEIGHT - 88)).convert("L"))
        assert gap.extrema[0][0] > 235

    def test_another_price_is_another_card(self):
        assert card_mark(TEXT) == card_mark(replace(TEXT))
        assert card_mark(TEXT) != card_mark(replace(TEXT, price="Rp15.000"))


class TestAddress:
    def test_the_page_names_its_card_which_is_kept_for_ever_and_drawn_once(self, client, monkeypatch):
        product = make.product(make.seller(), name="Keripik", price_rupiah=9_000)
        address = card_address(client, product)
        drawn: list[int] = []
        draw = sharing.documents.draw_card

        def draw_and_count(*args):
            drawn.append(1)
            return draw(*args)

        monkeypatch.setattr(sharing.documents, "draw_card", draw_and_count)
        answer = client.get(address)
        assert answer.mimetype == "image/jpeg"
        assert "immutable" in answer.headers["Cache-Control"]
        assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
        assert client.get(address).data == answer.data
        assert drawn == [1]
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304

    def test_a_new_price_leads_to_a_new_card_and_the_old_one_goes(self, client):
        product = make.product(make.seller(), price_rupiah=9_000)
        old = card_address(client, product)
        client.get(old)
        with unit_of_work() as session:
            session.get_one(Product, product.id).price_rupiah = 12_000
        new = card_address(client, product)
        assert new != old
        assert client.get(old).location.endswith(new)
        client.get(new)
        assert len(list(current_storage().keys(f"share/{product.id}/"))) == 1

    def test_what_is_not_shown_has_no_card(self, client):
        product = make.product(make.seller(), price_rupiah=9_000)
        address = card_address(client, product)
        with unit_of_work() as session:
            session.get_one(Product, product.id).state = "paused"
        assert client.get(address).status_code == 404
        assert client.get("/products/999999/card-x.jpg").status_code == 404

    def test_whatsapp_gets_name_price_and_address(self, client):
        product = make.product(make.seller(), name="Keripik & abon", price_rupiah=9_000)
        page = text_of(client, f"/products/{product.id}")
        assert "https://wa.me/?text=Keripik%20%26%20abon%2C%20Rp9.000" in page
