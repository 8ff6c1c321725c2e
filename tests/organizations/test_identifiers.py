"""Numbers of the state: what is taken, what is refused, and what is only odd."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask

from marketplace.db import db
from marketplace.organizations import queries, rules
from marketplace.regions import queries as regions
from marketplace.texts import lines, one_line, searchable
from tests.conftest import make_app
from tests.factories import date


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An app without a database: rules only need its language."""
    with make_app("", tmp_path_factory.mktemp("rules")).app_context():
        yield


THRESHOLDS = rules.Thresholds(
    capital=(1_000_000_000, 5_000_000_000, 10_000_000_000),
    sales=(2_000_000_000, 15_000_000_000, 50_000_000_000),
)


@pytest.mark.parametrize(
    "nik",
    [
        "3372010101900001",
        "6501010101900001",  # Kalimantan Utara
        "9201014101900001",  # a woman of Papua Barat, born on the 1st
        "3372012902000001",  # 29 February 2000
        "3372017112990001",  # the 31st plus forty
    ],
)
def test_a_well_formed_nik_of_any_province_is_taken(nik: str) -> None:
    assert rules.nik_problem(nik) is None


@pytest.mark.parametrize(
    "nik",
    [
        "",
        "337201010190000",
        "33720101019000011",
        "1111111111111111",
        "3372013202900001",  # no 32nd
        "3372010113900001",  # no 13th month
        "3372012902010001",  # 2001 and 1901 were no leap years
        "3372017202900001",  # 72 - 40
        "3372010101900000",  # sequence 0000
        "33720101019００001",  # digits of another script
        "33720101019000O1",
    ],
)
def test_a_malformed_nik_is_refused_with_a_sentence(words: None, nik: str) -> None:
    assert rules.nik_problem(nik)


def test_an_unknown_province_is_only_odd(app: Flask) -> None:
    provinces = {place.code for place in regions.children(None)}
    assert len(provinces) == 38
    assert rules.nik_warning("6501010101900001", provinces) is None
    assert rules.nik_warning("0001010101900001", provinces)
    assert rules.nik_problem("0001010101900001") is None


@pytest.mark.parametrize(
    ("npwp", "is_fine"),
    [
        ("123456782508000", True),  # Luhn over the first nine holds
        ("0123456782508000", True),  # the same with a leading nought
        ("123456783508000", False),
        ("3372010101900001", True),  # a person's: the NIK
        ("3372010113900001", False),
        ("01234567250800", False),
        ("000000000000000", False),
    ],
)
def test_npwp_of_old_and_new_length(words: None, npwp: str, is_fine: bool) -> None:
    assert (rules.npwp_problem(npwp) is None) is is_fine


def test_blanks_and_dots_in_numbers_do_not_matter() -> None:
    assert rules.clean_number("12.345.678.2-508.000") == "123456782508000"
    assert rules.clean_number(" 3372 0101 0190 0001 ") == "3372010101900001"


@pytest.mark.parametrize(
    ("capital", "sales", "size"),
    [
        (None, None, "micro"),
        (1_000_000_000, None, "micro"),
        (1_000_000_001, None, "small"),
        (5_000_000_000, None, "small"),
        (10_000_000_000, None, "medium"),
        (10_000_000_001, None, "large"),
        (99_000_000_000, 2_000_000_000, "micro"),  # sales decide where they are known
        (0, 2_000_000_001, "small"),
        (0, 15_000_000_000, "small"),
        (0, 50_000_000_000, "medium"),
        (0, 50_000_000_001, "large"),
        (None, 0, "micro"),
    ],
)
def test_size_by_sales_else_capital_bounds_inclusive(capital: int, sales: int, size: str) -> None:
    assert rules.size_class(capital, sales, THRESHOLDS).value == size


def test_thresholds_are_dated_law(app: Flask) -> None:
    session = db.session()
    assert queries.thresholds_on(session, date(2021, 2, 2)) == THRESHOLDS
    assert queries.thresholds_on(session, date(2021, 2, 1)).sales[0] == 300_000_000
    assert queries.thresholds_on(session, date(1999, 1, 1)).sales[0] == 300_000_000


def test_a_floor_that_does_not_fit_the_kind_of_store_is_odd(app: Flask) -> None:
    limits = queries.store_limits_on(date(2026, 1, 1))
    assert rules.area_warning("minimarket", Decimal(400), limits) is None
    assert rules.area_warning("minimarket", Decimal("400.5"), limits)
    assert rules.area_warning("supermarket", Decimal(399), limits)
    assert rules.area_warning("hotel", Decimal(5), limits) is None


def test_coordinates_that_look_swapped_are_named(words: None) -> None:
    assert rules.coordinates_problem(Decimal("-7.56"), Decimal("110.8")) is None
    assert "tertukar" in (rules.coordinates_problem(Decimal("110.8"), Decimal("-7.56")) or "")
    assert rules.coordinates_problem(Decimal(1), None)
    assert rules.coordinates_warning(Decimal("51.5"), Decimal("0.1"))


def test_verified_from_its_day_until_before_revocation_and_closing() -> None:
    on = {"verified_on": date(2026, 1, 2), "revoked_on": date(2026, 3, 1), "closed_on": date(2026, 2, 1)}
    assert not rules.is_verified_on(date(2026, 1, 1), **on)
    assert rules.is_verified_on(date(2026, 1, 2), **on)
    assert rules.is_verified_on(date(2026, 1, 31), **on)
    assert not rules.is_verified_on(date(2026, 2, 1), **on)


def test_text_loses_what_no_database_can_hold() -> None:
    assert one_line("  Keripik\x00  Bu\u202e Sri\n ") == "Keripik Bu Sri"
    assert lines("satu\r\ndua\x07") == "satu\ndua"
    assert searchable("Kripik “Témpe” No.1") == "kripik tempe no 1"
