"""A seller's own QRIS code: read, checked to the last letter, and given an amount. Nothing is added to it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import InvalidInput, RuleBroken
from marketplace.payments.rules.qris import CRC_TAG, crc16, fields_of, read_static, with_amount

STATIC = (
    "00020101021126690017ID.CO.EXAMPLE.WWW011893600000000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW"
    "0215ID00000000000010303UMI5204549953033605802ID5920KERIPIK TEMPE CONTOH6009SURAKARTA6105571116304B401"
)
WITH_25_000 = (
    "00020101021226690017ID.CO.EXAMPLE.WWW011893600000000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW"
    "0215ID00000000000010303UMI5204549953033605405250005802ID5920KERIPIK TEMPE CONTOH6009SURAKARTA"
    "6105571116304F193"
)
LIMIT = 10_000_000


def built(changes=None, *, last_first=False):
    """The static code with fields changed (None: left out), and its checksum made anew."""
    fields = {tag: value for tag, value in fields_of(STATIC).items() if tag != CRC_TAG} | (changes or {})
    parts = [f"{tag}{len(value):02d}{value}" for tag, value in fields.items() if value is not None]
    body = "".join(parts) + "6304"
    return body + crc16(body)


def why(text):
    with pytest.raises(InvalidInput) as refused:
        read_static(text)
    assert "payload" in refused.value.fields
    return refused.value.details["why"]


def test_the_checksum_is_the_published_one():
    assert crc16("123456789") == "29B1"


def test_a_whole_code_says_whom_it_pays():
    code = read_static(f"  {STATIC}\n")
    assert (code.merchant_name, code.merchant_city) == ("KERIPIK TEMPE CONTOH", "SURAKARTA")
    assert (code.nmid, code.payload) == ("ID0000000000001", STATIC)
    assert built() == STATIC


def test_an_amount_is_put_in_and_nothing_else_changes():
    assert with_amount(read_static(STATIC), 25_000, LIMIT) == WITH_25_000


@given(amount=st.integers(1, LIMIT))
def test_any_amount_reads_back_and_all_other_fields_stay(amount):
    made = fields_of(with_amount(read_static(STATIC), amount, LIMIT))
    assert (made.pop("54"), made.pop("01")) == (str(amount), "12")
    before = fields_of(STATIC)
    assert {tag: value for tag, value in made.items() if tag != "63"} == {
        tag: value for tag, value in before.items() if tag not in {"01", "63"}
    }


@pytest.mark.parametrize("amount", [0, -1, LIMIT + 1])
def test_no_amount_beyond_one_transaction(amount):
    with pytest.raises(RuleBroken) as refused:
        with_amount(read_static(STATIC), amount, LIMIT)
    assert refused.value.code == "qris_limit"


@given(place=st.integers(0, len(STATIC) - 1), letter=st.characters(min_codepoint=32, max_codepoint=126))
def test_a_code_with_one_letter_changed_is_refused(place, letter):
    changed = STATIC[:place] + letter + STATIC[place + 1 :]
    if (changed[:-4], changed[-4:].upper()) != (STATIC[:-4], STATIC[-4:]):
        with pytest.raises(InvalidInput):
            read_static(changed)


@given(length=st.integers(1, len(STATIC) - 1))
def test_a_code_cut_anywhere_is_refused(length):
    with pytest.raises(InvalidInput):
        read_static(STATIC[:length])


@given(text=st.text(max_size=600))
def test_whatever_is_pasted_it_is_a_sentence_and_no_crash(text):
    with pytest.raises(InvalidInput):
        read_static(text)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"00": "02"}, "not_qris"),
        ({"01": "12"}, "dynamic"),
        ({"01": None}, "kind"),
        ({"54": "1000"}, "dynamic"),
        ({"53": "840"}, "currency"),
        ({"58": "MY"}, "currency"),
        ({"55": "02"}, "fee"),
        ({"55": "03"}, "fee"),
        ({"56": "1000"}, "fee"),
        ({"57": "1.5"}, "fee"),
        ({"59": "N" * 26}, "merchant"),
        ({"59": None}, "merchant"),
        ({"60": "C" * 16}, "merchant"),
        ({"52": "54"}, "category"),
        ({"51": None}, "nmid"),
        ({"51": "0014ID.CO.QRIS.WWW0215XX0000000000001"}, "nmid"),
        ({"51": "0014ID.CO.QRIX.WWW0215ID0000000000001"}, "nmid"),
        ({"26": "0017ID.CO.EXAMPLE.WWW0017ID.CO.EXAMPLE.WWW"}, "tag_twice"),
        ({"26": "0099ID.CO"}, "cut"),
    ],
)
def test_what_is_no_static_rupiah_code_of_a_merchant_is_refused(changes, reason):
    assert why(built(changes)) == reason


def test_a_tag_twice_a_wrong_checksum_and_foreign_texts_are_refused():
    body = STATIC[:-8] + "5802ID" + "6304"
    assert why(body + crc16(body)) == "tag_twice"
    assert why(STATIC[:-4] + "0000") == "crc"
    assert why("https://contoh.example/bayar") in {"cut", "not_qris"}
    assert why("") == "empty"
    assert why("0" * 513) == "too_long"
    assert why(STATIC.replace("KERIPIK", "KERI\x00IK")) == "cut"


def test_a_lower_case_checksum_is_the_same():
    assert read_static(STATIC[:-4] + STATIC[-4:].lower()).merchant_name == "KERIPIK TEMPE CONTOH"


def test_two_letters_that_changed_places_are_found():
    turn = random.Random(7)
    for _round in range(50):
        a = turn.randrange(len(STATIC) - 1)
        if STATIC[a] != STATIC[a + 1]:
            with pytest.raises(InvalidInput):
                read_static(STATIC[:a] + STATIC[a + 1] + STATIC[a] + STATIC[a + 2 :])
