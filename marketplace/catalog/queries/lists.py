"""A retailer's favourites and lists, and which products stand in them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, func, select

from ... import clock
from ...accounts.models import User
from ...db import among, db
from ...permissions import Actor
from ..models import Product, Shortlist, ShortlistItem
from .card import CARD, ProductCard, is_open, joined, with_places


@dataclass(frozen=True)
class ListSummary:
    """A list of the team: how many products it holds, and whether a given product is one of them."""

    id: int
    name: str
    is_favourites: bool
    count: int = 0
    holds: bool = False


@dataclass(frozen=True)
class ListItem:
    """A product in a list, with the team's note. `is_live` is False once its maker took it off the shelf."""

    id: int
    note: str
    added_at: datetime
    added_by: str
    card: ProductCard
    min_order: int
    is_live: bool
    offers_consignment: bool


def lists_of(actor: Actor, *, product_id: int | None = None) -> list[ListSummary]:
    """The lists of the actor's team, favourites first, then by name."""
    if actor.operator_id is None:
        return []
    asked = {"operator": actor.operator_id, "product": product_id}
    return [ListSummary(*row) for row in db.session.execute(_lists_of(), asked)]


@functools.cache
def _lists_of() -> Any:
    operator: Any = bindparam("operator", type_=BigInteger)
    product: Any = bindparam("product", type_=BigInteger)
    held = (
        select(ShortlistItem.shortlist_id, func.count().label("count"))
        .join(Shortlist, Shortlist.id == ShortlistItem.shortlist_id)
        .where(Shortlist.operator_id == operator)
        .group_by(ShortlistItem.shortlist_id)
        .subquery()
    )
    here = and_(ShortlistItem.shortlist_id == Shortlist.id, ShortlistItem.product_id == product)
    return (
        select(
            Shortlist.id, Shortlist.name, Shortlist.is_favourites, func.coalesce(held.c.count, 0),
            ShortlistItem.id.is_not(None),
        )
        .outerjoin(held, held.c.shortlist_id == Shortlist.id)
        .outerjoin(ShortlistItem, here)
        .where(Shortlist.operator_id == operator)
        .order_by(Shortlist.is_favourites.desc(), func.lower(Shortlist.name), Shortlist.id)
    )  # fmt: skip


def list_of(actor: Actor, list_id: int) -> ListSummary | None:
    """One list of the actor's team; None for a stranger's."""
    return next((row for row in lists_of(actor) if row.id == list_id), None)


def items_of(list_id: int) -> list[ListItem]:
    """What a list holds, by maker and name, also what is no longer shown."""
    day = clock.today()
    columns = (
        *CARD, ShortlistItem.id, ShortlistItem.note, ShortlistItem.added_at, User.name, Product.min_order,
        and_(Product.is_live, is_open(day)), Product.offers_consignment,
    )  # fmt: skip
    query = (
        joined(columns, day)
        .join(ShortlistItem, ShortlistItem.product_id == Product.id)
        .outerjoin(User, User.id == ShortlistItem.added_by)
        .where(ShortlistItem.shortlist_id == list_id)
    )
    rows = db.session.execute(query).all()
    cards = {card.id: card for card in with_places([ProductCard(*row[: len(CARD)]) for row in rows])}
    items = []
    for row in rows:
        item_id, note, added_at, added_by, min_order, is_live, consignment = row[len(CARD) :]
        card = cards[row[0]]
        items.append(
            ListItem(item_id, note, added_at, added_by or "", card, min_order, bool(is_live), consignment)
        )
    return sorted(
        items, key=lambda item: (item.card.seller_name.casefold(), item.card.name.casefold(), item.id)
    )


def favourites_among(actor: Actor, product_ids: Sequence[int]) -> set[int]:
    """Those of some products that stand among the favourites of the actor's team."""
    if actor.operator_id is None or not product_ids:
        return set()
    asked = {"operator": actor.operator_id, "ids": list(product_ids)}
    return set(db.session.scalars(_favourites_among(), asked))


@functools.cache
def _favourites_among() -> Any:
    return (
        select(ShortlistItem.product_id)
        .join(Shortlist, Shortlist.id == ShortlistItem.shortlist_id)
        .where(
            Shortlist.operator_id == bindparam("operator"),
            Shortlist.is_favourites,
            among(ShortlistItem.product_id, "ids"),
        )
    )


def is_shown(actor: Actor, product_id: int) -> bool:
    """Whether a product stands on the public shelf now, a variant together with its main product."""
    day = clock.today()
    query = joined((Product.is_live, Product.main_id), day).where(Product.id == product_id, is_open(day))
    row = db.session.execute(query).one_or_none()
    if row is None or not row[0]:
        return False
    return row[1] is None or bool(db.session.scalar(select(Product.is_live).where(Product.id == row[1])))
