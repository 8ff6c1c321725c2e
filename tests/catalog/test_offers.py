"""Prices, orders, categories and addresses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import batik
from marketplace.catalog import rules


def test_a_price_is_above_zero_and_below_a_wall_against_typing_errors():
    assert not rules.check_price(0).ok
    assert rules.check_price(1).ok
    assert rules.check_price(rules.MAX_PRICE_RUPIAH).ok
    assert not rules.check_price(rules.MAX_PRICE_RUPIAH + 1).ok


def test_a_shelf_price_below_the_wholesale_price_is_odd_and_stored():
    check = rules.check_retail_price(20_000, 15_000)
    assert check.ok
    assert check.warning
    assert "Rp15.000" in check.sentence


def test_a_smallest_order_that_is_no_multiple_says_what_will_really_be_ordered():
    assert "12" in rules.check_min_order(10, 12).sentence
    assert not rules.check_min_order(24, 12).warning


@given(st.text(max_size=60))
def test_tidying_a_category_path_twice_is_tidying_it_once(path):
    tidy = rules.tidy_path(path)
    assert rules.tidy_path(tidy) == tidy
    steps = rules.category_names(path)
    assert steps[-1][0] == tidy
    assert all(parent is None or step.startswith(parent) for step, _name, parent in steps)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("Makanan / Sambal dan bumbu", "jar"),
        ("Makanan / Camilan kering", "pouch"),
        ("Minuman / Jamu", "bottle"),
        ("Batik dan kain", "fold"),
        ("Olahraga / Shuttlecock", "tube"),
        ("Jasa", "cloth"),
    ],
)
def test_a_product_without_a_photo_wears_the_ware_of_its_category(path, form):
    assert rules.picture_form(path) == form
    assert form in batik.FORMS


@given(st.text(max_size=300), st.text(min_size=1, max_size=80))
def test_addresses_are_plain_ascii_whatever_the_name(name, key):
    assert re.fullmatch(r"/products/7-[a-z0-9]+(-[a-z0-9]+)*", rules.product_path(7, name))
    assert re.fullmatch(r"/pictures/cloth-[0-9a-f]{20}\.svg", rules.picture_path(key))
