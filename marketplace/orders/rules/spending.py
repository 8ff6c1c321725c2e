"""Money that was billed, cut into parts: by seller, district, size, month, buyer. Over plain values.

The parts of every cut come to the whole, to the rupiah: each piece lies in exactly one part.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

SMALLEST_CELL = 5
"""Figures of fewer sellers than this are not published: they would tell of a single one."""
MAX_YEARS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum: what it comes to, of how many sellers and orders, and its share of the whole.

    `is_hidden`: its figures are not published.
    """

    key: str
    name: str
    rupiah: int
    sellers: int
    orders: int
    share: float
    is_hidden: bool = False


@dataclass(frozen=True)
class Cut:
    """A whole and its parts, the largest first; `within`: who sold in each part, by its key."""

    parts: Sequence[Part]
    rupiah: int
    sellers: int
    orders: int
    within: Mapping[str, Set[Hashable]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_whole(self) -> bool:
        """Whether the parts come to the whole; anything else is a fault of ours."""
        return sum(part.rupiah for part in self.parts) == self.rupiah


@dataclass(frozen=True, slots=True)
class Piece:
    """Rupiah of one seller in one order, in the part `key`."""

    key: str
    seller: Hashable
    order: Hashable
    rupiah: int


def cut(pieces: Iterable[Piece], name_of: Callable[[str], str]) -> Cut:
    """The parts of all pieces, the largest first, then by name."""
    found: dict[str, tuple[int, set[Hashable], set[Hashable]]] = {}
    sellers: set[Hashable] = set()
    orders: set[Hashable] = set()
    total = 0
    for piece in pieces:
        rupiah, of_part, in_part = found.get(piece.key, (0, set(), set()))
        of_part.add(piece.seller)
        in_part.add(piece.order)
        found[piece.key] = (rupiah + piece.rupiah, of_part, in_part)
        sellers.add(piece.seller)
        orders.add(piece.order)
        total += piece.rupiah
    parts = [
        Part(key, name_of(key), rupiah, len(of), len(within), rupiah / total if total else 0.0)
        for key, (rupiah, of, within) in found.items()
    ]
    ordered = sorted(parts, key=lambda part: (-part.rupiah, part.name.casefold(), part.key))
    within = {key: of for key, (_rupiah, of, _orders) in found.items()}
    return Cut(ordered, total, len(sellers), len(orders), within)


def published(whole: Cut) -> Cut:
    """The cut as it may be published: parts of fewer than five sellers are hidden, and so many more that
    nobody can tell a hidden one from the whole: at least two, and together of five sellers or more."""
    if whole.sellers < SMALLEST_CELL:
        return Cut([_hidden(part) for part in whole.parts], 0, whole.sellers, whole.orders)
    hidden = {part.key for part in whole.parts if part.sellers < SMALLEST_CELL}
    shown = sorted((part for part in whole.parts if part.key not in hidden), key=lambda part: part.sellers)
    while hidden and shown and (len(hidden) < 2 or _sellers_in(whole, hidden) < SMALLEST_CELL):
        hidden.add(shown.pop(0).key)
    parts = [_hidden(part) if part.key in hidden else part for part in whole.parts]
    return Cut(parts, whole.rupiah, whole.sellers, whole.orders)


def _sellers_in(whole: Cut, keys: set[str]) -> int:
    """How many sold in some parts together; whoever sold in several is one."""
    return len(set[Hashable]().union(*(whole.within[key] for key in keys)))


def _hidden(part: Part) -> Part:
    return Part(part.key, part.name, 0, 0, 0, 0.0, is_hidden=True)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months that a period touches."""
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found
