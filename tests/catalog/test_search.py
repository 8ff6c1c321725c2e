"""Finding products: words, filters, facets that keep their promise, and paging that loses nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace import clock
from marketplace.catalog import queries, services
from marketplace.catalog.models import Certificate, Product
from marketplace.catalog.queries import SORTS, Search
from marketplace.catalog.queries.search import public_products
from marketplace.catalog.services import indexing
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput
from tests import factories as make


def chosen(base: Search, name: str, value: str) -> Search:
    """The search with one filter set to a value that its facet offered."""
    if name == "price":
        least, _dash, most = value.partition("-")
        return replace(base, min_price=int(least), max_price=int(most) if most else None)
    changes: dict[str, Any] = {
        "category": {"categories": (value,)},
        "district": {"districts": (value,)},
        "certificate": {"certificates": (value,)},
        "capacity": {"min_capacity": int(value) if value.isdigit() else None},
        "lead": {"max_lead_days": int(value) if value.isdigit() else None},
        "consignment": {"consignment": True},
    }
    return replace(base, **changes[name])


@pytest.fixture(params=["plain", "indexed"])
def ready(request):
    """What to call once the products are there: words are found with an index, and while it is made."""
    return indexing.rebuild if request.param == "indexed" else lambda: None


@pytest.fixture
def city(app: Flask):
    """Eighteen products of three sellers in two districts, some with papers."""
    with unit_of_work() as session:
        kinds = [
            services.ensure_category(session, path).id
            for path in ("Makanan / Camilan", "Makanan / Sambal", "Batik")
        ]
    for number in range(18):
        region = make.LAWEYAN if number % 3 else make.JEBRES
        make.product(
            make.seller(region_code=region),
            name=f"Barang {number % 5}",
            category_id=kinds[number % 3],
            price_rupiah=1000 * (number % 4 + 1),
            pirt_number="206337201012328" if number % 2 else None,
            halal_number="ID33110003157150523" if number % 5 == 0 else None,
            capacity_per_week=number * 20 or None,
            lead_time_days=number if number % 4 else None,
            offers_consignment=number % 3 == 0,
            readiness=number * 5,
        )


def test_every_product_comes_once_and_in_order_however_it_is_paged(city):
    for sort, limit in itertools.product(SORTS, [1, 4, 18]):
        whole = [card.id for card in queries.live_products(Search(sort=sort), limit=100).items]
        assert all_pages(sort, limit) == whole, (sort, limit)
        assert len(set(whole)) == 18


def all_pages(sort, limit):
    cursor, seen = None, []
    while True:
        found = queries.live_products(Search(sort=sort), limit=limit, cursor=cursor)
        seen += [card.id for card in found.items]
        assert found.total == 18
        cursor = found.next_cursor
        if cursor is None:
            return seen


def test_a_facet_s_count_is_what_choosing_it_finds(city, ready):
    ready()
    bases = (
        Search(),
        Search(q="barang 1"),
        Search(max_price=2000, certificates=("pirt",)),
        Search(categories=("Makanan",), consignment=True),
        Search(min_capacity=100, max_lead_days=14, districts=("33.72.04",)),
    )
    for base in bases:
        names = set()
        for name, values in queries.facets(base).items():
            for value in values:
                assert queries.count_live(chosen(base, name, value.value))[0] == value.count, (
                    base,
                    name,
                    value,
                )
                names.add(name)
        assert names >= {"category", "district", "price"}


def test_columns_and_plain_sql_say_the_same(city):
    for base in (
        Search(min_capacity=100),
        Search(max_lead_days=7, consignment=True),
        Search(certificates=("pirt", "halal")),
        Search(categories=("Makanan / Sambal", "Batik"), min_price=2000, max_price=3000),
    ):
        query = public_products((Product.id,), base, clock.today())
        plain = set(db.session.scalars(query))
        assert {card.id for card in queries.live_products(base, limit=100).items} == plain


def test_a_category_finds_what_lies_below_it_and_not_what_only_begins_alike(city):
    assert queries.count_live(Search(categories=("Makanan",)))[0] == 12
    assert queries.count_live(Search(categories=("Makan",)))[0] == 0


def test_a_district_is_found_by_code_of_any_level_and_by_name(city):
    assert queries.count_live(Search(districts=("33.72.04",)))[0] == 6
    assert queries.count_live(Search(districts=("Jebres",)))[0] == 6
    assert queries.count_live(Search(districts=("33.72",)))[0] == 18
    assert queries.count_live(Search(districts=("33.7",)))[0] == 0


def test_words_are_looked_for_as_they_are_written(city, ready):
    ready()
    for q in ("%", "_", "\\", "' OR ''='", "💥", "a" * 5000, "%%%%"):
        assert queries.count_live(Search(q=q))[0] == 0
    assert queries.count_live(Search(q="\x00 "))[0] == 18


def test_a_percent_sign_is_a_percent_sign(app, ready):
    make.product(make.seller(), name="Cokelat 70%")
    make.product(make.seller(), name="Cokelat 700")
    ready()
    assert queries.count_live(Search(q="70%"))[0] == 1


def test_an_expired_pirt_number_no_longer_counts_as_a_paper(app):
    make.product(make.seller(), pirt_number="206337201012325")
    make.product(make.seller(), pirt_number="206337201012326")
    assert queries.count_live(Search(certificates=("pirt",)))[0] == 1


def test_a_paper_that_ends_is_gone_the_next_day_though_nothing_was_written(app, client):
    goods, now = make.product(make.seller()), clock.now()
    with unit_of_work() as session:
        paper = {
            "kind": "bpom",
            "number": "MD 235602169254",
            "state": "verified",
            "expires_on": clock.today(),
        }
        stamps = dict.fromkeys(("created_at", "submitted_at", "decided_at"), now)
        session.add(Certificate(seller_id=goods.seller_id, product_id=goods.id, **paper, **stamps))

    def seen() -> tuple[int, list[str], list[str]]:
        found = [value.value for value in queries.facets(Search())["certificate"]]
        shown = client.get(f"/api/v1/products/{goods.id}").json["certificates"]
        return queries.count_live(Search(certificates=("bpom",)))[0], found, shown

    assert seen() == (1, ["bpom"], ["bpom"]), "the last day counts"
    with clock.frozen(now + timedelta(days=1)):
        assert seen() == (0, [], [])


def test_a_cursor_that_is_not_ours_is_refused_with_a_sentence(app):
    too_large = "WyJuZXdlc3QiLG51bGwsOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"
    for cursor in ("x", "####", "WzEsMl0", "bnVsbA", "W10", too_large, "%00"):
        with pytest.raises(InvalidInput) as refused:
            queries.live_products(Search(), cursor=cursor)
        assert "cursor" in refused.value.fields


def test_the_closest_makers_come_first_where_an_outlet_asks(city):
    found = queries.page_of_products(Search(), number=1, near=make.JEBRES)
    assert {card.region_code for card in found.items[:6]} == {make.JEBRES}
