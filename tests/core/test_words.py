"""Rupiah in words: read back they are the same number, and said as people say them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.words import DIGITS, LIMIT, THOUSANDS, spelled, terbilang

VALUES = {word: value for value, word in enumerate(DIGITS)}
ONE_OF = {"sepuluh": "satu puluh", "sebelas": "satu belas", "seratus": "satu ratus", "seribu": "satu ribu"}


def read(text):
    """A number in words, read word by word."""
    total = group = last = 0
    for word in " ".join(ONE_OF.get(word, word) for word in text.split()).split():
        if word in VALUES:
            last = VALUES[word]
            group += last
        elif word == "belas":
            group += 10
        elif word in {"puluh", "ratus"}:
            group += last * {"puluh": 9, "ratus": 99}[word]
        else:
            total += group * 1000 ** THOUSANDS.index(word)
            group = 0
    return total + group


@given(st.integers(0, 15).flatmap(lambda power: st.integers(0, 10**power)) | st.integers(0, LIMIT - 1))
def test_words_read_back_are_the_number(number):
    words = spelled(number)
    assert read(words) == number
    assert "satu ratus" not in words
    assert "satu puluh" not in words
    assert "satu belas" not in words
    assert not re.search(r"(^|juta |miliar |triliun )satu ribu", words)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "nol rupiah"),
        (11, "sebelas rupiah"),
        (17, "tujuh belas rupiah"),
        (100, "seratus rupiah"),
        (1000, "seribu rupiah"),
        (11_000, "sebelas ribu rupiah"),
        (21_000, "dua puluh satu ribu rupiah"),
        (101_000, "seratus satu ribu rupiah"),
        (110_500, "seratus sepuluh ribu lima ratus rupiah"),
        (1_001_500, "satu juta seribu lima ratus rupiah"),
        (1_000_000, "satu juta rupiah"),
        (2_000_000_000, "dua miliar rupiah"),
        (1_111_111_111_111, (
            "satu triliun seratus sebelas miliar seratus sebelas juta seratus sebelas ribu "
            "seratus sebelas rupiah"
        )),
        (10**15, "satu kuadriliun rupiah"),
        (-1500, "minus seribu lima ratus rupiah"),
    ],
)  # fmt: skip
def test_amounts_are_said_as_people_say_them(amount, words):
    assert terbilang(amount) == words


def test_what_has_no_words_is_refused():
    with pytest.raises(ValueError, match="1000000000000000000"):
        terbilang(LIMIT)
