"""A place by what people write: its code, or within one region its name in the spellings that are in use."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Region
from .queries import known_codes, within
from .rules import Level, is_code

VARIANTS = {"stabelan": "setabelan"}
"""Spellings that no closeness would find for sure, by their letters."""
SHORTEST_GUESS = 6
_TITLE = re.compile(r"^(kelurahan|kel|desa|kecamatan|kec)\b[.\s]*", re.IGNORECASE)


def letters(name: str) -> str:
    """A name for comparing: its letters alone, so that Pasar Kliwon is Pasarkliwon."""
    bare = re.sub(r"[\W\d_]+", "", _TITLE.sub("", name.strip()).casefold())
    return VARIANTS.get(bare, bare)


class PlaceFinder:
    """Finds places in a region ('' finds codes only: names repeat across the country)."""

    def __init__(self, session: Session, under: str) -> None:
        self._session, self._under = session, under
        self._names: dict[str, list[str]] | None = None

    def find(self, written: Iterable[str]) -> dict[str, str]:
        """Codes by what was written; what is unknown or could be several places is absent."""
        wanted = set(written)
        found = {code: code for code in known_codes(self._session, wanted)}
        if self._under:
            for text in wanted - set(found):
                code = None if is_code(text) else self._by_name(text)
                if code is not None:
                    found[text] = code
        return found

    def _by_name(self, text: str) -> str | None:
        """A village before a district of the same name; else the one name that differs by a letter."""
        names = self._load()
        key = letters(text)
        codes = names.get(key)
        if codes is None and len(key) >= SHORTEST_GUESS:
            close = [name for name in names if _differs_by_one(key, name)]
            codes = names[close[0]] if len(close) == 1 else None
        if not codes:
            return None
        deepest = max(code.count(".") for code in codes)
        best = [code for code in codes if code.count(".") == deepest]
        return best[0] if len(best) == 1 else None

    def _load(self) -> dict[str, list[str]]:
        if self._names is None:
            query = select(Region.code, Region.name).where(
                within(Region.code, self._under), Region.level >= Level.DISTRICT
            )
            self._names = {}
            for code, name in self._session.execute(query):
                self._names.setdefault(letters(name), []).append(code)
        return self._names


def _differs_by_one(one: str, other: str) -> bool:
    """Whether one letter added, dropped or exchanged makes the same word."""
    if abs(len(one) - len(other)) > 1:
        return False
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return max(len(one), len(other)) - sum(block.size for block in blocks) <= 1
