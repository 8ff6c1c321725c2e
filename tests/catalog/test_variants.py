"""Sizes, flavours and colours: products of their own behind the face of their main one."""

from __future__ import annotations

import pytest

from marketplace.catalog import services
from marketplace.catalog.models import Product, Review
from marketplace.catalog.services import curation
from marketplace.catalog.values import ProductValues, VariantValues
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from tests import factories as make
from tests.support.signing import sign_in

CHIPS = ProductValues(name="Keripik tempe", category="Makanan", price_rupiah=15_000, unit="bungkus")
SMALL, LARGE = VariantValues("100 g", 8_000), VariantValues("250 g", 18_000, sku="KT-250", net_weight_g=250)


@pytest.fixture
def seller(app):
    return make.member(Role.SELLER_OWNER, seller_id=make.seller().id)


def keep(seller, main, *rows, axis="Ukuran"):
    return services.save_variants(actor=seller, product_id=main.id, axis=axis, rows=rows)


def drafted(seller):
    return services.create_product(actor=seller, seller_id=seller.seller_id, values=CHIPS)


def on_sale(seller, *rows):
    main = drafted(seller)
    keep(seller, main, *rows)
    with unit_of_work():
        for row in db.session.query(Product):
            row.state, row.first_live_at = "live", row.created_at
    return main


def stored(main):
    return db.session.query(Product).filter_by(main_id=main.id).order_by(Product.id).all()


def as_row(product, **changes):
    values = {"name": product.variant_name, "price_rupiah": product.price_rupiah, "product_id": product.id}
    return VariantValues(**{**values, "sku": product.sku, **changes})


def test_a_variant_has_its_own_code_price_and_weight_and_its_main_product_s_name(seller):
    main = drafted(seller)
    small, large = keep(seller, main, SMALL, LARGE)
    assert (small.name, small.sku, small.price_rupiah) == ("Keripik tempe, 100 g", "P-002", 8_000)
    assert (large.sku, large.net_weight_g, large.variant_axis) == ("KT-250", 250, "Ukuran")
    assert {row.state for row in (main, small, large)} == {"draft"}
    assert (main.variant_axis, small.category_id, small.unit) == ("Ukuran", main.category_id, "bungkus")


def test_wrong_rows_are_named_one_by_one_and_nothing_is_stored(seller):
    main = drafted(seller)
    with pytest.raises(InvalidInput) as refused:
        keep(seller, main, VariantValues("", 0), SMALL, VariantValues("100 G", 5, gtin="1234"), axis="")
    assert set(refused.value.fields) == {
        "axis", "rows-0-name", "rows-0-price_rupiah", "rows-2-name", "rows-2-gtin",
    }  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        keep(seller, main, SMALL, VariantValues("250 g", 9_000, sku=main.sku))
    assert set(refused.value.fields) == {"rows-1-sku"}
    assert stored(main) == []


def test_a_variant_of_somebody_else_cannot_be_taken_and_a_variant_has_no_variants(seller):
    main = drafted(seller)
    (small,) = keep(seller, main, SMALL)
    other = drafted(seller)
    with pytest.raises(NotFound):
        keep(seller, other, VariantValues("x", 1, product_id=small.id))
    with pytest.raises(RuleBroken):
        keep(seller, small, LARGE)
    with pytest.raises(NotFound):
        keep(make.member(Role.SELLER_OWNER, seller_id=make.seller().id), main, SMALL)


def test_variants_go_live_pause_and_return_with_their_main_product(seller):
    main = drafted(seller)
    keep(seller, main, SMALL, LARGE)
    curation.submit_product(actor=seller, product_id=main.id)
    assert {row.state for row in stored(main)} == {"waiting"}
    with unit_of_work():
        for row in (main, *stored(main)):
            row.state, row.first_live_at = "live", row.created_at
    services.pause_product(actor=seller, product_id=main.id)
    assert {row.state for row in stored(main)} == {"paused"}
    services.resume_product(actor=seller, product_id=main.id)
    assert {row.state for row in stored(main)} == {"live"}


def test_a_dropped_variant_that_was_on_sale_is_kept_and_does_not_come_back_by_itself(seller):
    main = on_sale(seller, SMALL, LARGE)
    small, large = stored(main)
    keep(seller, main, as_row(small, is_dropped=True), as_row(large))
    services.pause_product(actor=seller, product_id=main.id)
    services.resume_product(actor=seller, product_id=main.id)
    assert [(row.state, row.is_dropped) for row in stored(main)] == [("paused", True), ("live", False)]
    keep(seller, main, as_row(small), as_row(large))
    assert [(row.state, row.is_dropped) for row in stored(main)] == [("live", False), ("live", False)]


def test_a_dropped_variant_that_nobody_ever_saw_is_deleted(seller):
    main = drafted(seller)
    small, large = keep(seller, main, SMALL, LARGE)
    keep(seller, main, as_row(small), as_row(large, is_dropped=True))
    assert [row.variant_name for row in stored(main)] == ["100 g"]


def test_a_new_variant_of_a_product_on_sale_waits_for_the_office_alone(seller):
    main = on_sale(seller, SMALL)
    (small,) = stored(main)
    keep(seller, main, as_row(small), LARGE)
    states = {row.variant_name: row.state for row in stored(main)}
    assert states == {"100 g": "live", "250 g": "waiting"}
    assert main.state == "live"
    assert db.session.query(Review).filter_by(product_id=stored(main)[1].id, state="waiting").count() == 1
    large = stored(main)[1]
    keep(seller, main, as_row(small), as_row(large, is_dropped=True))
    assert [row.variant_name for row in stored(main)] == ["100 g"]


def test_a_new_variant_of_a_paused_product_is_handed_in_when_it_is_shown_again(seller):
    main = on_sale(seller, SMALL)
    (small,) = stored(main)
    services.pause_product(actor=seller, product_id=main.id)
    keep(seller, main, as_row(small), LARGE)
    assert stored(main)[1].state == "draft"
    services.resume_product(actor=seller, product_id=main.id)
    assert stored(main)[1].state == "waiting"


def test_a_renamed_main_product_renames_its_variants(seller):
    main = drafted(seller)
    keep(seller, main, SMALL)
    values = ProductValues(name="Keripik kedelai", category="Makanan", price_rupiah=15_000, unit="plastik")
    services.change_product(actor=seller, product_id=main.id, values=values)
    (small,) = stored(main)
    assert (small.name, small.unit) == ("Keripik kedelai, 100 g", "plastik")


def test_the_page_keeps_what_was_typed_and_says_how_much_stands_on_shelves(client, seller):
    main = drafted(seller)
    (small,) = keep(seller, main, SMALL)
    sign_in(client, seller)
    address = f"/seller/products/{main.id}/variants"
    text = client.get(address).get_data(as_text=True)
    assert 'value="100 g"' in text
    assert "0 satuan di rak toko" in text
    data = {
        "axis": "Ukuran",
        "rows-0-product_id": str(small.id),
        "rows-0-name": "100 g",
        "rows-0-price_rupiah": "8.500",
        "rows-2-name": "Jumbo",
        "rows-2-price_rupiah": "",
    }
    text = client.post(address, data=data).get_data(as_text=True)
    assert '<a href="#rows-2-price_rupiah">' in text or '<a href="#rows-1-price_rupiah">' in text
    assert 'value="Jumbo"' in text
    data |= {"rows-2-price_rupiah": "30.000"}
    assert client.post(address, data=data).status_code == 302
    assert [(row.variant_name, row.price_rupiah) for row in stored(main)] == [
        ("100 g", 8_500),
        ("Jumbo", 30_000),
    ]
    assert client.get(f"/seller/products/{small.id}").location.endswith(address)
    assert client.get(f"/seller/products/{small.id}/variants").status_code == 404
