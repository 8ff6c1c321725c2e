"""What is not on sale stands nowhere: every public place that shows a product lets go of it, at once."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import clock, outbox
from marketplace.catalog import queries, services
from marketplace.catalog.models import Product
from marketplace.catalog.services import curation, indexing
from marketplace.catalog.values import VariantValues
from marketplace.permissions import Actor, Role
from tests import factories as make

NAME = "Rengginang terasi"
PLACES = {
    "the home page": "/",
    "the catalogue": "/products",
    "a search": "/products?q=rengginang",
    "a search with a typing error": "/products?q=renginang",
    "a search by filter": "/products?district=33.72.01&max_price=15000",
    "a maker's products": "/products?seller_ref={seller_ref}",
    "its category": "/categories/camilan",
    "its maker": "/sellers/{seller_id}",
    "its own page": "/products/{product_id}-rengginang-terasi",
    "its code": "/products/{product_id}/qr",
    "products like another one": "/products/{other_id}-keripik-tempe",
    "a comparison": "/compare?ids={product_id},{other_id}",
    "what can be compared": "/compare?q=rengginang",
    "suggestions": "/products/suggestions?q=rengg",
    "the API's list": "/api/v1/products",
    "the API's search": "/api/v1/products?q=rengginang",
    "the API's product": "/api/v1/products/{product_id}",
    "the API's suggestions": "/api/v1/search/suggestions?q=rengg",
    "the sitemap": "/sitemap.xml",
}


@pytest.fixture
def maker(app: Flask) -> Actor:
    return make.member(Role.SELLER_OWNER, seller_id=make.seller("U7", name="Dapur Sri").id)


@pytest.fixture
def product(maker: Actor) -> Product:
    """A live product, found by everybody, and another maker's beside it."""
    found: Product = make.product(
        make.db.session.get_one(make.Seller, maker.seller_id), name=NAME, price_rupiah=15_000
    )
    make.product(make.seller(), name="Keripik tempe")
    indexing.rebuild()
    outbox.drain()
    return found


@pytest.fixture
def shows(client: FlaskClient, product: Product) -> Callable[[str], bool]:
    """Whether a place shows the product to somebody who is not signed in."""
    other = make.db.session.query(Product).filter(Product.name == "Keripik tempe").one()
    names = {
        "product_id": product.id,
        "seller_id": product.seller_id,
        "seller_ref": "U7",
        "other_id": other.id,
    }

    def look(path: str) -> bool:
        answer = client.get(path.format(**names))
        return answer.status_code == 200 and (NAME in answer.text or "rengginang-terasi" in answer.text)

    return look


def pause(maker: Actor, product: Product) -> None:
    services.pause_product(actor=maker, product_id=product.id)


def take_off(maker: Actor, product: Product) -> None:
    curation.take_off_sale(actor=make.officer(), product_id=product.id, reasons=["claim"])


def take_off_and_hand_in_again(maker: Actor, product: Product) -> None:
    take_off(maker, product)
    curation.submit_product(actor=maker, product_id=product.id)


def hand_in_and_withdraw(maker: Actor, product: Product) -> None:
    take_off_and_hand_in_again(maker, product)
    curation.withdraw(actor=maker, product_id=product.id)


WAYS = [pause, take_off, take_off_and_hand_in_again, hand_in_and_withdraw]


@pytest.mark.parametrize("leave", WAYS)
def test_what_leaves_the_shelf_leaves_every_public_place(shows, maker, product, client, leave):
    """At once, while the index still has it, and once the worker has caught up."""
    hidden = [name for name, path in PLACES.items() if not shows(path)]
    assert hidden == [], "the control: while it is on sale, each of these places shows it"
    assert len(queries.prices_of_seller(product.seller_id)) == 1
    leave(maker, product)
    assert product.id in indexing.search_index().stamps()
    nowhere(shows, product, client)
    outbox.drain()
    assert product.id not in indexing.search_index().stamps()
    nowhere(shows, product, client)


def nowhere(shows, product, client):
    """No page shows it, and programs neither get it nor count it."""
    assert [name for name, path in PLACES.items() if shows(path)] == []
    assert queries.prices_of_seller(product.seller_id) == []
    for path in ("/api/v1/products", "/api/v1/products?q=rengginang", "/api/v1/products?seller_ref=U7"):
        answer = json.loads(client.get(path).text)
        is_whole = path == "/api/v1/products"
        assert (len(answer["items"]), answer["total"]) == ((1, 1) if is_whole else (0, 0))
        assert all(value["count"] == 1 for values in answer["facets"].values() for value in values)


def test_a_variant_leaves_with_its_main_product_and_a_dropped_one_alone(maker, product, client):
    seller = make.db.session.get_one(make.Seller, maker.seller_id)
    variant = make.product(
        seller, name=f"{NAME}, 1 kg", main_id=product.id, variant_name="1 kg", first_live_at=clock.now()
    )
    own, main = f"/products/{variant.id}", f"/products/{product.id}-rengginang-terasi"
    assert client.get(own, follow_redirects=True).status_code == 200
    assert "1 kg" in client.get(main).text
    services.pause_product(actor=maker, product_id=product.id)
    assert client.get(own, follow_redirects=True).status_code == 404
    services.resume_product(actor=maker, product_id=product.id)
    assert client.get(own, follow_redirects=True).status_code == 200
    dropped = VariantValues(name="1 kg", price_rupiah=28_000, product_id=variant.id, is_dropped=True)
    services.save_variants(actor=maker, product_id=product.id, axis="Ukuran", rows=[dropped])
    assert client.get(own, follow_redirects=True).status_code == 404
    assert "1 kg" not in client.get(main).text


def test_a_variant_is_never_shown_without_its_main_product(product, client):
    """Even if it were left live by mistake."""
    seller = make.db.session.get_one(make.Seller, product.seller_id)
    main = make.product(seller, name="Sambal", state="paused")
    variant = make.product(seller, name="Sambal, 1 kg", main_id=main.id, variant_name="1 kg")
    assert client.get(f"/products/{variant.id}", follow_redirects=True).status_code == 404
    assert client.get(f"/api/v1/products/{variant.id}").status_code == 404
