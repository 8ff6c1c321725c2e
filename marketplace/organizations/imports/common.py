"""What both files share: cells of identifiers, places and phones, and who may touch what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...accounts.rules import phone_e164
from ...i18n import _
from ...importing import Batch, Refusal, Row, values
from ...regions.finder import PlaceFinder
from ...tabular import Cell
from .. import rules

MAX_PHONE = 20
_INDONESIAN = re.compile(r"\+62[1-9]\d{7,11}", re.ASCII)
"""How `phone` writes what it knows; asking the library twice for each row would be slow."""


def identifier(problem: Callable[[str], str | None]) -> Callable[[Cell], str]:
    """A reader of an identity number: its digits, once `problem` has nothing to say."""
    written = values.number_text()

    def read(cell: Cell) -> str:
        number = rules.clean_number(written(cell))
        sentence = problem(number)
        if sentence:
            raise values.BadValue(sentence)
        return number

    return read


def phone(cell: Cell) -> str:
    """A phone number as +62...; one that is none is kept as written."""
    text = values.read_text(cell, values.MAX_NAME)
    number = phone_e164(text)
    return number if number is not None else values.read_text(cell, MAX_PHONE)


def odd_phone(number: str) -> str:
    """What is odd about a phone number that was kept as written."""
    if _INDONESIAN.fullmatch(number):
        return ""
    if number.startswith("+") and phone_e164(number) == number:
        return ""
    return _("Nomor ini bukan nomor telepon yang dikenal. Tulis seperti 0812-3456-7890.")


def odd_email(address: str) -> str:
    """What is odd about an e-mail address."""
    name, at, host = address.partition("@")
    if name and at and "." in host and " " not in address:
        return ""
    return _("Alamat e-mail ini tampaknya salah. Tulis seperti nama@contoh.id.")


def find_places(batch: Batch) -> dict[str, str]:
    """Codes by what the rows say of their place: a code, or in an office's own region a name."""
    finder = PlaceFinder(batch.session, batch.actor.region)
    return finder.find({row["region_code"] for row in batch.rows})


def place_refusal(
    batch: Batch, row: Row, places: Mapping[str, str], state: Mapping[str, Any] | None
) -> Refusal | None:
    """Why a row's place is none, or not the actor's to write to; None when it is."""
    code = places.get(row["region_code"])
    if code is None:
        return Refusal(
            "region_code", _("Wilayah ini tidak dikenal. Tulis kode Kemendagri, misalnya 33.72.01.1002.")
        )
    if not batch.actor.sees_region(code):
        return Refusal("region_code", _("Wilayah ini di luar wilayah kerja Anda."))
    if state is not None and not batch.actor.sees_region(str(state.get("region_code") or "")):
        return Refusal("region_code", _("Data ini sudah ada dan terdaftar di wilayah lain."))
    return None
