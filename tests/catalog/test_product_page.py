"""A product's page, its kind's page and its maker's storefront, as people and programs meet them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from marketplace.catalog.models import Category, PriceTier
from marketplace.catalog.rules import category_address
from marketplace.db import db, unit_of_work
from marketplace.organizations.models import Verification
from marketplace.permissions import Role
from tests import factories as make
from tests.support.signing import sign_in

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "\u202eabc", "a" * 300]


def add(*rows: object) -> None:
    with unit_of_work() as session:
        session.add_all(rows)


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The questions that reach the database within the block."""
    told: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            told.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield told
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


class TestProduct:
    def test_it_says_everything_that_a_buyer_asks(self, client):
        maker = make.seller(name="Dapur Contoh", story="Resep dari simbah.")
        product = make.product(
            maker,
            name="Keripik tempe",
            unit="bungkus",
            price_rupiah=14_500,
            retail_price_rupiah=19_000,
            min_order=6,
            order_multiple=2,
            lead_time_days=3,
            capacity_per_week=400,
            net_weight_g=200,
            shelf_life_days=90,
            storage="room",
            ingredients="Kedelai, tepung beras",
            allergens=["soy"],
            length_mm=125,
            width_mm=80,
            season_from=11,
            season_to=2,
            gtin="8991002101234",
            halal_state="in_process",
            origin_code=make.JEBRES,
        )
        page = text_of(client, f"/products/{product.id}")
        for words in (
            "Rp14.500",
            "Rp19.000",
            "6 bungkus",
            "400 bungkus tiap minggu",
            "3 hari",
            "200 g",
            "90 hari",
            "Suhu ruang",
            "Kedelai, tepung beras",
            "12,5 × 8 cm",
            "November sampai Februari",
            "8991002101234",
            "sedang diurus",
            "Jebres",
            "Resep dari simbah.",
        ):
            assert words in page, words

    def test_larger_orders_cost_less_and_the_page_says_how_much(self, client):
        product = make.product(make.seller(), price_rupiah=10_000, min_order=6)
        add(
            PriceTier(product_id=product.id, min_quantity=50, price_rupiah=8_500),
            PriceTier(product_id=product.id, min_quantity=24, price_rupiah=9_000),
        )
        page = text_of(client, f"/products/{product.id}")
        assert page.index("mulai 6") < page.index("mulai 24") < page.index("mulai 50")
        assert "Rp8.500" in page
        assert "15 %" in page

    def test_variants_are_links_that_share_the_story_and_one_canonical_address(self, client):
        maker = make.seller()
        main = make.product(
            maker, name="Keripik", variant_name="Asin", variant_axis="Rasa", description="Digoreng dua kali."
        )
        spicy = make.product(maker, name="Keripik pedas", main_id=main.id, variant_name="Pedas", sku="PDS")
        paused = make.product(
            maker, name="Keripik manis", main_id=main.id, variant_name="Manis", state="paused"
        )
        page = text_of(client, f"/products/{spicy.id}")
        assert "Digoreng dua kali." in page
        assert "PDS" in page
        assert f'href="/products/{main.id}-keripik"' in page
        assert f'rel="canonical" href="http://localhost/products/{main.id}-keripik"' in page
        assert "Manis" not in page
        assert client.get(f"/products/{paused.id}-keripik-manis").status_code == 404

    def test_a_variant_goes_when_its_main_product_does(self, client):
        maker = make.seller()
        main = make.product(maker, state="paused")
        variant = make.product(maker, main_id=main.id, variant_name="Pedas")
        assert client.get(f"/products/{variant.id}", follow_redirects=True).status_code == 404

    def test_what_is_hidden_is_not_indexed_and_what_is_shown_tells_chats_what_it_is(self, client):
        maker = make.seller(name="Dapur Contoh")
        shown = make.product(maker, name="Keripik", price_rupiah=9_000)
        hidden = make.product(maker, state="paused")
        page = text_of(client, f"/products/{shown.id}")
        for words in (
            'property="og:title" content="Keripik"',
            "Rp9.000",
            "og:url",
            'itemprop="price" content="9000"',
        ):
            assert words in page, words
        assert "noindex" not in page
        sign_in(client, make.member(Role.SELLER_OWNER, seller_id=maker.id))
        assert "noindex" in text_of(client, f"/products/{hidden.id}")

    def test_a_maker_that_the_office_has_not_seen_has_no_storefront_to_lead_to(self, app, client):
        maker = make.seller(verified_on=None)
        add(Verification(seller_id=maker.id, region_code=make.LAWEYAN, submitted_at=maker.created_at))
        product = make.product(maker)
        assert f"/sellers/{maker.id}" not in text_of(client, f"/products/{product.id}")
        assert client.get(f"/sellers/{maker.id}").status_code == 404

    def test_hostile_and_long_words_stay_words(self, client):
        for text in HOSTILE:
            maker = make.seller(name=text[:300], story=text)
            fields = dict.fromkeys(("name", "description", "ingredients", "material"), text)
            product = make.product(maker, **fields, allergens=[text], unit=text[:32], variant_axis=text[:40])
            page = text_of(client, f"/products/{product.id}")
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert ">49<" not in page

    def test_it_asks_the_database_as_often_with_much_as_with_little(self, app, client):
        little = make.product(make.seller())
        maker = make.seller()
        much = make.product(maker, variant_name="A")
        for number in range(12):
            make.product(maker, main_id=much.id, variant_name=f"V{number}")
            make.product(make.seller())
            add(PriceTier(product_id=much.id, min_quantity=10 + number, price_rupiah=9_000 - number))
        for product in (little, much):
            client.get(f"/products/{product.id}", follow_redirects=True)
        with counting() as few:
            text_of(client, f"/products/{little.id}-{little.name.lower().replace(' ', '-')}")
        with counting() as many:
            text_of(client, f"/products/{much.id}-{much.name.lower().replace(' ', '-')}")
        assert len(many) <= len(few)
        assert len(many) <= 20


class TestCategory:
    def test_it_tells_the_craft_and_holds_what_lies_below(self, client):
        root = make.category("Makanan")
        snacks = make.category("Makanan / Camilan kering")
        maker = make.seller()
        make.product(maker, name="Intip goreng", category_id=snacks.id)
        make.product(maker, name="Nasi kucing", category_id=root.id)
        page = text_of(client, "/categories/makanan/camilan-kering")
        assert "Intip goreng" in page
        assert "Nasi kucing" not in page
        assert "Diiris tipis" in page
        assert 'rel="canonical" href="http://localhost/categories/makanan/camilan-kering"' in page
        page = text_of(client, "/categories/makanan")
        assert "Intip goreng" in page
        assert "Nasi kucing" in page
        assert 'href="/categories/makanan/camilan-kering"' in page
        assert "/categories/makanan" in text_of(client, "/categories")

    def test_two_names_of_one_address_stand_together(self, client):
        maker = make.seller()
        make.product(maker, name="Arabika", category_id=make.category("Kopi & teh").id)
        make.product(maker, name="Robusta", category_id=make.category("Kopi teh").id)
        page = text_of(client, "/categories/kopi-teh")
        assert "Arabika" in page
        assert "Robusta" in page

    @pytest.mark.parametrize("name", ["Ƕ中文", "<script>alert(1)<script>", "..", "%00", "?a=b#c"])
    def test_any_name_has_an_address_that_leads_back(self, client, name):
        make.product(make.seller(), category_id=make.category(name).id)
        page = text_of(client, category_address(name))
        assert "<script>alert" not in page
        assert "1 produk dari 1 UMKM" in page

    def test_an_unknown_one_is_not_there_and_a_page_too_far_says_so(self, client):
        make.product(make.seller())
        assert client.get("/categories/tidak-ada").status_code == 404
        assert "Rak ini berakhir" in text_of(client, "/categories/camilan?page=99")
        assert "noindex" in text_of(client, "/categories/camilan?sort=price")

    def test_it_asks_the_database_as_often_with_many_products(self, app, client):
        first = make.product(make.seller())
        text_of(client, "/categories/camilan")
        with counting() as few:
            text_of(client, "/categories/camilan")
        for _number in range(15):
            make.product(make.seller(), category_id=first.category_id)
        text_of(client, "/categories/camilan")
        with counting() as many:
            text_of(client, "/categories/camilan")
        assert len(many) == len(few)
        assert db.session.query(Category).count() == 1


class TestStorefront:
    def test_it_shows_story_map_products_and_where_they_are_sold(self, client):
        maker = make.seller(name="Dapur Contoh", story="Dulu saya titip ke tiga warung.")
        make.product(maker, name="Keripik tempe")
        page = text_of(client, f"/sellers/{maker.id}")
        for words in (
            "Dulu saya titip",
            "Keripik tempe",
            "Belum dijual di toko",
            "map--district",
            "og:title",
        ):
            assert words in page, words
        assert f'rel="canonical" href="http://localhost/sellers/{maker.id}"' in page

    def test_it_asks_the_database_as_often_with_many_products(self, client):
        maker = make.seller()

        def count(products: int) -> int:
            for _one in range(products):
                make.product(maker)
            text_of(client, f"/sellers/{maker.id}")
            with counting() as told:
                text_of(client, f"/sellers/{maker.id}")
            return len(told)

        assert count(1) == count(12)
