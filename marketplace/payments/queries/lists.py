"""What all lists of money share: words to look for, an order, one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, or_

from ...texts import one_line

Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])


def said(query: Q, q: str, places: Sequence[Any]) -> Q:
    """Only what has each of the words in one of these places."""
    for word in one_line(q).split()[:8]:
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def ordered(query: Q, sort: str, keys: Mapping[str, Any], otherwise: Sequence[Any], last: Any) -> Q:
    """By the key that was asked for ('-': downwards), else as usual; `last` decides among equals."""
    key = keys.get(sort.lstrip("-"))
    if key is None:
        return query.order_by(*otherwise, last)
    return query.order_by(key.desc() if sort.startswith("-") else key.asc(), last)


def one_page(query: Q, number: int, size: int | None) -> Q:
    """One page of it (size None: all)."""
    return query if size is None else query.limit(size).offset((number - 1) * size)
