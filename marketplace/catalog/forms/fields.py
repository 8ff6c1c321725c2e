"""Fields that read what Indonesians type: whole numbers with dots, centimetres with a comma."""

from __future__ import annotations

import re
from typing import Any

from wtforms import Field
from wtforms.widgets import TextInput

from ...i18n import _
from ...money import TooLarge, format_whole, parse_whole
from ...texts import one_line

_CENTIMETRES = re.compile(r"(\d{1,6})(?:[.,](\d))?(?:\s*cm)?", re.IGNORECASE)


class WholeField(Field):
    """A whole number as Indonesians type it: 1.500, Rp 25.000. Empty is None."""

    widget = TextInput()

    def __init__(
        self, label: Any, *, least: int = 0, most: int = 1_000_000_000, needed: bool = False, **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.least, self.most = least, most
        self.flags.required = needed
        self.data: int | None = None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_whole(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; a sentence says what to write instead."""
        text = one_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            if not text.isascii():
                raise ValueError(text)
            number = parse_whole(text)
        except TooLarge:
            number = self.most + 1
        except ValueError:
            raise ValueError(_("Tulis angka bulat saja, misalnya 1.500.")) from None
        if not self.least <= number <= self.most:
            limits = {"least": format_whole(self.least), "most": format_whole(self.most)}
            raise ValueError(_("Tulis angka dari %(least)s sampai %(most)s.", **limits))
        self.data = number


class CentimetreField(Field):
    """A length in centimetres, kept in millimetres: 12,5 is 125. Empty is None."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        whole, tenth = divmod(self.data, 10)
        return f"{whole},{tenth}" if tenth else str(whole)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the length; a sentence says what to write instead."""
        text = one_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        found = _CENTIMETRES.fullmatch(text)
        number = int(found[1]) * 10 + int(found[2] or 0) if found else 0
        if not 1 <= number <= 100_000:
            raise ValueError(_("Tulis dalam sentimeter, misalnya 12,5."))
        self.data = number
