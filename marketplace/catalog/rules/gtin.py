"""GTIN: the number under the bars. 8, 12, 13 or 14 digits, the last one a check digit (mod 10)."""

from __future__ import annotations

import re

from ...i18n import _
from .checks import Check, fine, refused

LENGTHS = (8, 12, 13, 14)
_BREAKS = re.compile(r"[\s\-\u00a0]+")


def gtin_check_digit(body: str) -> int:
    """The check digit that follows the other digits: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def check_gtin(text: str | None) -> Check:
    """A GTIN, refused when its length or check digit is wrong; empty is fine, for most makers have none."""
    bare = _BREAKS.sub("", text or "")
    if not bare:
        return fine(None)
    if not (bare.isascii() and bare.isdigit()):
        return refused(bare, _("GTIN hanya berisi angka. Salin angka di bawah barcode, atau kosongkan."))
    if len(bare) not in LENGTHS:
        return refused(
            bare,
            _(
                "GTIN terdiri dari 8, 12, 13 atau 14 angka; ini %(count)d. Salin angka di bawah barcode, "
                "atau kosongkan.",
                count=len(bare),
            ),
        )
    if set(bare) == {"0"}:
        return refused(bare, _("GTIN tidak boleh nol semua. Salin angka di bawah barcode, atau kosongkan."))
    if gtin_check_digit(bare[:-1]) != int(bare[-1]):
        return refused(
            bare,
            _("Angka terakhir GTIN tidak cocok dengan angka di depannya. Periksa lagi, angka demi angka."),
        )
    return fine(bare)
