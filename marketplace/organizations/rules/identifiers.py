"""Numbers that the state gives people and businesses: what is wrong with one, in a sentence, or None."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from ...i18n import _

FEMALE_DAYS = 40
"""Women's day of birth is written plus 40."""


def clean_number(text: str | None) -> str:
    """A number as people write it, without blanks, dots and dashes."""
    return re.sub(r"[\s.\-/\u00a0]+", "", text or "")


def nik_problem(nik: str) -> str | None:
    """Why a NIK (16 digits, PPRRSS DDMMYY XXXX) cannot be one; None when it can."""
    if not re.fullmatch(r"[0-9]{16}", nik):
        return _("NIK harus 16 angka, seperti di KTP.")
    if len(set(nik)) == 1:
        return _("NIK ini berisi satu angka yang diulang. Salin dari KTP.")
    if not _is_birth_day(nik[6:12]):
        return _("Angka ke-7 sampai ke-12 NIK harus tanggal lahir (untuk perempuan tanggalnya ditambah 40).")
    if nik[12:] == "0000":
        return _("Empat angka terakhir NIK tidak boleh 0000.")
    return None


def nik_warning(nik: str, provinces: Collection[str]) -> str | None:
    """What is odd about a well-formed NIK: its first two digits are no province of today."""
    if nik[:2] in provinces:
        return None
    return _("Dua angka pertama NIK bukan kode provinsi yang dikenal. Periksa lagi dengan KTP.")


def _is_birth_day(ddmmyy: str) -> bool:
    day, month, year = int(ddmmyy[:2]), int(ddmmyy[2:4]), int(ddmmyy[4:])
    if day > FEMALE_DAYS:
        day -= FEMALE_DAYS
    return any(_is_date(century + year, month, day) for century in (1900, 2000))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def npwp_problem(npwp: str) -> str | None:
    """Why an NPWP (15 digits, or 16 that are a NIK or 0 and the old 15) cannot be one; None when it can."""
    if not re.fullmatch(r"[0-9]{15,16}", npwp):
        return _("NPWP harus 15 atau 16 angka.")
    if len(set(npwp)) == 1:
        return _("NPWP ini berisi satu angka yang diulang. Salin dari kartu NPWP.")
    if len(npwp) == 16 and not npwp.startswith("0"):
        return (
            None if nik_problem(npwp) is None else _("NPWP 16 angka milik perorangan harus sama dengan NIK.")
        )
    body = npwp[-15:]
    if not _luhn_holds(body[:9]):
        return _("Angka NPWP ini tidak cocok satu sama lain. Salin lagi dari kartu NPWP.")
    return None


def _luhn_holds(digits: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(digits)):
        number = int(character) * (2 if position % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def nib_problem(nib: str) -> str | None:
    """Why a NIB (13 digits, no check digit) cannot be one; None when it can."""
    if re.fullmatch(r"[0-9]{13}", nib) and len(set(nib)) > 1:
        return None
    return _("NIB harus 13 angka, seperti di surat dari OSS.")


def kbli_problem(code: str) -> str | None:
    """Why a class of business cannot be one: it has five digits."""
    if re.fullmatch(r"[0-9]{5}", code):
        return None
    return _("Kode KBLI harus 5 angka, misalnya 10794.")


def bank_account_problem(number: str) -> str | None:
    """Why a bank account number cannot be one: five to twenty digits."""
    if re.fullmatch(r"[0-9]{5,20}", number):
        return None
    return _("Nomor rekening hanya berisi angka, 5 sampai 20 angka.")


def whatsapp_url(phone_e164: str | None) -> str | None:
    """The chat link of a mobile number, digits only; None for a landline or none."""
    if not phone_e164 or not phone_e164.startswith("+628"):
        return None
    return f"https://wa.me/{phone_e164[1:]}"
