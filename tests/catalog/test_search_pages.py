"""The list of products and what belongs to it, as people and programs use them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from marketplace import clock, mailing, outbox
from marketplace.catalog import queries, services
from marketplace.catalog.models import SavedSearch
from marketplace.catalog.queries import Search
from marketplace.catalog.services import indexing
from marketplace.db import db
from marketplace.errors import Conflict, InvalidInput, NotFound
from marketplace.permissions import SYSTEM, Role
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.support.signing import sign_in


@pytest.fixture
def shelf(app):
    """A small indexed catalogue of two makers."""
    sri, joko = make.seller(name="Dapur Bu Sri"), make.seller(name="Kopi Pak Joko", region_code=make.JEBRES)
    for name in ("Keripik tempe pedas", "Keripik tempe gurih", "Keripik pisang"):
        make.product(sri, name=name, readiness=50)
    make.product(joko, name="Kopi robusta", readiness=50)
    indexing.rebuild()
    return sri, joko


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def names_on(html):
    return re.findall(r'class="product__name"><a href="[^"]*">([^<]+)<', html)


def put_on_shelf(place, goods):
    """Five units of a product on an outlet's shelf."""
    delivery = Movement("M1", MovementKind.DELIVERY, place.id, goods.seller_id, goods.id, 5, clock.today(), 1)
    post_movements(actor=SYSTEM, movements=[delivery])


def test_what_was_misspelt_is_found_and_told(client, shelf):
    html = page(client, "/products?q=kripik+tmpe+pedes")
    assert names_on(html) == ["Keripik tempe pedas"]
    assert "Ditampilkan hasil untuk" in html


def test_the_beginning_of_a_word_finds_it(client, shelf):
    assert len(names_on(page(client, "/products?q=keri"))) == 3


def test_nothing_found_teaches_what_to_do(client, shelf):
    html = page(client, "/products?q=qqqqxx&district=33.72.04")
    assert "Belum ada produk untuk" in html
    assert "tanpa saringan" in html
    assert "/products?category=Camilan" in html


def test_every_filter_stands_in_the_address_and_can_be_taken_off(client, shelf):
    html = page(client, "/products?q=keripik&consignment=1&min_price=1000&sort=price&district=33.72.01")
    assert "Bisa titip jual" in html
    assert "Mulai Rp1.000" in html
    assert len(names_on(html)) == 3


def test_nonsense_in_the_address_is_left_out(client, shelf):
    for path in ("?min_capacity=x&max_lead_days=-3", "?page=999999", "?sort=worst", "?page=0",
                 "?certificate=none",
                 "?min_price=99999999999999999999999", "?only=unknown", "?q=%00%F0%9F%92%A5"):  # fmt: skip
        page(client, f"/products{path}")


def test_letters_typed_are_suggested_as_words_and_products(client, shelf):
    html = page(client, "/products/suggestions?q=ker")
    assert 'href="/products?q=keripik"' in html
    assert "Keripik tempe pedas" in html
    assert page(client, "/products/suggestions?q=k").strip() == ""


def test_one_maker_does_not_fill_the_first_page(app):
    big, small = make.seller(), [make.seller() for _ in range(5)]
    for number in range(30):
        make.product(big, name=f"Keripik besar {number}")
    for maker in small:
        make.product(maker, name="Keripik kecil")
    order = [card.seller_id for card in queries.find(Search()).items]
    assert set(order) >= {maker.id for maker in small}
    longest = max(
        len(run.group())
        for run in re.finditer("x+", "".join("x" if one == big.id else "o" for one in order[:9]))
    )
    assert longest <= 3


def test_the_order_is_the_same_all_day_and_another_one_tomorrow(app):
    for _ in range(12):
        make.product(make.seller())
    today = [card.id for card in queries.find(Search()).items]
    assert [card.id for card in queries.find(Search()).items] == today
    with clock.frozen(clock.now() + timedelta(hours=3)):
        assert [card.id for card in queries.find(Search()).items] == today
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert [card.id for card in queries.find(Search()).items] != today


def test_what_my_outlets_carry_can_be_left_out(client, shelf):
    place = make.outlet()
    operator_id = db.session.query(make.OutletFacts).filter_by(outlet_id=place.id).one().operator_id
    buyer = make.member(Role.BUYER_STAFF, operator_id=operator_id)
    known = queries.find(Search(q="kopi robusta")).items[0]
    put_on_shelf(place, known)
    sign_in(client, buyer)
    assert len(names_on(page(client, "/products"))) == 4
    html = page(client, "/products?only=not_carried")
    assert "Kopi robusta" not in names_on(html)
    assert re.search(r'value="not_carried" checked>.*?<span>3</span>', html, re.DOTALL)
    stranger = make.member(Role.BUYER_STAFF, operator_id=make.operator().id)
    sign_in(client, stranger)
    assert len(names_on(page(client, "/products?only=not_carried"))) == 4


# --- words that mean the same -----------------------------------------------------------------------------


@pytest.fixture
def officer(app):
    return make.officer()


def test_words_that_the_office_joins_find_each_other_at_once(client, shelf, officer):
    assert queries.count_live(Search(q="peyek"))[0] == 0
    group = services.save_synonyms(actor=officer, synonym_id=None, text="kopi, ngopeni")
    assert queries.count_live(Search(q="ngopeni"))[0] == 1
    services.delete_synonyms(actor=officer, synonym_id=group.id)
    assert queries.count_live(Search(q="ngopeni"))[0] == 0


@pytest.mark.parametrize("text", ["kopi", "kopi, kopi", "kopi susu, teh", "", ",;,", "kripik, keripik"])
def test_a_group_that_says_nothing_is_refused_with_a_sentence(officer, text):
    with pytest.raises(InvalidInput) as refused:
        services.save_synonyms(actor=officer, synonym_id=None, text=text)
    assert "words" in refused.value.fields


def test_the_office_keeps_the_words_on_a_page(client, officer):
    sign_in(client, officer)
    assert client.post("/office/synonyms", data={"words": "nogosari, nagasari"}).status_code == 302
    html = page(client, "/office/synonyms?q=naga")
    assert "nogosari, nagasari" in html
    answer = client.post("/office/synonyms", data={"words": "nogosari"})
    assert answer.status_code == 422
    assert "dua sampai" in answer.get_data(as_text=True)
    number = int(re.findall(r"/office/synonyms/(\d+)/delete", html)[0])
    assert client.post(f"/office/synonyms/{number}", data={"words": "nogosari, nogosary"}).status_code == 302
    assert client.post(f"/office/synonyms/{number}/delete").status_code == 302
    assert "nagasari" not in page(client, "/office/synonyms?q=nogo")


# --- kept searches ----------------------------------------------------------------------------------------


@pytest.fixture
def buyer(app):
    return make.member(Role.BUYER_STAFF, operator_id=make.operator().id)


def sent(app):
    outbox.drain()
    return [mail.get_content() for mail in app.extensions[mailing.EXTENSION].sent]


def test_a_kept_search_tells_once_of_what_is_new(app, shelf, buyer):
    sri, _joko = shelf
    services.save_search(actor=buyer, name="Keripik", address=[("q", "keripik")])
    services.send_digests()
    assert sent(app) == []
    with clock.frozen(clock.now() + timedelta(hours=2)):
        make.product(sri, name="Keripik nangka", first_live_at=clock.now())
        outbox.drain()
    with clock.frozen(clock.now() + timedelta(hours=20)):
        services.send_digests()
        services.send_digests()
        (letter,) = sent(app)
    assert "Keripik nangka" in letter
    assert "Keripik pisang" not in letter
    assert "http://localhost/products?q=keripik&sort=newest" in letter.replace("=\n", "")


def test_the_mail_leaves_out_what_the_buyers_own_outlets_have(app, shelf, buyer):
    sri, _joko = shelf
    place = make.outlet(operator_id=buyer.operator_id)
    search = [("q", "keripik"), ("only", "not_carried")]
    services.save_search(actor=buyer, name="Belum ada", address=search)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        here = make.product(sri, name="Keripik nangka", first_live_at=clock.now())
        make.product(sri, name="Keripik salak", first_live_at=clock.now())
        put_on_shelf(place, here)
        outbox.drain()
        services.send_digests()
        (letter,) = sent(app)
    assert "Keripik salak" in letter
    assert "Keripik nangka" not in letter


def test_kept_searches_are_linked_from_the_buyers_first_screen(client, shelf, buyer):
    sign_in(client, buyer)
    assert "Simpan pencarian di halaman Produk" in page(client, "/buyer")
    services.save_search(actor=buyer, name="Keripik dekat", address=[("q", "keripik")])
    first = page(client, "/buyer")
    assert '<a href="/products?q=keripik">Keripik dekat</a>' in first
    assert 'href="/products/saved"' in first


def test_the_link_in_the_mail_ends_the_mails_without_signing_in(app, client, shelf, buyer):
    sri, _joko = shelf
    services.save_search(actor=buyer, name="Keripik", address=[("q", "keripik")])
    with clock.frozen(clock.now() + timedelta(hours=2)):
        make.product(sri, name="Keripik nangka", first_live_at=clock.now())
        outbox.drain()
        services.send_digests()
        (letter,) = sent(app)
    path = re.findall(r"http://localhost(/products/saved/unsubscribe/\S+)", letter)[0]
    assert "Berhenti menerima" in page(client, path)
    assert db.session.query(SavedSearch).one().wants_digest
    assert "sudah dimatikan" in client.post(path).get_data(as_text=True)
    db.session.expire_all()
    assert not db.session.query(SavedSearch).one().wants_digest
    assert client.get("/products/saved/unsubscribe/1.forged").status_code == 404


def test_a_search_is_kept_once_listed_switched_and_thrown_away(client, shelf, buyer):
    sign_in(client, buyer)
    form = {"q": "keripik", "district": "33.72.01", "sort": "", "page": "7"}
    for _time in range(2):
        assert client.post("/products/saved", data=form).status_code == 302
    (kept,) = db.session.query(SavedSearch).all()
    assert kept.address == "q=keripik&district=33.72.01"
    assert kept.name == "keripik, Laweyan"
    assert "keripik, Laweyan" in page(client, "/products/saved")
    client.post(f"/products/saved/{kept.id}/digest", data={"wants": "0"})
    db.session.expire_all()
    assert not db.session.get_one(SavedSearch, kept.id).wants_digest
    assert client.post(f"/products/saved/{kept.id}/delete").status_code == 302
    assert db.session.query(SavedSearch).count() == 0


def test_a_stranger_s_kept_search_is_not_there(shelf, buyer):
    kept = services.save_search(actor=buyer, name="x", address=[("q", "x")])
    other = make.member(Role.BUYER_STAFF, operator_id=make.operator().id)
    with pytest.raises(NotFound):
        services.forget_search(actor=other, saved_id=kept.id)
    with pytest.raises(NotFound):
        services.switch_digest(actor=other, saved_id=kept.id, wants=False)


def test_nobody_keeps_more_searches_than_he_can_read(shelf, buyer):
    for number in range(30):
        services.save_search(actor=buyer, name="x", address=[("q", str(number))])
    with pytest.raises(Conflict):
        services.save_search(actor=buyer, name="x", address=[("q", "one more")])


# --- for programs -----------------------------------------------------------------------------------------


def test_programs_search_as_people_do(client, shelf):
    answer = client.get("/api/v1/products?q=kripik+tempe&limit=1").get_json()
    assert answer["total"] == 2
    assert set(answer["items"][0]) >= {"sku", "seller_ref", "name", "category", "price_rupiah", "url"}
    assert {"value": "Camilan", "label": "Camilan", "count": 2} in answer["facets"]["category"]
    more = client.get(f"/api/v1/products?q=kripik+tempe&limit=1&cursor={answer['next_cursor']}").get_json()
    assert more["next_cursor"] is None
    assert more["items"][0]["sku"] != answer["items"][0]["sku"]


def test_programs_read_one_product_categories_and_suggestions(client, shelf):
    number = client.get("/api/v1/products?q=kopi").get_json()["items"][0]["id"]
    assert client.get(f"/api/v1/products/{number}").get_json()["name"] == "Kopi robusta"
    assert client.get("/api/v1/products/999999").status_code == 404
    found = client.get("/api/v1/categories").get_json()["items"]
    assert found == [{"path": "Camilan", "name": "Camilan", "parent": None, "products": 4}]
    assert client.get("/api/v1/search/suggestions?q=ker").get_json()["questions"] == ["keripik"]


def test_an_unknown_order_or_certificate_is_refused_by_name(client, shelf):
    for path, status in (("sort=worst", 422), ("certificate=gold", 422), ("cursor=x", 409)):
        answer = client.get(f"/api/v1/products?{path}")
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"


def test_the_description_of_the_api_is_kept(app, shelf):
    """Schemathesis asks whatever the description allows, and finds no answer that it does not describe."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    mine = schema.include(path_regex="/api/v1/(products|categories|search)")
    labels = set()
    for found in mine.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        labels.add(operation.label)

        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case):
            case.headers["Accept-Encoding"] = "identity"  # its client does not unpack brotli
            case.call_and_validate()

        ask()
    assert len(labels) >= 4
