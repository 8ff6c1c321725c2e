"""Decisions about people's data: phone numbers, e-mail addresses, passwords, lifetimes."""

from __future__ import annotations

import re
from datetime import timedelta

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ..errors import InvalidInput
from ..i18n import _

MIN_PASSWORD, MAX_PASSWORD = 8, 200
MAX_NAME = 300
RESET_LIFETIME = timedelta(hours=1)
INVITED_LIFETIME = timedelta(days=7)
"""A link that sets the first password of an account somebody else made."""
CODE_LIFETIME = timedelta(minutes=15)
CODE_DIGITS = 8
CODE_TRIES = 5
SHORT_SESSION = timedelta(hours=12)
"""A sign-in on somebody else's device."""

COMMON_PASSWORDS = frozenset(
    "12345678 123456789 1234567890 11111111 00000000 87654321 password password1 password123 qwerty123 "
    "qwertyuiop iloveyou sayangku sayang123 indonesia indonesia1 surakarta solo1234 bismillah bismillah1 "
    "rahasia123 rahasia1 admin123 adminadmin katasandi katasandi123 etalase123 etalase1".split()
)


class WrongSignIn(InvalidInput):
    """Nobody, or not with this secret; it never says which of the two."""

    code = "wrong_sign_in"


class LinkExpired(InvalidInput):
    """The link was used, is too old, or never was."""

    code = "link_expired"


def phone_e164(text: str) -> str | None:
    """A phone number as +62..., or None when it is none: 0812-3456-7890 and (0271) 712345 are.

    A number that begins with 62 would be read as a local one, and pass as valid: it gets its plus first.
    """
    bare = re.sub(r"[^\d+]", "", text)
    if bare.startswith("0062"):
        bare = "+" + bare[2:]
    if bare.startswith("62") and len(bare) >= 11:
        bare = "+" + bare
    try:
        number = phonenumbers.parse(bare, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_for_reading(e164: str | None) -> str:
    """A stored number as Indonesians write it: 0812-3456-7890; foreign ones with their country code."""
    if not e164:
        return ""
    number = phonenumbers.parse(e164, "ID")
    formats = phonenumbers.PhoneNumberFormat
    shape = formats.NATIONAL if number.country_code == 62 else formats.INTERNATIONAL
    return phonenumbers.format_number(number, shape)


def email_key(text: str) -> str | None:
    """An e-mail address as it is kept (lower case), or None when it is none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def identifier(text: str) -> str | None:
    """What somebody types to say who they are: an e-mail address or a phone number, as it is kept."""
    return email_key(text) if "@" in text else phone_e164(text)


def require_phone(text: str) -> str:
    """The number as it is kept. Raises InvalidInput when it is none."""
    found = phone_e164(text)
    if found is None:
        sentence = _("Tulis nomor HP Indonesia, misalnya 0812 3456 7890.")
        raise InvalidInput(sentence, {"phone": sentence})
    return found


def require_email(text: str) -> str:
    """The address as it is kept. Raises InvalidInput when it is none."""
    found = email_key(text)
    if found is None or len(found) > 320:
        sentence = _("Tulis alamat surel lengkap, misalnya nama@contoh.id.")
        raise InvalidInput(sentence, {"email": sentence})
    return found


def require_password(password: str, *, personal: tuple[str | None, ...] = ()) -> str:
    """The password when it is good enough. Raises InvalidInput: too short, too common, or one's own name."""
    own = {word.lower() for word in personal if word}
    plain = password.strip().lower()
    if len(password) < MIN_PASSWORD:
        sentence = _("Kata sandi paling sedikit %(count)s huruf atau angka.", count=MIN_PASSWORD)
    elif len(password) > MAX_PASSWORD:
        sentence = _("Kata sandi paling banyak %(count)s huruf.", count=MAX_PASSWORD)
    elif plain in COMMON_PASSWORDS or len(set(plain)) < 3:
        sentence = _("Kata sandi ini mudah ditebak. Pilih yang lain, misalnya tiga kata yang Anda ingat.")
    elif plain in own:
        sentence = _("Kata sandi jangan sama dengan nama, surel, atau nomor HP Anda.")
    else:
        return password
    raise InvalidInput(sentence, {"password": sentence})
