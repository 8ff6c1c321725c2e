"""Bar codes as one line of SVG: EAN where the product has a GTIN, Code 128 of its own code otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass

import barcode
from markupsafe import Markup, escape

MAX_OWN_CODE = 16
"""A longer code would print too fine on the smallest label: scanners want bars of a fifth of a millimetre."""
QUIET = 10
"""Modules of white on either side."""
_PRINTABLE = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True)
class Bars:
    """A bar code: its kind, what it says, and its modules from left to right, '1' black."""

    kind: str
    text: str
    modules: str

    @property
    def svg(self) -> Markup:
        """An SVG that stretches to any box, with its white on either side."""
        runs = "".join(
            f"M{run.start() + QUIET} 0h{len(run[0])}v10h-{len(run[0])}z"
            for run in re.finditer("1+", self.modules)
        )
        box = f"0 0 {len(self.modules) + 2 * QUIET} 10"
        return Markup(  # noqa: S704 - digits and a text that is escaped
            f'<svg class="bars" xmlns="http://www.w3.org/2000/svg" viewBox="{box}" preserveAspectRatio="none"'
            f' role="img" aria-label="{escape(self.text)}"><path d="{runs}"/></svg>'
        )


def bars_of(gtin: str | None, sku: str, product_id: int) -> Bars:
    """The bar code of a product. A GTIN of 8, 12 or 13 digits is EAN-8 or EAN-13, one of 14 Code 128.

    Without a GTIN it is Code 128 of the maker's code; of the product's number where that code is too long or
    has other letters than Code 128 knows.
    """
    digits = (gtin or "").strip()
    if digits.isascii() and digits.isdecimal() and len(digits) in {8, 12, 13}:
        full = digits if len(digits) == 8 else digits.zfill(13)
        kind = "ean8" if len(digits) == 8 else "ean13"
        return Bars("EAN-8" if kind == "ean8" else "EAN-13", full, _modules(kind, full[:-1]))
    code = digits or sku.strip()
    if len(code) > MAX_OWN_CODE or not _PRINTABLE.fullmatch(code):
        code = f"ETALASE-{product_id}"
    return Bars("Code 128", code, _modules("code128", code))


def _modules(kind: str, text: str) -> str:
    built: list[str] = barcode.get(kind, text).build()
    return built[0]
