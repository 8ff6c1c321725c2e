"""The only source of variety: a stream of numbers read from SHA-256 of the SKU."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Numbers and picks that follow from the SKU alone; case and blanks around it do not matter."""

    def __init__(self, sku: str) -> None:
        self._sku, self._block, self._bytes = sku.strip().upper(), 0, b""

    def unit(self) -> float:
        """The next number, at least 0 and below 1."""
        if len(self._bytes) < 4:
            self._bytes = self.digest(f"{self._sku}/{self._block}")
            self._block += 1
        head, self._bytes = self._bytes[:4], self._bytes[4:]
        return int.from_bytes(head, "big") / 2**32

    def between(self, low: float, high: float) -> float:
        """The next number in a range."""
        return low + (high - low) * self.unit()

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.unit() * len(options))]

    @property
    def key(self) -> str:
        """A short name for the ids inside the drawing, so that two drawings may stand in one page."""
        return "m" + self.digest(self._sku).hex()[:6]

    @staticmethod
    def digest(text: str) -> bytes:
        """SHA-256 of a text; characters that have no UTF-8 form are replaced."""
        return hashlib.sha256(text.encode("utf-8", "replace")).digest()
