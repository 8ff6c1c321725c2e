"""Text that people type: one line or several, without what no database or screen can hold."""

from __future__ import annotations

import re
import unicodedata

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str | None) -> str:
    """A name or a reference: trimmed, blanks single, composed (NFC), no control or direction marks."""
    cleaned = _DIRECTION.sub("", _CONTROLS.sub("", text or ""))
    return " ".join(unicodedata.normalize("NFC", cleaned).split())


def lines(text: str | None) -> str:
    """A story or an address: line breaks kept (as \\n), the rest as in one_line."""
    cleaned = _DIRECTION.sub("", _CONTROLS.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")))
    return unicodedata.normalize("NFC", cleaned).strip()


def searchable(text: str | None) -> str:
    """A text folded for comparing: lower case, letters and digits only, blanks single."""
    folded = unicodedata.normalize("NFKD", (text or "").casefold())
    kept = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join(kept.split())
