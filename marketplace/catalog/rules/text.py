"""What people type, made safe to store: no control characters, one form of each letter."""

from __future__ import annotations

import unicodedata


def tidy_text(text: str | None) -> str:
    """A text of several lines without control characters; line ends are plain newlines."""
    plain = unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n").replace("\r", "\n"))
    kept = (sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def tidy_line(text: str | None) -> str:
    """A text of one line: control characters gone, runs of blanks become one."""
    return " ".join(tidy_text(text).split())
