"""Searching for people and programs: one page or one stretch of what a search finds, as cards."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from ... import clock
from ...db import among, db
from ...errors import InvalidInput
from ...i18n import _
from ..models import Product
from .card import CARD, ProductCard, with_places
from .columns import Array, Places
from .matching import Matches, matches
from .search import CATALOGUE_SIZE, Found, Search, known_sort, public_products


def find(
    search: Search,
    *,
    number: int = 1,
    size: int = CATALOGUE_SIZE,
    near: str | None = None,
    found: Matches | None = None,
) -> Found:
    """One numbered page of what a search finds; with `near` (a region code) the closest makers first.

    Raises InvalidInput for an unknown sort or certificate.
    """
    found = found or matches(search)
    order = _ordered(found, known_sort(search.sort))
    if near:
        order = order[np.argsort(_distance(found, near)[order], kind="stable")]
    start = (number - 1) * size
    cards = cards_in_order(found.columns.ids[order[start : start + size]].tolist())
    return Found(cards, found.total, None, found.sellers, found.corrected, found.is_partial)


def page_of_products(
    search: Search, *, number: int, size: int = CATALOGUE_SIZE, near: str | None = None
) -> Found:
    """One numbered page, for lists without filters of other areas."""
    return find(search, number=number, size=size, near=near)


def live_products(
    search: Search,
    *,
    limit: int = CATALOGUE_SIZE,
    cursor: str | None = None,
    found: Matches | None = None,
) -> Found:
    """One stretch of what a search finds, by key: what is added or taken away meanwhile shifts nothing.

    Raises InvalidInput for an unknown sort or certificate and for a cursor that is not ours.
    """
    found = found or matches(search)
    order = _ordered(found, known_sort(search.sort))
    if cursor:
        order = order[_start_after(found, order, search.sort, _read_cursor(cursor, search.sort)) :]
    some = order[:limit]
    cards = cards_in_order(found.columns.ids[some].tolist())
    next_cursor = None
    if len(order) > limit:
        next_cursor = _write_cursor(found, search.sort, int(some[-1]), found.total - len(order) + limit)
    return Found(cards, found.total, next_cursor, found.sellers, found.corrected, found.is_partial)


def count_live(search: Search) -> tuple[int, int]:
    """How many live products match, and of how many sellers."""
    found = matches(search)
    return found.total, found.sellers


def cards_in_order(ids: Sequence[int]) -> list[ProductCard]:
    """These products as the database has them now, without those that are no longer public."""
    if not ids:
        return []
    rows = db.session.execute(_public_on(clock.today()), {"ids": list(ids)})
    cards = {row[0]: ProductCard(*row) for row in rows}
    return with_places([cards[number] for number in ids if number in cards])


@functools.lru_cache(maxsize=2)
def _public_on(day: date) -> Any:
    """Built once: building it takes longer than asking."""
    return public_products(CARD, Search(), day).where(among(Product.id, "ids"))


def _ordered(found: Matches, sort: str) -> Places:
    if sort == "relevance":
        return found.fair_order
    key, falling = _key(found, sort)
    places = found.found
    order = np.lexsort((places, key[places]))
    return places[order[::-1] if falling else order]


def _key(found: Matches, sort: str) -> tuple[Array, bool]:
    """The column that a list is sorted by and whether it falls; ids, which rise with places, break ties."""
    columns = {"newest": found.columns.ids, "name": found.columns.name, "price": found.columns.price}
    return columns[sort.lstrip("-")], sort.startswith("-") or sort == "newest"


def _distance(found: Matches, near: str) -> Array:
    """0 same village, 1 same district, 2 same city, 3 elsewhere; for every place."""
    steps = [
        0 if code == near else 1 if code[:8] == near[:8] else 2 if code[:5] == near[:5] else 3
        for code in found.columns.regions
    ]
    return np.array(steps, np.int8)[found.columns.region]


def _write_cursor(found: Matches, sort: str, place: int, passed: int) -> str:
    if sort == "relevance":
        value: Any = passed
    else:
        key = _key(found, sort)[0][place]
        value = key.decode() if isinstance(key, bytes) else int(key)
    text = json.dumps([sort, value, int(found.columns.ids[place])], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[Any, int]:
    wanted = str if sort.lstrip("-") == "name" else int
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found_sort, value, last_id = json.loads(text)
        if found_sort != sort or type(value) is not wanted or type(last_id) is not int:
            raise ValueError(cursor)
        if abs(last_id) >= 2**63 or (isinstance(value, int) and not 0 <= value < 2**63):
            raise ValueError(cursor)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            _("Penanda halaman (cursor) tidak dikenal. Mulai lagi tanpa cursor."),
            fields={"cursor": cursor[:80]},
        ) from error
    return value, last_id


def _start_after(found: Matches, order: Places, sort: str, cursor: tuple[Any, int]) -> int:
    """How many of the ordered places lie before the next stretch."""
    value, last_id = cursor
    ids = found.columns.ids[order]
    if sort == "relevance":
        there = np.flatnonzero(ids == last_id)
        return int(there[0]) + 1 if len(there) else min(value, len(order))
    column, falling = _key(found, sort)
    keys = column[order]
    last = value.encode() if isinstance(value, str) else value
    before = keys > last if falling else keys < last
    before_id = ids >= last_id if falling else ids <= last_id
    return int(np.count_nonzero(before | ((keys == last) & before_id)))
