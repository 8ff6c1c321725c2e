"""Photos of products: their sizes, where their files lie, and how much room a seller has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...images import fitted

SIZES = (320, 640, 1280)
"""Longest side of the files made of a photo, in pixels."""
FORMATS = ("webp", "jpg")
MAX_PHOTOS = 12
MAX_ALT = 300
MEGABYTE = 1_000_000
_COVER = re.compile(r"([0-9a-f]{20})-(\d{1,5})x(\d{1,5})")
_FILE = re.compile(r"([0-9a-f]{20})-(320|640|1280)\.(webp|jpg)")


@dataclass(frozen=True)
class Shape:
    """The name of a photo's files and the shape of the largest, as Product.cover keeps them in one word."""

    stem: str
    width: int
    height: int

    def at(self, size: int) -> tuple[int, int]:
        """Width and height of the file of a size; a small photo is not enlarged."""
        return fitted(self.width, self.height, size)

    def url(self, size: int, file_format: str = "webp") -> str:
        """Where the file of a size is served."""
        return f"/media/photos/{self.stem}-{size}.{file_format}"

    def srcset(self, file_format: str = "webp") -> str:
        """All sizes for a browser to choose from."""
        return ", ".join(f"{self.url(size, file_format)} {self.at(size)[0]}w" for size in self.sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes that differ."""
        longest = max(self.width, self.height)
        return tuple(size for place, size in enumerate(SIZES) if place == 0 or SIZES[place - 1] < longest)

    @property
    def word(self) -> str:
        """As Product.cover keeps it."""
        return f"{self.stem}-{self.width}x{self.height}"


def shape_of(cover: str | None) -> Shape | None:
    """What Product.cover says; None where there is no photo."""
    found = _COVER.fullmatch(cover or "")
    return Shape(found[1], int(found[2]), int(found[3])) if found else None


def file_key(stem: str, size: int, file_format: str) -> str:
    """The name of a file in the store."""
    return f"photos/{stem[:2]}/{stem}-{size}.{file_format}"


def file_keys(stem: str) -> list[str]:
    """The names of all files made of a photo."""
    return [file_key(stem, size, file_format) for size in SIZES for file_format in FORMATS]


def key_of_file(name: str) -> str | None:
    """The name in the store of a file as it is asked for, such as '<stem>-640.webp'; None for any other."""
    found = _FILE.fullmatch(name)
    return file_key(found[1], int(found[2]), found[3]) if found else None


def stem_of_key(key: str) -> str:
    """The photo that a file in the store belongs to."""
    return key.rpartition("/")[2].partition("-")[0]


def moved(order: list[int], photo_id: int, steps: int) -> list[int]:
    """The order with one photo moved by some places, as far as there are any."""
    rest = [number for number in order if number != photo_id]
    place = min(max(order.index(photo_id) + steps, 0), len(rest))
    return [*rest[:place], photo_id, *rest[place:]]


def arranged(order: list[int], wanted: list[int]) -> list[int]:
    """The order as wanted; what was not named keeps its turn at the end, what is unknown is left out."""
    known = set(order)
    first = [number for number in dict.fromkeys(wanted) if number in known]
    return [*first, *(number for number in order if number not in set(first))]
