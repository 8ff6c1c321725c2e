"""How ready a product is for a store: the checklist, the kept figure, and that it is never stale."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import audits
from marketplace.catalog import rules, services
from marketplace.catalog.models import Product
from marketplace.catalog.rules import ProductFacts
from marketplace.catalog.services.readiness import mend_readiness
from marketplace.catalog.values import ProductValues, TierValues
from marketplace.db import db, unit_of_work
from marketplace.permissions import Role
from tests import factories as make

NOTHING = ProductFacts(
    name="", has_category=False, price_rupiah=0, unit="", photos=0, story="", is_food=False, is_craft=False,
    has_permit=False, has_halal=False, needs_permit=True, net_weight_g=None, shelf_life_days=None,
    storage=None, ingredients="", allergens=(), material="", has_size=False, capacity_per_week=None,
    lead_time_days=None,
    retail_price_rupiah=None, has_origin=False, gtin=None,
)  # fmt: skip
EVERYTHING = ProductFacts(
    name="Keripik", has_category=True, price_rupiah=1, unit="bungkus", photos=3, story="x" * 60, is_food=True,
    is_craft=False, has_permit=True, has_halal=True, needs_permit=True, net_weight_g=1, shelf_life_days=1,
    storage="room", ingredients="Tempe", allergens=("none",), material="", has_size=False,
    capacity_per_week=1, lead_time_days=0, retail_price_rupiah=1, has_origin=True, gtin="1",
)  # fmt: skip


def score(facts):
    return rules.score(rules.checklist(facts))


def test_nothing_is_zero_and_everything_is_a_hundred():
    assert score(NOTHING) == 0
    assert score(EVERYTHING) == 100
    assert rules.missing(rules.checklist(EVERYTHING)) == []


def test_only_food_is_asked_for_halal_and_only_craft_for_its_size():
    def fields(**changes):
        return {item.field for item in rules.checklist(replace(NOTHING, **changes))}

    assert {"halal_number", "pirt_number", "allergens"} <= fields(is_food=True)
    assert "pirt_number" not in fields(is_food=True, needs_permit=False)
    assert {"material", "length_mm"} <= fields(is_craft=True)
    assert not {"halal_number", "material"} & fields()


def test_the_weightiest_gap_stands_first_and_says_why_and_where():
    first = rules.missing(rules.checklist(NOTHING))[0]
    assert (first.field, first.weight) == ("foto", 20)
    assert "tanpa foto" in first.why


@given(st.integers(0, 5), st.booleans(), st.booleans())
def test_doing_more_never_makes_a_product_less_ready(photos, is_food, has_permit):
    facts = replace(NOTHING, photos=photos, is_food=is_food, has_permit=has_permit)
    assert score(facts) <= score(replace(facts, photos=photos + 1)) <= 100
    assert score(facts) <= score(replace(facts, has_permit=True, gtin="1"))


def test_the_figure_follows_every_change(app):
    seller_id = make.seller().id
    actor = make.member(Role.SELLER_OWNER, seller_id=seller_id)
    product = services.create_draft(actor=actor, seller_id=seller_id)
    assert product.readiness == 0
    values = ProductValues(name="Keripik", category="Makanan", price_rupiah=15_000, unit="bungkus")
    services.change_product(actor=actor, product_id=product.id, values=values)
    db.session.refresh(product)
    little = product.readiness
    full = replace(values, capacity_per_week=9, lead_time_days=2, ingredients="Tempe", allergens=("soy",))
    services.change_product(actor=actor, product_id=product.id, values=full)
    db.session.refresh(product)
    assert 0 < little < product.readiness < 100


def test_a_night_mends_what_no_change_told(app):
    product = make.product(make.seller())
    right = product.readiness
    with unit_of_work():
        product.readiness = 1
    mend_readiness()
    db.session.expire_all()
    assert product.readiness == right


@pytest.mark.corrupts
def test_the_audit_names_a_figure_that_is_wrong(app):
    product = make.product(make.seller())
    assert list(audits.differences()) == []
    with unit_of_work():
        db.session.get_one(Product, product.id).readiness = 99
    (sentence,) = audits.differences()
    assert "readiness is kept as 99" in sentence


class TestTiers:
    def test_a_price_falls_while_the_quantity_rises(self):
        fine = [TierValues(10, 900), TierValues(50, 800)]
        assert rules.check_tiers(1000, 5, fine) == {}
        assert set(rules.check_tiers(1000, 5, [TierValues(10, 1000)])) == {"tiers-0-price_rupiah"}
        assert set(rules.check_tiers(1000, 5, [*fine, TierValues(50, 700)])) == {"tiers-2-min_quantity"}
        assert set(rules.check_tiers(1000, 5, [*fine, TierValues(60, 800)])) == {"tiers-2-price_rupiah"}

    def test_it_begins_at_the_smallest_order(self):
        assert rules.check_tiers(1000, 10, [TierValues(10, 900)]) == {}
        assert set(rules.check_tiers(1000, 10, [TierValues(9, 900)])) == {"tiers-0-min_quantity"}
        assert set(rules.check_tiers(1000, 1, [TierValues(1, 900)])) == {"tiers-0-min_quantity"}

    @given(st.integers(1, 200))
    def test_more_never_costs_more_each(self, quantity):
        tiers = [TierValues(10, 900), TierValues(50, 800)]
        assert rules.price_for(1000, tiers, quantity + 1) <= rules.price_for(1000, tiers, quantity)


def test_a_season_runs_over_the_new_year():
    assert [month for month in range(1, 13) if rules.is_in_season(11, 2, month)] == [1, 2, 11, 12]
    assert [month for month in range(1, 13) if rules.is_in_season(3, 4, month)] == [3, 4]
    assert rules.is_in_season(None, None, 7)
    assert set(rules.check_season(3, None)) == {"season_to"}
    assert set(rules.check_season(None, 3)) == {"season_from"}
