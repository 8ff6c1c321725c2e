"""Reading cells: text, references, whole and decimal numbers, days, choices.

A reader takes a cell that is not empty and answers a value, or raises BadValue with a sentence that says
what to write instead. Text is data: it is trimmed, a guard quote is taken off, and it is never evaluated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ..i18n import _, format_whole
from ..tabular import Cell, unguard

MAX_INT = 2**63 - 1
MAX_REF = 64
MAX_NAME = 300
MAX_DESCRIPTION = 10_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
EXACT_FLOAT = 10**15
"""Spreadsheets keep fifteen digits of a number: a longer one has lost its last digits."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_BROKEN = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("[\\s\u2028\u2029]*[\t\r\n\u2028\u2029][\\s\u2028\u2029]*")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_WHOLE = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,0*|,-|\.0{1,2})?")
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d+)?|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,})")


class BadValue(ValueError):
    """A cell that cannot be taken; `sentence` says what to write instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def is_empty(cell: Cell) -> bool:
    """Whether a cell has nothing in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """A cell as it is shown to people and written to the list of refused rows."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_FLOAT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return str(cell)


def read_text(cell: Cell, limit: int, *, keep_lines: bool = False) -> str:
    """Text as it will be stored. Raises BadValue when it is too long or holds what no text may."""
    text = unguard(cell.strip()) if isinstance(cell, str) else shown(cell)
    if not text.isascii():
        if _BROKEN.search(text):
            raise BadValue(
                _("Teks ini rusak (bukan UTF-8). Ketik ulang, lalu simpan sebagai CSV UTF-8 atau XLSX.")
            )
        text = unicodedata.normalize("NFC", text)
    found = _CONTROL.search(text)
    if found:
        raise BadValue(
            _(
                "Berisi tanda kendali yang tidak terlihat (U+%(code)s). Ketik ulang isinya.",
                code=f"{ord(found.group()):04X}",
            )
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n") if keep_lines else _BREAKS.sub(" ", text)
    if len(text) > limit:
        raise BadValue(
            _(
                "Terlalu panjang: %(length)s karakter, paling banyak %(limit)s. Persingkat isinya.",
                length=format_whole(len(text)),
                limit=format_whole(limit),
            )
        )
    return text


def text(limit: int, *, keep_lines: bool = False) -> Callable[[Cell], str]:
    """A reader of text up to a length; line breaks are kept or become blanks."""

    def read(cell: Cell) -> str:
        return read_text(cell, limit, keep_lines=keep_lines)

    return read


name = text(MAX_NAME)
"""A name, up to 300 characters."""

description = text(MAX_DESCRIPTION, keep_lines=True)
"""A description, up to 10,000 characters."""

ref = text(MAX_REF)
"""A reference of the city's own, up to 64 characters."""


def number_text(limit: int = MAX_REF) -> Callable[[Cell], str]:
    """A reader of a number that is a name (NIK, GTIN): digits that a spreadsheet has not rounded."""

    def read(cell: Cell) -> str:
        if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT_FLOAT:
            raise BadValue(
                _("Tersimpan sebagai bilangan, sehingga angka terakhirnya hilang. Jadikan sel ini teks.")
            )
        return read_text(cell, limit)

    return read


def day(cell: Cell) -> date:
    """A day: 2026-11-22, 22/11/2026 or a date cell."""
    if isinstance(cell, datetime):
        found: date | None = cell.date()
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, str):
        found = _day_of(unguard(cell.strip()))
    else:
        found = None
    if found is None:
        raise BadValue(_("Bukan tanggal. Tulis seperti 2026-11-22 atau 22/11/2026."))
    if found.year > LAST_YEAR:
        raise BadValue(
            _("Tahun %(year)d terlalu jauh. Bila tidak ada batasnya, kosongkan selnya.", year=found.year)
        )
    if found.year < FIRST_YEAR:
        raise BadValue(
            _("Tahun %(year)d terlalu lama. Tulis tahun yang benar, empat angka.", year=found.year)
        )
    return found


def _day_of(written: str) -> date | None:
    """The day in a text; None for another form. Raises BadValue for a day that no calendar has."""
    if match := _DAY.fullmatch(written):
        year, month, number = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(written):
        number, month, year = (int(part) for part in match.groups())
    else:
        return None
    if year == 0:
        raise BadValue(_("Tahun 0000 tidak ada. Tulis tahun yang benar, empat angka."))
    try:
        return date(year, month, number)
    except ValueError:
        raise BadValue(_("Tanggal ini tidak ada di kalender. Periksa hari dan bulannya.")) from None


def whole(low: int = -MAX_INT, high: int = MAX_INT) -> Callable[[Cell], int]:
    """A reader of whole numbers between two bounds; '1.500' is one thousand five hundred."""

    def read(cell: Cell) -> int:
        number = _whole_of(cell)
        if number is None:
            raise BadValue(_("Bukan bilangan bulat. Tulis angka saja, misalnya 1500 atau 1.500."))
        if not low <= number <= high:
            raise BadValue(_out_of_bounds(low, high))
        return number

    return read


def _whole_of(cell: Cell) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    if not isinstance(cell, str):
        return None
    if cell.isascii() and cell.isdigit() and len(cell) < 19:
        return int(cell)
    bare = _bare_number(cell)
    if not _WHOLE.fullmatch(bare):
        return None
    digits = re.sub(r"(,0*|,-|(?<=\d)\.0{1,2})$", "", bare).replace(".", "")
    return int(digits) if len(digits) < 40 else MAX_INT * 2


def _bare_number(written: str) -> str:
    """A number as text without rupiah sign, blanks and typographic minus."""
    text = unguard(written.strip()).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-")
    text = re.sub(r"^([+-]?)\s*(?:[Rr][Pp]|IDR)\.?\s*", r"\1", text)
    return text.replace(" ", "") if text.isascii() else ""


def _out_of_bounds(low: int, high: int) -> str:
    if low > -MAX_INT and high == MAX_INT:
        if low == 0:
            return _("Tidak boleh kurang dari nol, dan paling banyak 18 angka.")
        return _("Paling sedikit %(low)s, dan paling banyak 18 angka.", low=format_whole(low))
    if low > -MAX_INT:
        return _("Harus antara %(low)s dan %(high)s.", low=format_whole(low), high=format_whole(high))
    return _("Terlalu besar. Periksa lagi angkanya.")


def decimal(places: int, low: Decimal | int, high: Decimal | int) -> Callable[[Cell], Decimal]:
    """A reader of numbers with decimals: '12,5' and '12.5' are twelve and a half; rounded to `places`."""
    step = Decimal(1).scaleb(-places)

    def read(cell: Cell) -> Decimal:
        number = _decimal_of(cell)
        if number is None:
            raise BadValue(_("Bukan bilangan. Tulis misalnya 12,5 atau 12.5."))
        if not low <= number <= high:
            raise BadValue(_("Harus antara %(low)s dan %(high)s.", low=low, high=high))
        return number.quantize(step, rounding=ROUND_HALF_UP)

    return read


def _decimal_of(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return None
    if isinstance(cell, str):
        bare = _bare_number(cell).removesuffix("%")
        if len(bare) > 60 or not _DECIMAL.fullmatch(bare):
            return None
        if "," in bare or bare.count(".") > 1:
            bare = bare.replace(".", "").replace(",", ".")
        written = bare
    else:
        written = repr(cell)
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def choice(options: Mapping[str, tuple[str, ...]]) -> Callable[[Cell], str]:
    """A reader of one of some words; `options` gives other spellings of each."""
    table = {fold(spelling): word for word, others in options.items() for spelling in (word, *others)}

    def read(cell: Cell) -> str:
        word = table.get(fold(read_text(cell, MAX_NAME)))
        if word is None:
            raise BadValue(
                _("Pilihan tidak dikenal. Tulis salah satu dari: %(words)s.", words=", ".join(options))
            )
        return word

    return read


def choices(options: Mapping[str, tuple[str, ...]]) -> Callable[[Cell], list[str]]:
    """A reader of several of some words, ';' between; each once, in the order of `options`."""
    one = choice(options)

    def read(cell: Cell) -> list[str]:
        parts = {one(part) for part in read_text(cell, 1000).split(";") if part.strip()}
        if not parts:
            raise BadValue(
                _("Pilihan tidak dikenal. Tulis salah satu dari: %(words)s.", words=", ".join(options))
            )
        return [word for word in options if word in parts]

    return read


def fold(word: str) -> str:
    """A word for comparing headers and choices: lower case, blanks and dashes as underscores."""
    return re.sub(r"[\s_\-.]+", "_", word.strip().lower()).strip("_")
