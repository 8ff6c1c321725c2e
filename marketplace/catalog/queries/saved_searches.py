"""Searches that people keep, and what is new in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

import numpy as np
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from ...db import db
from ...permissions import Actor
from ..models import SavedSearch
from .card import ProductCard
from .finding import cards_in_order
from .matching import Excluded, matches
from .search import Search

TOLD = 8
"""A mail names so many new products of a search, and says how many more there are."""


@dataclass(frozen=True)
class News:
    """The new products of a search: the newest few, and how many there are."""

    cards: list[ProductCard]
    total: int


def saved_searches_of(actor: Actor) -> Sequence[SavedSearch]:
    """A person's kept searches, newest first."""
    query = select(SavedSearch).where(SavedSearch.user_id == actor.user_id).order_by(SavedSearch.id.desc())
    return db.session.scalars(query).all()


def arguments(address: str) -> MultiDict[str, str]:
    """A kept query string as a form reads it."""
    return MultiDict(parse_qsl(address))


def news_of(search: Search, since: datetime, excluded: Excluded | None = None) -> News:
    """What came on the shelf after a moment and matches, less what the search's extra filters take away."""
    found = matches(search, excluded)
    columns, places = found.columns, found.found
    fresh = places[columns.first_live[places] > since.timestamp()]
    fresh = fresh[np.argsort(-columns.first_live[fresh], kind="stable")]
    return News(cards_in_order(columns.ids[fresh[:TOLD]].tolist()), len(fresh))
