"""Where higher areas hang what they know of a product: where it stands, how many units, what filters it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, current_app

from ..permissions import Actor, Permission, current_actor
from .queries import ProductCard, favourites_among

EXTENSION = "etalase_shelf_counter"
ShelfCounter = Callable[[Sequence[int]], dict[int, int]]


def register_shelf_counter(app: Flask, count: ShelfCounter) -> None:
    """Say how to count the outlets that have some products on hand, by product id."""
    app.extensions[EXTENSION] = count


def with_outlets(cards: Sequence[ProductCard]) -> list[ProductCard]:
    """The cards, each knowing at how many outlets it stands."""
    count: ShelfCounter | None = current_app.extensions.get(EXTENSION)
    if count is None or not cards:
        return list(cards)
    counts = count([card.id for card in cards])
    return [replace(card, outlets=counts.get(card.id, 0)) for card in cards]


def for_reader(cards: Sequence[ProductCard]) -> list[ProductCard]:
    """The cards with their outlets and, for a buyer, with what the team has among its favourites."""
    shown, actor = with_outlets(cards), current_actor()
    if actor.operator_id is None or not actor.can(Permission.SHORTLIST_EDIT):
        return shown
    kept = favourites_among(actor, [card.id for card in shown])
    return [replace(card, is_kept=card.id in kept) for card in shown]


UNITS_EXTENSION = "etalase_unit_counter"
UnitCounter = Callable[[Sequence[int]], dict[int, int]]


def register_unit_counter(app: Flask, count: UnitCounter) -> None:
    """Say how to count the units of some products on all shelves, by product id."""
    app.extensions[UNITS_EXTENSION] = count


def units_on_shelves(product_ids: Sequence[int]) -> dict[int, int]:
    """Units on all shelves together by product; what stands nowhere is absent."""
    count: UnitCounter | None = current_app.extensions.get(UNITS_EXTENSION)
    return count(product_ids) if count is not None and product_ids else {}


FILTERS_EXTENSION = "etalase_extra_filters"


@dataclass(frozen=True)
class ExtraFilter:
    """A filter of the search that a higher area knows how to answer, for those whom it concerns."""

    name: str
    label: Any
    shows_for: Callable[[Actor], bool]
    taken_away: Callable[[Actor], Collection[int]]
    """The products that do not pass."""


def register_filter(app: Flask, extra: ExtraFilter) -> None:
    """Offer one more filter on the list of products."""
    app.extensions.setdefault(FILTERS_EXTENSION, []).append(extra)


def extra_filters(actor: Actor) -> list[ExtraFilter]:
    """The filters of higher areas that this person may use."""
    found: list[ExtraFilter] = current_app.extensions.get(FILTERS_EXTENSION, [])
    return [extra for extra in found if extra.shows_for(actor)]


def taken_away(filters: Sequence[ExtraFilter], actor: Actor) -> dict[str, Collection[int]]:
    """For each filter the products that do not pass."""
    return {extra.name: extra.taken_away(actor) for extra in filters}
