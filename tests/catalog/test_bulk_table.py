"""The table: numbers of many products changed on one page, without a script."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect
from sqlalchemy import select

from marketplace.catalog.forms.bulk import stamp_of
from marketplace.catalog.models import Product, Review
from marketplace.db import db, unit_of_work
from marketplace.permissions import Actor, Role
from tests import factories
from tests.support.browser import PHONE, OpenPage
from tests.support.server import serving
from tests.support.signing import forget_request, sign_in


@pytest.fixture
def seller(app: Flask, client: FlaskClient) -> Actor:
    actor = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    sign_in(client, actor)
    return actor


def make(seller: Actor, **values: Any) -> Product:
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    made: Product = factories.product(shop, **values)
    return made


def fresh(product: Product) -> Product:
    return db.session.get_one(Product, product.id, populate_existing=True)


def cells(product: Product, **values: object) -> dict[str, str]:
    found = {f"p{product.id}-{name}": str(value) for name, value in values.items()}
    return {f"p{product.id}-stamp": stamp_of(product), **found}


def test_only_what_was_changed_is_stored(seller: Actor, client: FlaskClient) -> None:
    a, b = make(seller, state="draft", min_order=5), make(seller, state="draft")
    sent = cells(a, price_rupiah="17.500", capacity_per_week="200") | cells(b, price_rupiah="15.000")
    answer = client.post("/seller/products/table", data=sent, follow_redirects=True)
    assert "1 produk disimpan." in answer.get_data(as_text=True)
    assert (fresh(a).price_rupiah, fresh(a).capacity_per_week, fresh(a).min_order) == (17_500, 200, 5)
    assert fresh(b).updated_at == b.updated_at


def test_a_wrong_number_stays_in_its_cell_and_the_other_rows_are_stored(
    seller: Actor, client: FlaskClient
) -> None:
    a, b = make(seller, state="draft"), make(seller, state="draft")
    sent = cells(a, price_rupiah="murah", min_order="0") | cells(b, price_rupiah="16000")
    answer = client.post("/seller/products/table", data=sent)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="murah"' in text
    assert text.count('aria-invalid="true"') == 2
    assert (fresh(a).price_rupiah, fresh(b).price_rupiah) == (15_000, 16_000)


def test_a_large_change_of_price_on_sale_waits_for_the_office(seller: Actor, client: FlaskClient) -> None:
    product = make(seller, price_rupiah=10_000)
    client.post("/seller/products/table", data=cells(product, price_rupiah="25000", lead_time_days="4"))
    assert (fresh(product).price_rupiah, fresh(product).lead_time_days) == (10_000, 4)
    assert db.session.scalars(select(Review)).one().changes["price_rupiah"]["after"] == 25_000
    page = client.get("/seller/products/table").get_data(as_text=True)
    assert 'value="25.000"' in page


def test_nobodys_change_is_overwritten_unseen(seller: Actor, client: FlaskClient) -> None:
    product = make(seller, state="draft")
    sent = cells(product, price_rupiah="16000")
    with unit_of_work() as session:
        session.get_one(Product, product.id).updated_at = factories.clock.now().replace(hour=1)
    answer = client.post("/seller/products/table", data=sent)
    assert answer.status_code == 422
    assert "baru saja diubah" in answer.get_data(as_text=True)
    assert fresh(product).price_rupiah == 15_000


def test_a_strangers_product_cannot_be_named(seller: Actor, client: FlaskClient) -> None:
    own, other = make(seller, state="draft"), factories.product(factories.seller(), state="draft")
    client.post("/seller/products/table", data=cells(other, price_rupiah="1") | cells(own))
    assert fresh(other).price_rupiah == 15_000


def test_a_variant_has_only_its_price(seller: Actor, client: FlaskClient) -> None:
    main = make(seller, state="draft")
    variant = make(seller, state="draft", main_id=main.id, variant_name="Pedas", variant_axis="Rasa")
    client.post("/seller/products/table", data=cells(variant, price_rupiah="18000", min_order="9"))
    assert (fresh(variant).price_rupiah, fresh(variant).min_order) == (18_000, 1)


def test_the_table_is_paged_and_searched(seller: Actor, client: FlaskClient) -> None:
    for number in range(27):
        make(seller, state="draft", name=f"Produk {number:02d} a{number}b")
    assert client.get("/seller/products/table").get_data(as_text=True).count("-stamp") == 25
    assert client.get("/seller/products/table?page=2").get_data(as_text=True).count("-stamp") == 2
    assert client.get("/seller/products/table?q=produk+a7b").get_data(as_text=True).count("-stamp") == 1


@pytest.mark.browser
def test_without_a_script_numbers_are_changed_and_what_is_wrong_is_said(
    app: Flask, seller: Actor, client: FlaskClient, open_page: OpenPage
) -> None:
    product = make(seller, state="draft", name="Keripik tempe")
    page = open_page(width=PHONE, javascript=False, errors="expected")
    with serving(app) as address:
        cookie = client.get_cookie("etalase")
        assert cookie is not None
        page.context.add_cookies([{"name": "etalase", "value": cookie.value, "url": address}])
        forget_request()
        page.goto(f"{address}/seller/products/table")
        page.get_by_label("Harga ke toko, Keripik tempe").fill("0")
        page.get_by_role("button", name="Simpan semua").click()
        expect(page.get_by_role("alert")).to_contain_text("Tulis angka dari 1")
        page.get_by_label("Harga ke toko, Keripik tempe").fill("16.250")
        page.get_by_role("button", name="Simpan semua").click()
        expect(page.get_by_text("1 produk disimpan.")).to_be_visible()
        db.session.rollback()
        assert fresh(product).price_rupiah == 16_250
