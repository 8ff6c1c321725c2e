"""Cells of bank statements as Indonesian banks write them: days with and without a year, amounts with sen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from ... import clock
from ...i18n import _
from ...importing.values import BadValue
from ...importing.values import day as plain_day
from ...tabular import Cell, unguard
from ..rules import MAX_RUPIAH

IN, OUT = "in", "out"
DIRECTIONS = {
    **dict.fromkeys(("cr", "c", "k", "kr", "kredit", "credit", "masuk", "+"), IN),
    **dict.fromkeys(("db", "d", "dr", "debet", "debit", "keluar", "-"), OUT),
}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januari"), ("feb", "februari"), ("mar", "maret", "march"), ("apr", "april"),
            ("mei", "may"), ("jun", "juni", "june"), ("jul", "juli", "july"),
            ("agu", "ags", "agt", "aug", "agustus", "august"), ("sep", "sept", "september"),
            ("okt", "oct", "oktober", "october"), ("nov", "november"), ("des", "dec", "desember", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_NAMED_DAY = re.compile(r"(\d{1,2})[ \-/.]([A-Za-z]{3,9})\.?[ \-/.](\d{2}|\d{4})")
_SHORT_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2})")
_NO_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{1,2})")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"[ T]+\d{1,2}[:.]\d{2}([:.]\d{2})?(\.\d+)?( ?WIB)?$")
_AMOUNT = re.compile(r"([+-]?)\s*(?:rp|idr)?\.?\s*([+-]?)([\d.,]+)\s*([a-z]*|[+-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of a statement: whole rupiah, whether sen were left out, its way where the cell says it."""

    rupiah: int
    has_sen: bool = False
    way: str = ""


def bank_day(cell: Cell) -> date:
    """A day: also 22-Nov-2026, 22/11/26, 20261122, with the time of day, or 22/11 of the year up to today."""
    if not isinstance(cell, str):
        return plain_day(cell)
    text = _TIME.sub("", unguard(cell.strip()).lstrip("'"))
    found: tuple[int, int, int] | None = None
    if match := _NAMED_DAY.fullmatch(text):
        month = MONTHS.get(match[2].lower())
        found = (_year(match[3]), month, int(match[1])) if month else None
    elif match := _SHORT_DAY.fullmatch(text):
        found = _year(match[3]), int(match[2]), int(match[1])
    elif match := _SOLID.fullmatch(text):
        found = int(match[1]), int(match[2]), int(match[3])
    elif match := _NO_YEAR.fullmatch(text):
        return _latest(int(match[1]), int(match[2]))
    if found is None:
        return plain_day(text)
    try:
        return date(*found)
    except ValueError:
        raise _no_such_day() from None


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _latest(number: int, month: int) -> date:
    """The last such day of the year that ends today."""
    today = clock.today()
    for year in (today.year, today.year - 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day <= today:
            return day
    raise _no_such_day()


def _no_such_day() -> BadValue:
    return BadValue(_("Tanggal ini tidak ada di kalender. Periksa hari dan bulannya."))


def bank_amount(cell: Cell) -> Amount:
    """An amount: 1.234.567,00 or 1,234,567.00 or 1234567, with CR, DB, K, D, + or - where a bank adds it."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise _no_amount()
    if isinstance(cell, int | float):
        number = Decimal(repr(cell))
        if not number.is_finite():
            raise _no_amount()
        return _amount(abs(number), OUT if number < 0 else "")
    text = unguard(cell.strip()).lstrip("'").replace("\u00a0", " ").replace("\u2212", "-").strip()
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or len(text) > 60:
        raise _no_amount()
    sign = match[1] or match[2]
    word = match[4].lower()
    way = DIRECTIONS.get(word, "")
    if word and not way:
        raise _no_amount()
    return _amount(_number(match[3]), way or (OUT if sign == "-" else ""))


def _number(digits: str) -> Decimal:
    """The last separator is the decimal one when one or two digits follow it; all others part thousands."""
    match = re.fullmatch(r"(.*\d)[.,](\d{1,2})", digits)
    whole, sen = (match[1], match[2]) if match else (digits, "")
    if not re.fullmatch(r"\d+|\d{1,3}(\.\d{3})+|\d{1,3}(,\d{3})+", whole):
        raise _no_amount()
    try:
        return Decimal(f"{whole.replace('.', '').replace(',', '')}.{sen or 0}")
    except InvalidOperation:
        raise _no_amount() from None


def _amount(number: Decimal, way: str) -> Amount:
    if number > MAX_RUPIAH:
        raise BadValue(_("Terlalu besar. Periksa lagi angkanya."))
    return Amount(int(number), number != int(number), way)


def _no_amount() -> BadValue:
    return BadValue(_("Bukan jumlah uang. Tulis misalnya 1.250.000,00 atau 1,250,000.00."))


def direction(cell: Cell) -> str:
    """Whether money came in or went out: CR or DB, K or D, kredit or debet, + or -."""
    word = unguard(str(cell).strip()).strip("'. ").lower()
    if word not in DIRECTIONS:
        raise BadValue(_("Tulis CR untuk uang masuk atau DB untuk uang keluar."))
    return DIRECTIONS[word]


def is_day(cell: Cell) -> bool:
    """Whether a cell is a day as a statement writes it."""
    try:
        bank_day(cell)
    except BadValue:
        return False
    return True
