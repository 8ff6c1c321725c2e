"""Favourites and lists, as one team shares them and no other sees them; comparing side by side."""

from __future__ import annotations

from functools import partial

import pytest

from marketplace.catalog import queries, services
from marketplace.catalog.models import Shortlist, ShortlistItem
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, MarketplaceError, NotFound
from marketplace.permissions import Role
from tests import factories as make
from tests.catalog.test_product_page import counting, text_of
from tests.support.signing import sign_in
from tests.support.together import at_once

HOSTILE = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "{{7*7}}", "\u202eabc"]


@pytest.fixture
def shop(app):
    """A retailer."""
    return make.operator(name="PT Rukun")


@pytest.fixture
def buyer(app, shop):
    """Somebody of its purchasing team."""
    return make.member(Role.BUYER_STAFF, operator_id=shop.id)


class TestFavourites:
    def test_the_heart_keeps_a_product_for_the_whole_team_and_lets_it_go(self, app, client, shop, buyer):
        product = make.product(make.seller(), name="Keripik")
        sign_in(client, buyer)
        client.post(f"/products/{product.id}/favourite", data={"keep": "1"})
        client.post(f"/products/{product.id}/favourite", data={"keep": "1"})
        colleague = make.member(Role.BUYER_OWNER, operator_id=shop.id)
        page = text_of(sign_in(app.test_client(), colleague), "/buyer/lists")
        assert "1 produk" in page
        assert queries.favourites_among(colleague, [product.id]) == {product.id}
        client.post(f"/products/{product.id}/favourite", data={"keep": "0"})
        assert queries.favourites_among(colleague, [product.id]) == set()

    def test_a_script_gets_the_heart_alone_and_a_form_comes_back_to_its_page(self, client, buyer):
        product = make.product(make.seller())
        sign_in(client, buyer)
        address = f"/products/{product.id}/favourite"
        part = client.post(address, data={"keep": "1"}, headers={"HX-Request": "true"}).get_data(as_text=True)
        assert 'aria-pressed="true"' in part
        assert "<html" not in part
        back = client.post(address, data={"keep": "0", "next": "/categories/camilan?page=2"})
        assert back.location == "/categories/camilan?page=2"
        away = client.post(address, data={"keep": "0", "next": "https://evil.example/"})
        assert "evil" not in away.location

    def test_cards_wear_a_heart_for_buyers_only(self, app, client, buyer):
        make.product(make.seller())
        assert "/favourite" not in text_of(client, "/categories/camilan")
        assert "/favourite" in text_of(sign_in(app.test_client(), buyer), "/categories/camilan")
        seller = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
        assert "/favourite" not in text_of(sign_in(app.test_client(), seller), "/categories/camilan")

    def test_two_who_begin_at_once_share_one_list_of_favourites(self, app, shop):
        team = [make.member(Role.BUYER_STAFF, operator_id=shop.id) for _one in range(3)]
        product = make.product(make.seller())
        answers = at_once(
            app, *(partial(services.keep_favourite, actor=one, product_id=product.id) for one in team)
        )
        assert not [one for one in answers if isinstance(one, MarketplaceError)]
        assert db.session.query(Shortlist).count() == 1
        assert db.session.query(ShortlistItem).count() == 1


class TestLists:
    def test_a_product_goes_into_chosen_lists_and_a_new_one_and_out_again(self, client, buyer):
        product = make.product(make.seller())
        holiday = services.make_list(actor=buyer, name="Rak Lebaran")
        sign_in(client, buyer)
        address = f"/products/{product.id}/lists"
        client.post(address, data={"list": [holiday.id], "new_name": "Lobi hotel"})
        assert {row.name for row in queries.lists_of(buyer, product_id=product.id) if row.holds} == {
            "Rak Lebaran",
            "Lobi hotel",
        }
        part = client.post(address, data={}, headers={"HX-Request": "true"}).get_data(as_text=True)
        assert "Tidak di daftar mana pun" in part
        assert not any(row.holds for row in queries.lists_of(buyer, product_id=product.id))

    def test_a_list_shows_notes_by_maker_and_leads_to_a_proposal_with_its_products(self, client, shop):
        buyer = make.member(Role.BUYER_MANAGER, operator_id=shop.id)
        make.outlet(operator_id=shop.id)
        maker = make.seller(name="Dapur Contoh")
        first, second = make.product(maker, name="Keripik"), make.product(maker, name="Abon")
        made = services.make_list(actor=buyer, name="Rak Lebaran")
        services.add_to_list(actor=buyer, list_id=made.id, product_id=first.id)
        item = services.add_to_list(actor=buyer, list_id=made.id, product_id=second.id)
        services.note_item(actor=buyer, item_id=item.id, note="Minta kemasan 250 g")
        sign_in(client, buyer)
        page = text_of(client, f"/buyer/lists/{made.id}")
        assert "Minta kemasan 250 g" in page
        assert f"/agreements/new?seller={maker.id}" in page
        form = text_of(client, f"/agreements/new?seller={maker.id}&product={first.id}&product={second.id}")
        for product in (first, second):
            assert f'id="product-{product.id}" value="{product.id}" checked' in form

    def test_what_is_no_longer_sold_stays_in_the_list_and_says_so(self, client, buyer):
        product = make.product(make.seller(), name="Keripik")
        made = services.make_list(actor=buyer, name="Rak")
        services.add_to_list(actor=buyer, list_id=made.id, product_id=product.id)
        with unit_of_work() as session:
            session.get_one(type(product), product.id).state = "paused"
        page = text_of(sign_in(client, buyer), f"/buyer/lists/{made.id}")
        assert "Tidak tampil lagi" in page
        assert f"/products/{product.id}-" not in page
        with pytest.raises(NotFound):
            services.keep_favourite(actor=buyer, product_id=product.id)

    def test_another_team_finds_nothing(self, app, client, buyer):
        product = make.product(make.seller())
        made = services.make_list(actor=buyer, name="Rahasia")
        item = services.add_to_list(actor=buyer, list_id=made.id, product_id=product.id)
        stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
        sign_in(client, stranger)
        assert client.get(f"/buyer/lists/{made.id}").status_code == 404
        assert client.get(f"/buyer/lists/{made.id}/price-list.pdf").status_code == 404
        for address in (
            f"/buyer/lists/{made.id}/name",
            f"/buyer/lists/{made.id}/delete",
            f"/buyer/list-items/{item.id}/note",
            f"/buyer/list-items/{item.id}/remove",
        ):
            assert client.post(address, data={"name": "x", "note": "x"}).status_code == 404, address
        assert client.post(f"/products/{product.id}/lists", data={"list": [made.id]}).status_code == 404
        with pytest.raises(Forbidden):
            services.make_list(actor=make.officer(), name="Dinas")

    def test_names_are_needed_short_and_taken_once(self, client, buyer):
        services.make_list(actor=buyer, name="Rak")
        for name in ("", "  ", "Rak", "a" * 121):
            with pytest.raises(InvalidInput):
                services.make_list(actor=buyer, name=name)
        sign_in(client, buyer)
        assert "sudah punya daftar" in client.post(
            "/buyer/lists", data={"name": "Rak"}, follow_redirects=True
        ).get_data(as_text=True)

    def test_a_list_is_renamed_and_thrown_away_after_a_warning_but_favourites_stay(self, client, buyer):
        product = make.product(make.seller())
        made = services.make_list(actor=buyer, name="Rak")
        services.add_to_list(actor=buyer, list_id=made.id, product_id=product.id)
        sign_in(client, buyer)
        client.post(f"/buyer/lists/{made.id}/name", data={"name": "Rak baru"})
        assert "Rak baru" in text_of(client, "/buyer/lists")
        assert "1 produk keluar" in text_of(client, f"/buyer/lists/{made.id}/delete")
        client.post(f"/buyer/lists/{made.id}/delete")
        assert db.session.query(ShortlistItem).count() == 0
        services.keep_favourite(actor=buyer, product_id=product.id)
        kept = db.session.query(Shortlist).one()
        for act in (
            partial(services.delete_list, actor=buyer, list_id=kept.id),
            partial(services.rename_list, actor=buyer, list_id=kept.id, name="x"),
        ):
            with pytest.raises(Conflict):
                act()

    def test_hostile_words_stay_words_on_the_page_and_in_the_file(self, client, buyer):
        sign_in(client, buyer)
        for text in HOSTILE:
            product = make.product(make.seller(name=text), name=text)
            made = services.make_list(actor=buyer, name=text)
            item = services.add_to_list(actor=buyer, list_id=made.id, product_id=product.id)
            services.note_item(actor=buyer, item_id=item.id, note=text)
            page = text_of(client, f"/buyer/lists/{made.id}")
            assert "<script>alert" not in page
            assert ">49<" not in page
            file = client.get(f"/buyer/lists/{made.id}?format=csv").get_data(as_text=True)
            assert "\n=cmd" not in file
            assert ",=cmd" not in file

    def test_a_long_list_asks_the_database_as_often_as_a_short_one(self, client, buyer):
        made = services.make_list(actor=buyer, name="Rak")
        sign_in(client, buyer)

        def fill(count: int) -> int:
            for _one in range(count):
                product = make.product(make.seller())
                services.add_to_list(actor=buyer, list_id=made.id, product_id=product.id)
            text_of(client, f"/buyer/lists/{made.id}")
            with counting() as told:
                text_of(client, f"/buyer/lists/{made.id}")
            return len(told)

        assert fill(1) == fill(12)


class TestCompare:
    def test_what_differs_is_marked_and_the_address_holds_the_products(self, client):
        maker = make.seller(name="Dapur Contoh")
        one = make.product(maker, name="Keripik", unit="bungkus", min_order=6, lead_time_days=3)
        two = make.product(maker, name="Abon", unit="bungkus", min_order=6, lead_time_days=5)
        page = text_of(client, f"/compare?ids={one.id},{two.id}")
        assert page.index("Keripik") < page.index("Abon")
        assert any("Waktu pesan" in row and "compare__differs" in row for row in page.split("<tr"))
        assert not any("Pesanan terkecil" in row and "compare__differs" in row for row in page.split("<tr"))
        assert f"/compare?ids={two.id}" in page

    def test_no_more_than_four_stand_there_and_what_is_hidden_or_nonsense_is_left_out(self, client):
        made = [make.product(make.seller(), name=f"Keripik nomor {n}") for n in range(6)]
        hidden = make.product(make.seller(), name="Rahasia", state="paused")
        ids = ",".join(str(product.id) for product in made)
        page = text_of(client, f"/compare?ids={ids}")
        assert "4 produk berdampingan" in page
        page = text_of(client, f"/compare?ids={made[0].id},{hidden.id},x,-1,{'9' * 40}")
        assert "1 produk berdampingan" in page
        assert "Rahasia" not in page
        assert "1 produk tidak tampil lagi" in page
        assert text_of(client, "/compare?ids=%00&q=%00")

    def test_four_cost_as_many_questions_as_two(self, client):
        ids = [make.product(make.seller()).id for _one in range(4)]
        addresses = [f"/compare?ids={','.join(map(str, ids[:count]))}" for count in (2, 4)]
        counts = []
        for address in addresses:
            text_of(client, address)
            with counting() as told:
                text_of(client, address)
            counts.append(len(told))
        assert counts[0] == counts[1]
