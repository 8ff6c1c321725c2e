"""Where higher areas hang what they know of a product: at how many outlets it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import Flask, current_app

from .queries import ProductCard

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
