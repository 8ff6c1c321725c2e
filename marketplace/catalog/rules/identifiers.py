"""Numbers of permits and certificates on the label: P-IRT, BPOM, halal. Odd ones warn, they never refuse.

Sources: domain.md 3.4 to 3.6. The meaning of the last digits of a halal number is an inference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ...i18n import _
from .checks import Check, fine, odd

MAX_NUMBER_LENGTH = 64
_PIRT_WORDS = re.compile(r"^(spp|p)\W*irt\W*(nomor|no)?\W*", re.IGNORECASE)
_BPOM_WORDS = re.compile(r"^(bpom|badan\s?pom|pom)?\s*(ri)?\W*", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D+", re.ASCII)
_HALAL = re.compile(r"ID\d{14}(\d{3})?", re.ASCII)
_BPOM_FOOD = re.compile(r"(MD|ML)\s?\d{12,15}", re.ASCII)
_BPOM_OTHER = re.compile(r"(TR|TI|NA|SD|SI)\s?\d{9,15}", re.ASCII)
IMPORTED = ("ML", "TI", "SI")


class Paper(StrEnum):
    """A permit or certificate on the label."""

    PIRT = "pirt"
    HALAL = "halal"
    BPOM = "bpom"


@dataclass(frozen=True)
class PirtParts:
    """What the digits of a P-IRT number say. The old form of 12 digits names no year."""

    packaging: int
    food_kind: str
    region_code: str
    food_serial: str
    producer_serial: str
    expires_year: int | None


@dataclass(frozen=True)
class Certificate:
    """A number on the label as a page shows it. `state`: valid, expired or odd."""

    paper: Paper
    number: str
    state: str
    sentence: str = ""
    expires_year: int | None = None


def tidy_digits(text: str) -> str:
    """The ASCII digits of a text."""
    return _NOT_DIGIT.sub("", text)


def pirt_parts(number: str) -> PirtParts | None:
    """The parts of a P-IRT number of 15 or 12 digits; None for anything else."""
    digits = tidy_digits(number)
    if len(digits) not in (12, 15):
        return None
    return PirtParts(
        packaging=int(digits[0]),
        food_kind=digits[1:3],
        region_code=f"{digits[3:5]}.{digits[5:7]}",
        food_serial=digits[7:9],
        producer_serial=digits[9:13] if len(digits) == 15 else digits[9:12],
        expires_year=2000 + int(digits[13:15]) if len(digits) == 15 else None,
    )


def write_pirt(number: str) -> str:
    """A P-IRT number as it stands on a label: 1234567890123-45."""
    digits = tidy_digits(number)
    return f"{digits[:13]}-{digits[13:]}" if len(digits) == 15 else number


def check_pirt(text: str | None, day: date, region_names: Mapping[str, str] | None = None) -> Check:
    """A P-IRT number: its length, its regency (against `region_names`, where given) and its last year."""
    typed = (text or "").strip()
    if not typed:
        return fine(None)
    digits = _PIRT_WORDS.sub("", typed)
    bare = tidy_digits(digits)
    parts = pirt_parts(bare)
    if parts is None or re.search(r"[^\d\s.\-/]", digits, re.ASCII):
        sentence = _("Nomor P-IRT biasanya 15 angka, misalnya 2063372010123-28. Periksa lagi labelnya.")
        return odd(typed, sentence)
    if parts.packaging not in range(1, 9):
        sentence = _("Angka pertama P-IRT adalah jenis kemasan, 1 sampai 8. Periksa lagi dengan labelnya.")
        return odd(bare, sentence)
    if region_names is not None and parts.region_code not in region_names:
        sentence = _(
            "Angka 4–7 P-IRT adalah kode kabupaten atau kota; %(code)s tidak ada di daftar. "
            "Periksa lagi dengan labelnya.",
            code=parts.region_code,
        )
        return odd(bare, sentence)
    if parts.expires_year is None:
        sentence = _("Ini nomor P-IRT lama (12 angka) tanpa tahun. Ganti dengan nomor 15 angka bila ada.")
        return odd(bare, sentence)
    if parts.expires_year < day.year:
        sentence = _("Menurut nomornya, P-IRT ini habis pada akhir %(year)d.", year=parts.expires_year)
        return odd(bare, sentence)
    return fine(bare)


def check_halal(text: str | None) -> Check:
    """A BPJPH certificate number: ID and 14 digits, or ID and 17 of which the last four are MMYY."""
    typed = (text or "").strip()
    if not typed:
        return fine(None)
    bare = re.sub(r"[\s.\-]+", "", typed).upper()
    if not _HALAL.fullmatch(bare):
        sentence = _(
            "Nomor sertifikat halal BPJPH dimulai ID lalu 14 atau 17 angka. "
            "Nomor ketetapan MUI bukan nomor sertifikat."
        )
        return odd(typed, sentence)
    if len(bare) == 19 and not 1 <= int(bare[-4:-2]) <= 12:
        sentence = _("Empat angka terakhir nomor halal biasanya bulan dan tahun terbit. Periksa lagi.")
        return odd(bare, sentence)
    return fine(bare)


def check_bpom(text: str | None) -> Check:
    """A BPOM number: MD or ML for food, TR and TI for jamu, NA for cosmetics, SD and SI for supplements."""
    typed = (text or "").strip()
    if not typed:
        return fine(None)
    bare = re.sub(r"[\s.\-]+", "", _BPOM_WORDS.sub("", typed)).upper()
    if not (_BPOM_FOOD.fullmatch(bare) or _BPOM_OTHER.fullmatch(bare)):
        sentence = _(
            "Nomor BPOM dimulai dua huruf (MD untuk makanan, TR untuk jamu) lalu angkanya, "
            "misalnya MD 235602169254. Periksa lagi."
        )
        return odd(typed, sentence)
    written = f"{bare[:2]} {bare[2:]}"
    if bare[:2] in IMPORTED:
        return odd(
            written,
            _("Nomor BPOM %(kind)s adalah untuk barang impor, bukan buatan sendiri.", kind=bare[:2]),
        )
    return fine(written)


def papers_of(
    pirt_number: str | None, halal_number: str | None, bpom_number: str | None, day: date
) -> list[Certificate]:
    """The numbers that a product carries, each with what can be said of it on a day."""
    found = []
    if pirt_number:
        check, parts = check_pirt(pirt_number, day), pirt_parts(pirt_number)
        year = parts.expires_year if parts else None
        state = "expired" if year is not None and year < day.year else "odd" if check.warning else "valid"
        found.append(Certificate(Paper.PIRT, write_pirt(pirt_number), state, check.sentence, year))
    for paper, number, check in (
        (Paper.BPOM, bpom_number, check_bpom(bpom_number)),
        (Paper.HALAL, halal_number, check_halal(halal_number)),
    ):
        if number:
            state = "odd" if check.warning else "valid"
            found.append(Certificate(paper, check.value or number, state, check.sentence))
    return found
