"""A seller lists a product on one cheap phone: the pages, without JavaScript."""

from __future__ import annotations

import csv
import io
import re

import pytest

from marketplace.catalog import services
from marketplace.catalog.models import PriceTier, Product
from marketplace.catalog.services import curation
from marketplace.catalog.services.readiness import keep_readiness
from marketplace.db import db, unit_of_work
from marketplace.permissions import Role
from tests import factories as make
from tests.catalog.test_pages import HOSTILE
from tests.support.signing import sign_in


@pytest.fixture
def seller(client):
    """A signed-in owner of a business in Mojosongo."""
    actor = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    sign_in(client, actor)
    return actor


def typed(**changes):
    return {
        "name": "Keripik tempe",
        "category": "Makanan / Camilan",
        "price_rupiah": "Rp 15.000",
        "unit": "bungkus 200 g",
        "offers_consignment": "y",
        **changes,
    }


def draft(client) -> Product:
    """A new draft, as the button without a photo makes it."""
    answer = client.post("/seller/products/new")
    return db.session.get_one(Product, int(answer.location.rsplit("/", 1)[1]))


def save(client, product, act="save", **changes):
    answer = client.post(f"/seller/products/{product.id}", data=typed(**changes) | {"act": act})
    db.session.expire_all()
    return answer


def on_sale(product, **columns):
    with unit_of_work() as session:
        for name, value in ({"state": "live", "first_live_at": product.created_at} | columns).items():
            setattr(product, name, value)
        keep_readiness(session, [product.id])
    return product


def page(client, address):
    return client.get(address, follow_redirects=True).get_data(as_text=True)


def test_a_draft_is_on_the_server_from_the_first_step_and_an_untouched_one_is_offered_again(client, seller):
    product = draft(client)
    assert (product.state, product.name, product.seller_id) == ("draft", "", seller.seller_id)
    assert draft(client).id == product.id
    save(client, product, name="Keripik", category="", price_rupiah="", unit="")
    assert draft(client).id != product.id
    listed = page(client, "/seller/products")
    assert "Lanjutkan draf" in listed
    assert "Keripik" in page(client, "/seller/products/new")


def test_a_draft_is_saved_as_far_as_it_is_known_and_handed_in_only_when_the_essentials_are_there(
    client, seller
):
    product = draft(client)
    assert save(client, product, price_rupiah="", unit="").status_code == 302
    assert (product.state, product.name, product.price_rupiah) == ("draft", "Keripik tempe", 0)
    refused = save(client, product, act="submit", name="", price_rupiah="", unit="").get_data(as_text=True)
    for sentence in ("Ada 3 isian", "Tulis nama produk", "Tulis harga", "Tulis satuannya"):
        assert sentence in refused
    assert product.state == "draft"
    answer = client.post(
        f"/seller/products/{product.id}", data=typed() | {"act": "submit"}, follow_redirects=True
    )
    assert "dikirim ke Dinas" in answer.get_data(as_text=True)
    db.session.expire_all()
    assert product.state == "waiting"


def test_everything_a_store_asks_for_is_stored_and_comes_back_into_the_form(client, seller):
    product = draft(client)
    answer = save(
        client,
        product,
        **{
            "retail_price_rupiah": "18.500",
            "min_order": "10",
            "order_multiple": "5",
            "tiers-0-min_quantity": "20",
            "tiers-0-price_rupiah": "14.500",
            "tiers-1-min_quantity": "100",
            "tiers-1-price_rupiah": "13.750",
            "capacity_per_week": "400",
            "lead_time_days": "3",
            "origin": "Mojosongo, Kec. Jebres",
            "net_weight_g": "200",
            "shelf_life_days": "180",
            "storage": "cool",
            "ingredients": "Tempe, tepung beras, garam",
            "allergens": ["soy", "gluten"],
            "material": "Katun",
            "length_mm": "12,5",
            "width_mm": "8",
            "is_made_to_order": "y",
            "season_from": "2",
            "season_to": "4",
        },
    )
    assert answer.status_code == 302
    assert (product.capacity_per_week, product.lead_time_days, product.storage) == (400, 3, "cool")
    assert (product.origin_code, product.allergens) == ("33.72.04.1011", ["gluten", "soy"])
    assert (product.length_mm, product.width_mm, product.height_mm) == (125, 80, None)
    assert (product.is_made_to_order, product.offers_consignment) == (True, True)
    assert (product.season_from, product.season_to) == (2, 4)
    tiers = db.session.query(PriceTier.min_quantity, PriceTier.price_rupiah).order_by(PriceTier.id).all()
    assert tiers == [(20, 14_500), (100, 13_750)]
    form = page(client, f"/seller/products/{product.id}")
    for words in ('value="13.750"', 'value="12,5"', "Mojosongo, Jebres", "tepung beras"):
        assert words in form, words
    assert len(re.findall(r"<input checked[^>]* name=.allergens.", form)) == 2


TWENTY, CHEAP = {"tiers-0-min_quantity": "20"}, {"tiers-0-price_rupiah": "14.000"}


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("tiers-0-price_rupiah", {**TWENTY, "tiers-0-price_rupiah": "15.000"}, "makin murah"),
        ("tiers-0-min_quantity", {**CHEAP, "tiers-0-min_quantity": "5"}, "mulai dari 10"),
        ("tiers-0-price_rupiah", TWENTY, "Tulis harga untuk jumlah ini"),
        ("tiers-0-min_quantity", CHEAP, "Tulis mulai dari berapa"),
        ("season_to", {"season_from": "3"}, "bulan terakhirnya"),
        ("allergens", {"allergens": ["none", "soy"]}, "bukan keduanya"),
        ("origin", {"origin": "Negeri Antah Berantah"}, "tidak ditemukan"),
        ("length_mm", {"length_mm": "panjang"}, "sentimeter"),
        ("gtin", {"gtin": "8991002101235"}, "Angka terakhir GTIN"),
        ("capacity_per_week", {"capacity_per_week": "banyak"}, "angka bulat"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_on_top_its_part_stands_open_and_what_was_typed_stays(
    client, seller, field, wrong, sentence
):
    product = draft(client)
    answer = save(client, product, **{"min_order": "10", "description": "Tetap ada", **wrong})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert sentence in text
    assert f'<a href="#{field}">' in text
    assert "Tetap ada" in text
    assert product.name == ""


def test_a_tier_of_the_same_quantity_is_refused_at_its_own_row(client, seller):
    rows = {f"tiers-{n}-min_quantity": "20" for n in (0, 2)}
    rows |= {"tiers-0-price_rupiah": "14.000", "tiers-2-price_rupiah": "13.000", "tiers-1-price_rupiah": ""}
    text = save(client, draft(client), **rows).get_data(as_text=True)
    assert '<a href="#tiers-2-min_quantity">' in text


def test_a_village_whose_name_is_not_the_only_one_is_asked_for_and_the_city_s_own_wins(client, seller):
    product = draft(client)
    save(client, product, origin="Laweyan")
    assert (product.origin_code or "").startswith("33.72.01.")
    text = save(client, product, origin="Karanganyar").get_data(as_text=True)
    assert "Ada beberapa tempat dengan nama ini" in text
    found = page(client, "/seller/products/places?origin=mojos")
    assert 'value="Mojosongo, Jebres, ' in found


def test_the_form_s_mark_changes_when_something_is_saved_and_not_when_it_is_refused(client, seller):
    product = draft(client)

    def mark(text):
        (found,) = re.findall(r'data-draft-stamp="(\w+)"', text)
        return found

    before = mark(page(client, f"/seller/products/{product.id}"))
    assert mark(save(client, product, gtin="1").get_data(as_text=True)) == before
    save(client, product)
    assert mark(page(client, f"/seller/products/{product.id}")) != before


def test_only_the_parts_that_suit_the_kind_stand_open(client, seller):
    product = draft(client)

    def opened(category):
        save(client, product, category=category)
        text = page(client, f"/seller/products/{product.id}")
        return {part.split('"')[0] for part in text.split('data-section="')[1:] if " open>" in part[:40]}

    assert opened("Makanan / Camilan") == {"store", "contents", "food"}
    assert opened("Batik dan kain / Batik tulis") == {"store", "craft"}
    assert opened("Lain-lain") == {"store"}


def test_a_copy_is_a_draft_with_prices_and_variants_and_without_barcode(client, seller):
    product = on_sale(draft(client), name="Keripik", category_id=make.category().id, gtin="8991002101234")
    save(client, product, **{"tiers-0-min_quantity": "20", "tiers-0-price_rupiah": "14.000"})
    make.product(
        db.session.get_one(type(make.seller()), seller.seller_id), main_id=product.id, variant_name="250 g"
    )
    answer = client.post(f"/seller/products/{product.id}/duplicate")
    twin = db.session.get_one(Product, int(answer.location.rsplit("/", 1)[1]))
    assert (twin.state, twin.gtin, twin.first_live_at, twin.cover) == ("draft", None, None, None)
    assert twin.name.endswith("(salinan)")
    assert db.session.query(PriceTier).filter_by(product_id=twin.id).count() == 1
    copied = db.session.query(Product).filter_by(main_id=twin.id).one()
    assert (copied.variant_name, copied.state) == ("250 g", "draft")


def test_a_product_is_paused_and_shown_again_and_a_draft_is_neither(client, seller):
    product = draft(client)
    assert client.post(f"/seller/products/{product.id}/pause").status_code == 409
    assert client.post(f"/seller/products/{product.id}/resume").status_code == 409
    on_sale(product, name="Keripik", category_id=make.category().id)
    client.post(f"/seller/products/{product.id}/pause")
    db.session.expire_all()
    assert product.state == "paused"
    client.post(f"/seller/products/{product.id}/resume")
    db.session.expire_all()
    assert product.state == "live"


def test_a_draft_is_deleted_after_a_page_that_says_so_and_nothing_else_is(client, seller):
    product = draft(client)
    save(client, product, **{"tiers-0-min_quantity": "20", "tiers-0-price_rupiah": "14.000"})
    assert "tidak bisa dikembalikan" in page(client, f"/seller/products/{product.id}/delete")
    sold = on_sale(draft(client), name="Keripik", category_id=make.category().id)
    assert client.post(f"/seller/products/{sold.id}/delete").status_code == 409
    client.post(f"/seller/products/{product.id}/delete")
    assert [row.id for row in db.session.query(Product)] == [sold.id]
    assert db.session.query(PriceTier).count() == 0


def test_a_draft_that_was_handed_in_and_taken_back_can_still_be_deleted(client, seller):
    product = draft(client)
    save(client, product, act="submit")
    curation.withdraw(actor=seller, product_id=product.id)
    client.post(f"/seller/products/{product.id}/delete")
    assert db.session.query(Product).count() == 0


def test_a_change_that_the_office_has_to_see_waits_and_the_form_shows_what_was_wished(client, seller):
    product = on_sale(
        draft(client), name="Keripik", category_id=make.category("Makanan").id, price_rupiah=15_000
    )
    answer = client.post(
        f"/seller/products/{product.id}",
        data=typed(name="Keripik baru", category="Makanan", capacity_per_week="50"),
        follow_redirects=True,
    )
    assert "versi lama tetap tampil" in answer.get_data(as_text=True)
    db.session.expire_all()
    assert (product.name, product.capacity_per_week) == ("Keripik", 50)
    assert 'value="Keripik baru"' in page(client, f"/seller/products/{product.id}")


def test_the_list_counts_each_state_searches_sorts_and_leaves_as_a_file(client, seller):
    shop = db.session.get_one(type(make.seller()), seller.seller_id)
    make.product(shop, "B-2", name="Ampyang", price_rupiah=9_000)
    main = make.product(shop, "B-1", name="Bolu", price_rupiah=20_000, state="paused")
    make.product(shop, "B-1-S", name="Bolu, kecil", main_id=main.id, variant_name="kecil")
    make.product(make.seller(), name="Milik orang")
    text = page(client, "/seller/products")
    assert "Milik orang" not in text
    assert "1 varian" in text
    assert "Bolu, kecil" not in text
    assert text.index("Ampyang") > text.index("Bolu")
    assert page(client, "/seller/products?sort=price").index("Ampyang") < page(
        client, "/seller/products?sort=price"
    ).index("Bolu")
    assert "Ampyang" not in page(client, "/seller/products?state=paused")
    assert "Bolu" not in page(client, "/seller/products?q=ampyang")
    assert "Tidak ada yang cocok" in page(client, "/seller/products?q=zzz")
    rows = list(csv.DictReader(io.StringIO(page(client, "/seller/products?format=csv").lstrip("\ufeff"))))
    assert [(row["sku"], row["state"]) for row in rows] == [
        ("B-2", "live"),
        ("B-1", "paused"),
        ("B-1-S", "live"),
    ]


def test_hostile_words_are_stored_and_shown_as_words(client, seller):
    for text in HOSTILE:
        words = {"name": text, "category": text, "unit": text[:32], "description": text, "sku": text}
        words |= {"ingredients": text, "material": text, "pirt_number": text[:60]}
        assert save(client, draft(client), **words).status_code == 302, text
    products = db.session.query(Product).all()
    assert len(products) == len(HOSTILE)
    assert not any("\x00" in product.name for product in products)
    for address in (*(f"/seller/products/{product.id}" for product in products), "/seller/products"):
        text = page(client, address)
        assert "<script>alert" not in text
        assert ">49<" not in text


def test_a_price_that_is_no_whole_rupiah_is_refused_with_a_sentence(client, seller):
    product = draft(client)
    for number in ("9" * 30, "-1", "0", "1e9", "٣", "12.34"):
        answer = save(client, product, price_rupiah=number)
        assert answer.status_code == 200
        assert "field__error" in answer.get_data(as_text=True), number


def test_nobody_reaches_a_foreign_draft(app):
    maker = make.seller()
    owner = make.member(Role.SELLER_OWNER, seller_id=maker.id)
    product = services.create_draft(actor=owner, seller_id=maker.id)
    stranger = sign_in(app.test_client(), make.member(Role.SELLER_OWNER, seller_id=make.seller().id))
    for address in ("", "/variants", "/delete", "/duplicate"):
        post = stranger.post(f"/seller/products/{product.id}{address}", data=typed())
        assert post.status_code == 404, address
        assert stranger.get(f"/seller/products/{product.id}{address}").status_code in (404, 405), address
    assert app.test_client().get(f"/products/{product.id}-x").status_code == 404


def test_the_readiness_of_a_draft_leads_to_its_fields(client, seller):
    product = draft(client)
    text = page(client, f"/seller/products/{product.id}")
    assert 'href="#foto"' in text
    assert 'href="#price_rupiah"' in text
    assert "siap 0%" in text
    save(client, product)
    assert product.readiness > 20
