"""The catalogue's pages as people and programs meet them."""

from __future__ import annotations

import itertools

from marketplace.db import db
from marketplace.permissions import Role
from tests import factories as make
from tests.support.signing import sign_in

HOSTILE = [
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    "\u202eabc",
    "a\x00b",
    "%s%n",
]


def typed(**changes):
    return {"name": "Keripik tempe", "category": "Makanan / Camilan", "price_rupiah": "Rp 15.000", **changes}


def test_the_catalogue_shows_a_product_with_maker_place_and_price(client):
    maker = make.seller(name="Dapur Contoh")
    make.product(maker, name="Keripik tempe", price_rupiah=14_500)
    page = client.get("/products").get_data(as_text=True)
    for words in ("Keripik tempe", "Dapur Contoh", "Rp14.500", "Laweyan", "1 produk dari 1 UMKM"):
        assert words in page


def test_an_empty_catalogue_teaches_the_first_step(client):
    assert "Rak masih kosong" in client.get("/products").get_data(as_text=True)
    assert "Tidak ada produk yang cocok" in client.get("/products?q=zzz").get_data(as_text=True)


def test_an_address_cut_or_typed_wrongly_still_shows_a_page(client):
    make.product(make.seller())
    for query in ("page=999999", "page=x", "min_price=x", "sort=x", "certificate=x", "district=x&q=%00"):
        assert client.get(f"/products?{query}").status_code == 200, query


def test_a_product_s_address_leads_to_its_page_whatever_its_name_was(client):
    product = make.product(make.seller(), name="Keripik tempe")
    short = client.get(f"/products/{product.id}")
    assert short.status_code == 301
    assert short.location == f"/products/{product.id}-keripik-tempe"
    assert client.get(f"/products/{product.id}-nama-lama").location == short.location
    assert client.get(short.location).status_code == 200
    assert client.get("/products/9223372036854775808-x").status_code == 404


def test_a_paused_product_is_gone_for_the_public_and_there_for_its_seller_and_office(app):
    maker = make.seller()
    product = make.product(maker, name="Rahasia", state="paused")
    address = f"/products/{product.id}-rahasia"
    assert app.test_client().get(address).status_code == 404
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    assert sign_in(app.test_client(), stranger).get(address).status_code == 404
    own = make.member(Role.SELLER_STAFF, seller_id=maker.id)
    assert "sedang tidak tampil" in sign_in(app.test_client(), own).get(address).get_data(as_text=True)
    assert sign_in(app.test_client(), make.officer()).get(address).status_code == 200
    assert sign_in(app.test_client(), make.officer(region_code="12.71")).get(address).status_code == 404


def test_a_phone_stays_private_unless_its_owner_shows_it(client):
    hidden = make.product(make.seller(phone="+6281234500001"))
    shown = make.product(make.seller(phone="+6281234500002", is_phone_public=True))
    page = client.get(f"/products/{hidden.id}", follow_redirects=True).get_data(as_text=True)
    assert "81234500001" not in page
    page = client.get(f"/products/{shown.id}", follow_redirects=True).get_data(as_text=True)
    assert "wa.me/6281234500002" in page


def test_a_picture_is_an_svg_that_may_be_kept_for_ever(client):
    maker = make.seller()
    make.product(maker, sku="TMP-0231")
    page = client.get("/products").get_data(as_text=True)
    address = page.split('src="/pictures/')[1].split('"')[0]
    answer = client.get(f"/pictures/{address}")
    assert answer.mimetype == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/pictures/{address}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_no_other_picture_can_be_asked_for(client):
    for name in ("cloth-zz.svg", "dragon-0123456789abcdef0123.svg", "cloth-../../x.svg"):
        assert client.get(f"/pictures/{name}").status_code == 404, name


def test_nobody_reaches_a_foreign_product_s_form(app):
    product = make.product(make.seller())
    for role, where in (
        (Role.SELLER_OWNER, {"seller_id": make.seller().id}),
        (Role.SELLER_STAFF, {"seller_id": make.seller().id}),
        (Role.BUYER_OWNER, {"operator_id": make.operator().id}),
        (Role.OFFICER, {"office_id": make.office().id}),
    ):
        client = sign_in(app.test_client(), make.member(role, **where))
        for answer in (
            client.get(f"/seller/products/{product.id}"),
            client.post(f"/seller/products/{product.id}", data=typed()),
            client.post(f"/seller/products/{product.id}/pause"),
        ):
            assert answer.status_code in (403, 404), role
    db.session.expire_all()
    assert product.is_live


class TestApi:
    def test_products_answer_as_the_contract_says(self, client):
        maker = make.seller("U-7", region_code=make.JEBRES)
        make.product(maker, "S-1", name="Keripik", price_rupiah=9000)
        answer = client.get("/api/v1/products?q=keripik&district=33.72.04&seller_ref=U-7&max_price=9000")
        body = answer.get_json()
        assert answer.status_code == 200
        assert body["total"] == 1
        assert body["next_cursor"] is None
        item = body["items"][0]
        expected = {
            "sku": "S-1",
            "seller_ref": "U-7",
            "name": "Keripik",
            "category": "Camilan",
            "price_rupiah": 9000,
        }
        assert expected.items() <= item.items()
        assert client.get(item["url"]).status_code == 200
        assert {"value": "Camilan", "count": 1}.items() <= body["facets"]["category"][0].items()
        assert {"value": "33.72.04", "count": 1}.items() <= body["facets"]["district"][0].items()

    def test_the_cursor_leads_through_all(self, client):
        maker = make.seller()
        for _number in range(5):
            make.product(maker)
        seen: list[str] = []
        cursor: str | None = ""
        for _page in range(3):
            body = client.get(f"/api/v1/products?limit=2&cursor={cursor}").get_json()
            seen += [item["sku"] for item in body["items"]]
            cursor = body["next_cursor"]
        assert cursor is None
        assert len(set(seen)) == 5

    def test_a_wrong_argument_is_a_problem_and_not_a_crash(self, client):
        prices = ("min_price=-1", "max_price=9223372036854775808")
        limits = ("limit=0", "limit=101", "limit=x")
        for query in (*prices, *limits, "sort=x", "certificate=x", f"q={'a' * 300}"):
            answer = client.get(f"/api/v1/products?{query}")
            assert answer.status_code == 422, query
            assert answer.mimetype == "application/problem+json"
            assert answer.get_json()["detail"]

    def test_an_unknown_cursor_is_a_conflict(self, client):
        answer = client.get("/api/v1/products?cursor=x")
        assert (answer.status_code, answer.get_json()["code"]) == (409, "unknown_cursor")

    def test_hostile_words_find_nothing_and_break_nothing(self, client):
        make.product(make.seller())
        for name, text in itertools.product(("q", "category", "district", "seller_ref"), HOSTILE):
            answer = client.get("/api/v1/products", query_string={name: text})
            assert answer.get_json()["total"] == 0, (name, text)
