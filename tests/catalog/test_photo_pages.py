"""The seller's photo page with and without a script, and photos as everybody gets them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace import clock, outbox
from marketplace.backends.storage import StorageFailed, current_storage
from marketplace.catalog import services
from marketplace.catalog.models import Product, ProductPhoto, ProductState
from marketplace.catalog.queries import photos_of
from marketplace.db import db
from marketplace.permissions import Actor, Role
from tests import factories
from tests.catalog.test_photos import ON_SQLITE, picture
from tests.support.browser import PHONE, OpenPage, axe, evaluate, sideways_scroll
from tests.support.server import serving
from tests.support.signing import forget_request, sign_in


@pytest.fixture
def seller(app: Flask) -> Actor:
    return factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)


@pytest.fixture
def product(seller: Actor) -> Product:
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    made: Product = factories.product(shop, state=ProductState.DRAFT, name="Keripik tempe")
    return made


def file(seed: int = 1, name: str = "foto.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture(seed=seed)), name


def test_a_form_takes_several_photos_and_says_which_it_could_not(
    client: FlaskClient, seller: Actor, product: Product
) -> None:
    sign_in(client, seller)
    wrong = (io.BytesIO(b"GIF89a"), "lucu.gif")
    answer = client.post(
        f"/seller/products/{product.id}/photos",
        data={"photos": [file(1), wrong, file(2)]},
        follow_redirects=True,
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "2 foto diterima." in text
    assert "lucu.gif: Ini berkas GIF." in text
    assert text.count("Sedang disiapkan") == 2
    outbox.drain()
    text = client.get(f"/seller/products/{product.id}/photos").get_data(as_text=True)
    assert text.count('type="image/webp"') == 2
    assert "Sampul" in text


def test_a_new_product_begins_with_its_photos(client: FlaskClient, seller: Actor) -> None:
    sign_in(client, seller)
    answer = client.post("/seller/products/photos", data={"photos": [file(1), file(2)]})
    product = db.session.scalars(select(Product)).one()
    assert answer.status_code == 302
    assert answer.location.startswith(f"/seller/products/{product.id}")
    assert product.state == ProductState.DRAFT
    assert len(db.session.scalars(select(ProductPhoto)).all()) == 2


def test_a_new_product_without_a_photo_that_can_be_taken_leaves_no_draft(
    client: FlaskClient, seller: Actor
) -> None:
    sign_in(client, seller)
    for data in ({}, {"photos": (io.BytesIO(b"%PDF"), "surat.pdf")}):
        assert client.post("/seller/products/photos", data=data).location.startswith("/seller/products/new")
    assert db.session.scalars(select(Product)).all() == []


def test_the_first_photo_sent_again_finds_the_draft_it_made(client: FlaskClient, seller: Actor) -> None:
    sign_in(client, seller)

    def send(content: bytes, key: str) -> TestResponse:
        data = {"photos": (io.BytesIO(content), "a.jpg"), "key": key}
        return client.post("/seller/products/photos", data=data, headers={"Accept": "application/json"})

    first = send(picture(seed=1), "k1")
    assert first.get_json() == send(picture(seed=1), "k1").get_json()
    assert send(b"GIF89a", "k2").status_code == 422
    product = db.session.scalars(select(Product)).one()
    assert first.get_json()["edit"] == f"/seller/products/{product.id}"
    assert send(picture(seed=1), "").status_code == 422


def test_a_photo_is_served_for_ever_and_as_what_it_is(
    client: FlaskClient, seller: Actor, product: Product
) -> None:
    services.add_photo(actor=seller, product_id=product.id, content=picture(1600, 1200))
    outbox.drain()
    photo = photos_of([product.id])[product.id][0]
    for file_format, mimetype in (("webp", "image/webp"), ("jpg", "image/jpeg")):
        answer = client.get(photo.url(320, file_format))
        assert answer.status_code == 200
        assert answer.mimetype == mimetype
        assert Image.open(io.BytesIO(answer.data)).size == (320, 240)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        again = client.get(photo.url(320, file_format), headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_a_store_that_does_not_answer_is_a_pause_not_a_crash(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_key: str) -> bytes:
        raise StorageFailed("away")

    monkeypatch.setattr(current_storage(), "get", fail)
    answer = client.get("/media/photos/" + "0" * 20 + "-320.webp")
    assert answer.status_code == 503
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "nothing.webp",
        "0" * 20 + "-320.webp",
        "0" * 20 + "-320.svg",
        "0" * 20 + "-99.webp",
        "..%2F..%2Fkeys%2Fsecret_key",
        "%00",
    ],
)
def test_nothing_but_photos_is_served_as_media(name: str, client: FlaskClient) -> None:
    assert client.get(f"/media/photos/{name}").status_code == 404


def test_a_card_shows_the_photo_in_two_formats_with_its_shape(
    client: FlaskClient, seller: Actor, product: Product
) -> None:
    services.add_photo(actor=seller, product_id=product.id, content=picture(1600, 1200))
    outbox.drain()
    with services.photo_files.unit_of_work() as session:
        session.get_one(Product, product.id).state = ProductState.LIVE
        services.photo_files.signals.product_changed.send(session, product_ids=[product.id])
    shape = photos_of([product.id])[product.id][0].shape
    page = client.get("/products").get_data(as_text=True)
    assert f'srcset="{shape.srcset("webp")}"' in page
    assert f'src="{shape.url(640, "jpg")}"' in page
    assert 'width="640" height="480"' in page
    assert f"{shape.url(320)} 320w, {shape.url(640)} 640w, {shape.url(1280)} 1280w" in page


def _work() -> None:
    """What the worker does; the server's threads live today, not on the day of the tests."""
    db.session.rollback()
    last = db.session.scalar(select(func.max(outbox.OutboxItem.not_before)))
    assert last is not None
    with clock.frozen(last):
        outbox.drain()


def _sign_in_page(client: FlaskClient, seller: Actor, page: object, address: str) -> None:
    sign_in(client, seller)
    cookie = client.get_cookie("etalase")
    assert cookie is not None
    page.context.add_cookies([{"name": "etalase", "value": cookie.value, "url": address}])  # type: ignore[attr-defined]
    forget_request()


@ON_SQLITE
@pytest.mark.browser
def test_on_a_phone_photos_are_shrunk_sent_again_and_put_in_order(
    app: Flask, client: FlaskClient, seller: Actor, product: Product, open_page: OpenPage, tmp_path: Path
) -> None:
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_bytes(picture(3000, 2000, seed=number))
    page = open_page(width=PHONE, errors="expected")
    failures = [1]

    def lose(route: object) -> None:
        if failures[0]:
            failures[0] -= 1
            route.abort("internetdisconnected")  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    with serving(app) as address:
        _sign_in_page(client, seller, page, address)
        path = f"{address}/seller/products/{product.id}/photos"
        page.goto(path)
        assert axe(page) == []
        page.route(path, lambda route: lose(route) if route.request.method == "POST" else route.continue_())
        page.set_input_files("#foto-pilih", [tmp_path / "0.jpg", tmp_path / "1.jpg"])
        expect(page.locator("[data-photo]")).to_have_count(2, timeout=20_000)
        _work()
        expect(page.locator("[data-photo] img")).to_have_count(2, timeout=10_000)
        photos = db.session.scalars(select(ProductPhoto).order_by(ProductPhoto.position)).all()
        assert len(photos) == 2
        assert max(photo.upload_bytes for photo in photos) < 400_000
        assert (photos[0].width, photos[0].height) in {(1280, 853), (1280, 854)}
        assert axe(page) == []
        assert sideways_scroll(page) == 0
        evaluate(page, "document.querySelector('[data-photos-row]').scrollIntoView({block: 'center'})")
        first, second = (page.locator("[data-photo-grip]").nth(n).bounding_box() for n in range(2))
        target = page.locator("[data-photo]").nth(0).bounding_box()
        assert first
        assert second
        assert target
        page.mouse.move(second["x"] + 10, second["y"] + 10)
        page.mouse.down()
        page.mouse.move(target["x"] + 20, target["y"] + 20, steps=4)
        with page.expect_response(lambda answer: answer.url.endswith("/order")):
            page.mouse.up()
        db.session.rollback()
        shown = [photo.id for photo in photos_of([product.id])[product.id]]
        assert shown == [photos[1].id, photos[0].id]


@ON_SQLITE
@pytest.mark.browser
def test_on_a_phone_a_new_product_begins_with_photos_over_a_bad_line(
    app: Flask, client: FlaskClient, seller: Actor, open_page: OpenPage, tmp_path: Path
) -> None:
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_bytes(picture(2400, 1800, seed=number))
    page = open_page(width=PHONE, errors="expected")
    lost = [1]

    def line(route: Any) -> None:
        if route.request.method == "POST" and lost[0]:
            lost[0] -= 1
            route.fetch()  # it arrives, but the answer does not
            route.abort("connectionreset")
        else:
            route.continue_()

    with serving(app) as address:
        _sign_in_page(client, seller, page, address)
        page.goto(f"{address}/seller/products/new")
        page.route("**/seller/products/photos", line)
        page.set_input_files("#foto-pilih", [tmp_path / "0.jpg", tmp_path / "1.jpg"])
        page.wait_for_url(re.compile(r"/seller/products/\d+$"), timeout=20_000)
        expect(page.locator("[data-photo]")).to_have_count(2)
    db.session.rollback()
    assert len(db.session.scalars(select(Product)).all()) == 1
    assert len(db.session.scalars(select(ProductPhoto)).all()) == 2


@ON_SQLITE
@pytest.mark.browser
def test_without_a_script_photos_are_added_moved_described_and_taken_away(
    app: Flask, client: FlaskClient, seller: Actor, product: Product, open_page: OpenPage, tmp_path: Path
) -> None:
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_bytes(picture(seed=number))
    page = open_page(width=PHONE, javascript=False)
    with serving(app) as address:
        _sign_in_page(client, seller, page, address)
        page.goto(f"{address}/seller/products/{product.id}/photos")
        page.set_input_files("#foto-pilih", [tmp_path / "0.jpg", tmp_path / "1.jpg"])
        page.get_by_role("button", name="Unggah foto").click()
        _work()
        page.reload()
        before = [photo.id for photo in photos_of([product.id])[product.id]]
        page.get_by_role("button", name="Ke belakang, foto 1").click()
        db.session.rollback()
        assert [photo.id for photo in photos_of([product.id])[product.id]] == before[::-1]
        page.locator("summary").filter(has_text="Keterangan").first.click()
        page.get_by_label("Apa yang terlihat?").first.fill("Kemasan depan")
        page.get_by_role("button", name="Simpan").first.click()
        page.get_by_role("button", name="Hapus, foto 2").click()
        db.session.rollback()
        photos = photos_of([product.id])[product.id]
        assert [(photo.id, photo.alt) for photo in photos] == [(before[1], "Kemasan depan")]
        page.locator("summary").filter(has_text="dihapus").click()
        page.get_by_role("button", name="Kembalikan").click()
        db.session.rollback()
        assert len(photos_of([product.id])[product.id]) == 2
