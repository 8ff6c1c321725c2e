"""Phone numbers, addresses and passwords as people write them."""

from __future__ import annotations

import pytest

from marketplace.accounts import rules
from marketplace.errors import InvalidInput


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("62 812 3456 7890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("812 3456 7890", "+6281234567890"),
        ("(0271) 712345", "+62271712345"),
        ("62271712345", "+62271712345"),
        ("+65 6123 4567", "+6561234567"),
    ],
)
def test_a_phone_number_is_kept_in_one_way(written, kept):
    assert rules.phone_e164(written) == kept


@pytest.mark.parametrize(
    "written", ["", "abc", "12", "0812", "08" + "1" * 30, "+", "0812345678901234", "999999"]
)
def test_what_is_no_phone_number_is_none(written):
    assert rules.phone_e164(written) is None
    with pytest.raises(InvalidInput) as refused:
        rules.require_phone(written)
    assert "phone" in refused.value.fields


def test_a_number_is_shown_as_indonesians_write_it():
    assert rules.phone_for_reading("+6281234567890") == "0812-3456-7890"
    assert rules.phone_for_reading("+6561234567") == "+65 6123 4567"
    assert rules.phone_for_reading(None) == ""


@pytest.mark.parametrize(
    "written", ["", "siti", "siti@", "@contoh.id", "a b@contoh.id", "siti@contoh", "x" * 400 + "@a.id"]
)
def test_what_is_no_address_is_none(written):
    assert rules.email_key(written) is None


def test_an_address_is_kept_in_small_letters():
    assert rules.email_key("  Siti@Contoh.ID ") == "siti@contoh.id"


@pytest.mark.parametrize(
    "password",
    ["", "pendek", "12345678", "Password", "aaaaaaaaaaaa", "x1" * 101, "siti contoh", "+6281234567890"],
)
def test_a_password_that_is_easily_guessed_is_refused(app, password):
    with pytest.raises(InvalidInput) as refused:
        rules.require_password(password, personal=("Siti Contoh", None, "+6281234567890"))
    assert "password" in refused.value.fields


@pytest.mark.parametrize(
    "password", ["tiga kata lewat", "kucing-hijau-7", "ꦱꦺꦴꦭꦺꦴ batik", "  spasi di tepi  "]
)
def test_any_other_password_is_fine(password):
    assert rules.require_password(password) == password
