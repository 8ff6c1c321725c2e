"""Text that people type: one line or several, without what no database or screen can hold."""

from __future__ import annotations

import re
import unicodedata

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_JOINS = {"\u200d", "\u20e3", *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0020, 0xE0080))}
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str | None) -> str:
    """A name or a reference: trimmed, blanks single, composed (NFC), no control or direction marks."""
    cleaned = _DIRECTION.sub("", _CONTROLS.sub("", text or ""))
    return " ".join(unicodedata.normalize("NFC", cleaned).split())


def lines(text: str | None) -> str:
    """A story or an address: line breaks kept (as \\n), the rest as in one_line."""
    cleaned = _DIRECTION.sub("", _CONTROLS.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")))
    return unicodedata.normalize("NFC", cleaned).strip()


def without_pictures(text: str) -> str:
    """A text without emoji and other pictures, which no face of a paper has; blanks around them are one."""
    if not any(map(_is_picture, text)):
        return text
    kept = "".join(c for c in text if not _is_picture(c))
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()


def _is_picture(c: str) -> bool:
    """Symbols beyond those of letters, what is not in Unicode yet, and the marks that join pictures."""
    return c in _JOINS or (c > "\u2122" and unicodedata.category(c) in {"So", "Sk", "Co", "Cn"})


def searchable(text: str | None) -> str:
    """A text folded for comparing: lower case, letters and digits only, blanks single."""
    folded = unicodedata.normalize("NFKD", (text or "").casefold())
    kept = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join(kept.split())
