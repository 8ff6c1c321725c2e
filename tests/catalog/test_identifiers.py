"""Numbers on the label: odd ones warn, only a wrong GTIN is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog import rules

DAY = date(2026, 11, 22)
ANYTHING = st.one_of(st.none(), st.text(max_size=80))


@given(st.integers(min_value=1), st.sampled_from([7, 11, 12, 13]))
def test_a_gtin_with_its_own_check_digit_is_taken_and_any_other_last_digit_is_refused(number, length):
    body = str(number % 10**length).zfill(length)
    digit = rules.gtin_check_digit(body)
    if set(body) != {"0"}:
        assert rules.check_gtin(f"{body}{digit}").ok
    for other in range(10):
        if other != digit:
            assert not rules.check_gtin(f"{body}{other}").ok


@pytest.mark.parametrize("gtin", ["8991002101234", "8998866200301", "899-1002-10123 4", "", None])
def test_real_gtins_and_none_at_all_are_fine(gtin):
    check = rules.check_gtin(gtin)
    assert check.ok
    assert not check.sentence


@pytest.mark.parametrize(
    "gtin", ["8991002101235", "123", "89910021012345678", "abc", "0" * 13, "８９９１００２１０１２３４"]
)
def test_a_wrong_gtin_is_refused_with_a_sentence(gtin):
    check = rules.check_gtin(gtin)
    assert not check.ok
    assert check.sentence


@given(ANYTHING)
def test_no_certificate_number_is_ever_refused_and_none_crashes_the_check(text):
    for check in (rules.check_pirt(text, DAY), rules.check_halal(text), rules.check_bpom(text)):
        assert check.ok
        assert bool(check.sentence) == check.warning
    rules.check_gtin(text)
    rules.papers_of(text, text, text, DAY)


def test_the_digits_of_a_pirt_number_say_where_it_was_given_and_when_it_ends():
    parts = rules.pirt_parts("P-IRT No. 2063372010123-28")
    assert parts is not None
    assert (parts.packaging, parts.food_kind, parts.region_code) == (2, "06", "33.72")
    assert (parts.food_serial, parts.producer_serial, parts.expires_year) == ("01", "0123", 2028)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("2063372010123-28", ""),
        ("P-IRT No. 2063372010123-28", ""),
        ("SPP-IRT 206337201012328", ""),
        ("206337201012325", "2025"),
        ("206337201012", "12 angka"),
        ("9063372010123-28", "kemasan"),
        ("2069999010123-28", "99.99"),
        ("12345", "15 angka"),
    ],
)
def test_a_pirt_number_warns_with_what_is_odd_about_it(number, says):
    check = rules.check_pirt(number, DAY, {"33.72": "Kota Surakarta"})
    assert check.warning == bool(says)
    assert says in check.sentence


def test_a_pirt_number_holds_until_the_end_of_its_year():
    assert not rules.check_pirt("206337201012326", date(2026, 12, 31)).warning
    assert rules.check_pirt("206337201012326", date(2027, 1, 1)).warning


def test_a_well_formed_number_is_stored_tidy_so_that_writing_it_otherwise_changes_nothing():
    assert rules.check_pirt("P-IRT No. 2063372010123-28", DAY).value == "206337201012328"
    assert rules.check_halal(" id33110003157150523 ").value == "ID33110003157150523"
    assert rules.check_bpom("BPOM RI MD 235602169254").value == "MD 235602169254"


@pytest.mark.parametrize(
    ("number", "is_odd"),
    [
        ("ID33110002356912", False),
        ("ID33110003157150523", False),
        ("ID33110003157151323", True),
        ("ID3311", True),
        ("00160012345678", True),
    ],
)
def test_a_halal_number_is_id_and_14_or_17_digits_that_end_in_month_and_year(number, is_odd):
    assert rules.check_halal(number).warning is is_odd


@pytest.mark.parametrize(
    ("number", "is_odd"),
    [
        ("MD 235602169254", False),
        ("MD235602169254123", False),
        ("TR 123456789", False),
        ("ML 235602169254", True),
        ("XX 235602169254", True),
        ("MD 12", True),
    ],
)
def test_a_bpom_number_of_imported_goods_is_odd_for_a_maker(number, is_odd):
    assert rules.check_bpom(number).warning is is_odd


def test_fresh_food_needs_no_permit_number_but_halal_is_asked_for():
    def missing(**values):
        defaults = {
            "is_food": True,
            "shelf_life_days": 3,
            "has_pirt": False,
            "has_bpom": False,
            "has_halal": False,
        }
        return rules.missing_papers(**{**defaults, **values}, permit_free_below_days=7)

    assert missing() == [rules.Paper.HALAL]
    assert missing(shelf_life_days=7) == [rules.Paper.PIRT, rules.Paper.HALAL]
    assert missing(shelf_life_days=None, has_bpom=True, has_halal=True) == []
    assert missing(is_food=False) == []
