"""Cells are read as CONTRACT says: days, Indonesian numbers, text with its limits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace import i18n
from marketplace.importing import values
from marketplace.tabular import guard, unguard


@pytest.fixture(autouse=True)
def _speaking():
    app = Flask(__name__)
    i18n.init_app(app)
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        (" 22/11/2026 ", date(2026, 11, 22)),
        ("1/2/2026", date(2026, 2, 1)),
        ("2026-11-22 00:00:00", date(2026, 11, 22)),
        (date(2026, 11, 22), date(2026, 11, 22)),
        (datetime(2026, 11, 22), date(2026, 11, 22)),  # noqa: DTZ001
        ("'2026-11-22", None),
    ],
)
def test_days_are_read_in_every_promised_form(cell, day):
    if day is None:
        with pytest.raises(values.BadValue):
            values.day(cell)
    else:
        assert values.day(cell) == day


@pytest.mark.parametrize(
    "cell",
    [
        "0000-01-01",
        "9999-12-31",
        "01/01/0000",
        "31/12/9999",
        "2026-02-30",
        "31-11-2026x",
        "22/11/26",
        46000.0,
        True,
        "kemarin",
        "2026-13-01",
        "12/31/2026",
    ],
)
def test_impossible_days_are_refused_with_a_sentence(cell):
    with pytest.raises(values.BadValue) as refused:
        values.day(cell)
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1500", 1500),
        ("1.500", 1500),
        ("1.234.567", 1234567),
        ("Rp 25.000", 25000),
        ("Rp25.000,00", 25000),
        ("rp. 1.000", 1000),
        ("25000.00", 25000),
        ("12,00", 12),
        (1500.0, 1500),
        (7, 7),
        ("+5", 5),
        ("0", 0),
        ("9223372036854775807", 2**63 - 1),
        ("1\u00a0500", 1500),
        ("12.000,-", 12000),
    ],
)
def test_whole_numbers_are_read_the_indonesian_way(cell, number):
    assert values.whole(0)(cell) == number


@pytest.mark.parametrize(
    "cell",
    [
        "9223372036854775808",
        "9" * 400,
        "1,5",
        "1.5",
        "12.34.567",
        "1e5",
        "",
        "-",
        "NaN",
        "inf",
        True,
        1.5,
        "-1",
        float("nan"),
        1e30,
        "٣",
        "5 biji",
        "=1+1",
        "0x10",
    ],
)
def test_what_is_no_whole_number_is_refused(cell):
    with pytest.raises(values.BadValue):
        values.whole(0)(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("1.500", "1.5"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("-7,561022", "-7.561022"),
        ("\u22127.5", "-7.5"),
        (20.0, "20"),
        ("20%", "20"),
        ("110.8228351", "110.822835"),
        (7, "7"),
    ],
)
def test_decimal_numbers_take_a_comma_and_a_lone_dot(cell, number):
    assert values.decimal(6, -(10**7), 10**7)(cell) == Decimal(number)


@pytest.mark.parametrize(
    "cell", ["1,234.5", "abc", "1e400", float("inf"), "--5", "12,5,5", "91", "nan", True]
)
def test_what_is_no_decimal_number_is_refused(cell):
    with pytest.raises(values.BadValue):
        values.decimal(6, -90, 90)(cell)


def test_text_is_trimmed_unguarded_and_limited():
    assert values.ref("  T 1  ") == "T 1"
    assert values.name("'=SUM(A1)") == "=SUM(A1)"
    assert values.name("''=x") == "'=x"
    assert values.name("'biasa") == "'biasa"
    assert values.name("satu\r\ndua") == "satu dua"
    assert values.description("satu\r\ndua\tx") == "satu\ndua\tx"
    assert values.ref(3372.0) == "3372"
    assert len(values.name("a" * 300)) == 300
    for reader, text in (
        (values.name, "a" * 301),
        (values.ref, "a" * 65),
        (values.description, "a" * 10_001),
    ):
        with pytest.raises(values.BadValue, match="Terlalu panjang"):
            reader(text)


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31mmerah", "a\ud800b", "a\x7f", "\ufffe", "a\x85b"])
def test_control_characters_and_broken_text_are_refused(text):
    with pytest.raises(values.BadValue):
        values.name(text)


def test_a_long_number_that_a_spreadsheet_rounded_is_refused():
    with pytest.raises(values.BadValue, match="teks"):
        values.number_text()(3.372010101900001e15)


@given(st.text())
def test_unguard_undoes_guard_for_every_text(text):
    assert unguard(guard(text)) == text


@given(st.text())
def test_a_guarded_text_never_begins_like_a_formula(text):
    assert guard(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
