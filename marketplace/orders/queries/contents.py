"""What is in those products that are put together from others: whose the money is, what is promised."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..rules.splitting import Part


class Component(NamedTuple):
    """Units of one product in one parcel; `capacity` is what its maker can make in a week."""

    product_id: int
    name: str
    quantity: int
    capacity: int | None


class Content(NamedTuple):
    """What is in a parcel now: the version that is sold, whose its price is, and its components."""

    version_id: int
    parts: tuple[Part, ...]
    components: tuple[Component, ...]


def contents_of(product_ids: Collection[int]) -> dict[int, Content]:
    """The content of those of some products that are parcels; nobody else has one."""
    return {}
