"""Reading the cells of a file of products: a category's path, yes or no, wholesale prices, a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import clock
from ...i18n import MONTHS, _
from ...importing import values
from ...money import parse_whole
from ...tabular import Cell
from .. import queries, rules
from ..rules import Check

MAX_PATH = 900
MAX_PIECES = 1_000_000
"""The largest number of pieces that a seller may ask for or promise."""
YES, NO = "ya", "tidak"
_TRUTH = values.choice(
    {YES: ("yes", "y", "true", "benar", "1", "v", "x"), NO: ("no", "t", "false", "salah", "0", "-")}
)
read_allergens = values.choices(
    {**{code: (str(code),) for code in rules.ALLERGENS}, rules.NO_ALLERGENS: ("tidak ada", "nihil", "none")}
)
read_storage = values.choice(
    {
        "room": ("suhu ruang", "ruang", "biasa"),
        "cool": ("sejuk", "sejuk dan kering", "tempat sejuk"),
        "chilled": ("kulkas", "dingin", "chiller"),
        "frozen": ("beku", "freezer"),
    }
)
_MONTHS = {values.fold(name): number for number, name in enumerate(MONTHS["id"], start=1)}


def read_truth(cell: Cell) -> bool:
    """Yes or no."""
    if isinstance(cell, bool):
        return cell
    return _TRUTH(values.shown(cell)) == YES


def read_month(cell: Cell) -> int:
    """A month by its number or name."""
    word = values.fold(values.read_text(cell, 20))
    if word in _MONTHS:
        return _MONTHS[word]
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= 12:
        return int(word)
    raise values.BadValue(_("Bukan bulan. Tulis angka 1 sampai 12, atau namanya."))


def read_tiers(cell: Cell) -> list[list[int]]:
    """Wholesale prices such as '12=14000; 48=13500'."""
    found = []
    for part in values.read_text(cell, 300).split(";"):
        if not part.strip():
            continue
        quantity, _sign, price = part.partition("=")
        try:
            found.append([parse_whole(quantity.strip()), parse_whole(price.strip())])
        except ValueError:
            raise values.BadValue(_("Tulis jumlah=harga, misalnya 12=14000; 48=13500.")) from None
        if not (1 < found[-1][0] <= MAX_PIECES and 0 < found[-1][1] <= rules.MAX_PRICE_RUPIAH):
            raise values.BadValue(_("Tulis jumlah=harga, misalnya 12=14000; 48=13500."))
    if len(found) > rules.MAX_TIERS:
        raise values.BadValue(_("Paling banyak %(most)d harga grosir.", most=rules.MAX_TIERS))
    return sorted(found)


def read_origin(cell: Cell) -> str:
    """A village by its code or its name."""
    text = values.read_text(cell, values.MAX_NAME)
    if text.replace(".", "").isdecimal() and queries.is_village(text):
        return text
    places = queries.places_named(text)
    if len(places) == 1:
        return places[0].code
    if places:
        names = "; ".join(place.label for place in places[:3])
        raise values.BadValue(
            _("Ada beberapa tempat dengan nama ini. Tulis lengkap: %(names)s.", names=names)
        )
    raise values.BadValue(_("Tempat ini tidak ditemukan. Tulis nama kelurahan atau desanya saja."))


def read_category(cell: Cell) -> str:
    """A path of categories with ' / ' between them."""
    path = rules.tidy_path(values.read_text(cell, MAX_PATH))
    if not path:
        raise values.BadValue(_("Tulis jenis produk, misalnya Makanan / Camilan."))
    if any(len(name) > values.MAX_NAME for name in path.split(" / ")):
        raise values.BadValue(_("Satu nama jenis paling panjang 300 karakter. Persingkat."))
    return path


def read_gtin(cell: Cell) -> str:
    """A GTIN with a right check digit."""
    check = rules.check_gtin(values.number_text()(cell))
    if not check.ok or check.value is None:
        raise values.BadValue(check.sentence)
    return check.value


def permit(check: Callable[[str], Check]) -> Callable[[Cell], str]:
    """A reader of a permit's number, tidied where it is recognised."""
    written = values.number_text()

    def read(cell: Cell) -> str:
        text = written(cell)
        return (check(text).value or text)[: values.MAX_REF]

    return read


def odd(check: Callable[[str], Check]) -> Callable[[str], str]:
    """What is odd about a permit's number."""

    def warn(number: str) -> str:
        return check(number).sentence

    return warn


def check_pirt(text: str) -> Check:
    return rules.check_pirt(text, clock.today())


def written(name: str, value: Any) -> Any:
    """A stored value as it stands in a file."""
    if isinstance(value, bool):
        return YES if value else NO
    if name == "price_tiers":
        return "; ".join(f"{quantity}={price}" for quantity, price in value or ())
    if isinstance(value, list | tuple):
        return "; ".join(value)
    return value
