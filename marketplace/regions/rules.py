"""Kemendagri codes: what they look like and how they nest."""

from __future__ import annotations

import re
from enum import IntEnum

_CODE = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")


class Level(IntEnum):
    """How deep a place lies."""

    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    VILLAGE = 4


def is_code(text: str) -> bool:
    """Whether a text is shaped like a Kemendagri code, dots between levels: 33.72.01.1001."""
    return text.isascii() and _CODE.fullmatch(text) is not None


def level_of(code: str) -> Level:
    """The level of a code: 1 province, 2 regency or city, 3 district, 4 village."""
    return Level(code.count(".") + 1)


def parent_of(code: str) -> str | None:
    """The code of the place around it; None for a province."""
    return code.rsplit(".", 1)[0] if "." in code else None


def prefixes(code: str) -> list[str]:
    """A code and every place around it, from the province down: 33, 33.72, 33.72.01."""
    parts = code.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def ancestor(code: str, level: Level) -> str:
    """The part of a code at a level; the code itself when it lies no deeper."""
    return ".".join(code.split(".")[:level])
