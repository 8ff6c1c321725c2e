"""Which parts of the form suit a kind of product."""

from __future__ import annotations

import re
from enum import StrEnum

from .offers import sounds_like_food


class Section(StrEnum):
    """The parts that fold."""

    STORE = "store"
    CONTENTS = "contents"
    FOOD = "food"
    CRAFT = "craft"
    VARIANTS = "variants"
    SEASON = "season"


_CRAFT = set(
    "kerajinan mebel furnitur furniture meja kursi lemari rak kayu rotan bambu anyaman gerabah keramik ukir "
    "batik kain lurik tenun busana baju pakaian kebaya fesyen tas dompet sandal sepatu kulit aksesori "
    "cenderamata souvenir suvenir wayang blangkon keris mainan hiasan logam".split()
)
_WORD = re.compile(r"[a-z]+")


def is_craft(path: str) -> bool:
    """Whether a category is furniture, cloth or another thing that is made by hand and not eaten."""
    return bool(set(_WORD.findall(path.lower())) & _CRAFT)


def suiting(path: str, *, is_food: bool | None = None) -> frozenset[Section]:
    """The sections that stand open for a category; none before it is named."""
    if not path:
        return frozenset()
    food = sounds_like_food(path) if is_food is None else is_food
    open_ = {Section.STORE}
    if food:
        open_ |= {Section.FOOD, Section.CONTENTS}
    elif is_craft(path):
        open_.add(Section.CRAFT)
    return frozenset(open_)
