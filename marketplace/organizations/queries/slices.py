"""One page of a list as a query answers it; views make a web.Page of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import func, select

from ...db import db

T = TypeVar("T")
SIZE = 25


class Slice(NamedTuple, Generic[T]):
    """The rows of a page, its number (from 1), how many rows there are in all, and how many a page holds."""

    items: Sequence[T]
    number: int
    total: int
    size: int


def cut(query: Any, number: int, size: int = SIZE) -> tuple[list[Any], int, int]:
    """The rows of one page of a query, that page's number (the last one when asked beyond) and the total."""
    total = int(db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0)
    number = min(number, max(-(-total // size), 1))
    rows = db.session.execute(query.limit(size).offset((number - 1) * size)).all()
    return list(rows), number, total
