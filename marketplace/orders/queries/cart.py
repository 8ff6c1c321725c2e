"""A cart as it stands now: every price read anew, what changed said, by seller with its terms."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select

from ... import clock
from ...catalog.queries import ProductCard
from ...catalog.queries.products import cards
from ...db import db
from ...permissions import Actor
from ..models import CartLine, PaymentPlan, ShippingKind
from ..rules import buying
from ..rules.buying import Offer, Wrong
from ..rules.drafts import LineDraft
from ..rules.terms import Terms
from .offers import Maker, offers_of


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Units of one product at today's price; `wrong`: why they cannot be ordered, `change`: what is new."""

    offer: Offer
    card: ProductCard | None
    quantity: int
    seen_price_rupiah: int
    card_text: str
    wrong: Wrong | None
    change: str

    @property
    def unit_price_rupiah(self) -> int:
        """What one costs when this many are ordered."""
        return self.offer.unit_price(self.quantity)

    @property
    def amount_rupiah(self) -> int:
        """What they cost together."""
        return self.quantity * self.unit_price_rupiah

    @property
    def next_tier(self) -> tuple[int, int] | None:
        """From how many on one would cost less, and what; None where this is the lowest price."""
        found = [
            (tier.min_quantity, tier.price_rupiah)
            for tier in self.offer.tiers
            if tier.min_quantity > self.quantity and tier.price_rupiah < self.unit_price_rupiah
        ]
        return min(found, default=None)

    @property
    def takes_card(self) -> bool:
        """Whether the buyer may have words printed for it."""
        return self.offer.content is not None and self.offer.content.takes_card


@dataclass(frozen=True, slots=True)
class BasketPart:
    """What is to be ordered of one seller, and how that may be done."""

    maker: Maker
    lines: Sequence[BasketLine]
    today: date

    @property
    def terms(self) -> Terms:
        """How its seller sells."""
        return self.maker.terms

    @property
    def goods_rupiah(self) -> int:
        """What can be ordered, without the way and without tax."""
        return sum(line.amount_rupiah for line in self.lines if line.wrong is None)

    @property
    def is_fine(self) -> bool:
        """Whether all of it can be ordered."""
        return all(line.wrong is None for line in self.lines)

    @property
    def is_pre_order(self) -> bool:
        """Whether something in it is made only once it is ordered."""
        return buying.is_pre_order([line.offer for line in self.lines], self.today)

    @property
    def earliest(self) -> date:
        """The first day on which all of it can be there."""
        return buying.earliest_day([(line.offer, line.quantity) for line in self.lines], self.today)

    @property
    def shippings(self) -> list[ShippingKind]:
        """How it may travel."""
        return buying.shippings_of(self.terms)

    @property
    def plans(self) -> list[PaymentPlan]:
        """How it may be paid."""
        return buying.plans_of(self.terms, is_pre_order=self.is_pre_order)

    @property
    def advance_rupiah(self) -> int:
        """What of these goods is due before they are made, where an advance is asked; the way adds to it."""
        if PaymentPlan.ADVANCE not in self.plans:
            return 0
        return buying.advance_of(PaymentPlan.ADVANCE, self.goods_rupiah, self.terms)

    def shipping_cost(self, kind: ShippingKind) -> int:
        """What a way costs for these goods."""
        return buying.shipping_cost(self.terms, kind, self.goods_rupiah)

    @property
    def to_free_shipping(self) -> int | None:
        """Rupiah of goods until the way costs nothing; None where it never does, or does already."""
        rate, free_from = self.terms.shipping_rupiah, self.terms.free_from_rupiah
        if not self.terms.delivers or not rate or free_from is None or self.goods_rupiah >= free_from:
            return None
        return free_from - self.goods_rupiah


@dataclass(frozen=True, slots=True)
class Basket:
    """Goods of several sellers."""

    parts: Sequence[BasketPart]

    @property
    def count(self) -> int:
        """Lines in it."""
        return sum(len(part.lines) for part in self.parts)

    @property
    def goods_rupiah(self) -> int:
        """What can be ordered, without the ways and without tax."""
        return sum(part.goods_rupiah for part in self.parts)

    @property
    def is_fine(self) -> bool:
        """Whether all of it can be ordered."""
        return all(part.is_fine for part in self.parts)

    def only(self, seller_id: int) -> Basket:
        """What is of one seller."""
        return Basket([part for part in self.parts if part.maker.id == seller_id])


def cart_of(actor: Actor) -> Basket:
    """What this person means to buy; empty for whoever buys for nobody."""
    if actor.buyer_id is None:
        return Basket(())
    asked = {"operator": actor.buyer_id, "user": actor.user_id}
    return basket_of([LineDraft(*row) for row in db.session.execute(_lines(), asked)])


def basket_of(wanted: Sequence[LineDraft]) -> Basket:
    """Goods at today's prices, by seller in the order of the first line; what does not exist is left out."""
    offers, today = offers_of([line.product_id for line in wanted]), clock.today()
    shown = {card.id: card for card in cards(list(offers.by_product))} if offers.by_product else {}
    by_seller: dict[int, list[BasketLine]] = {}
    for line in wanted:
        offer = offers.by_product.get(line.product_id)
        if offer is not None:
            by_seller.setdefault(offer.seller_id, []).append(
                _line(line, offer, shown.get(offer.product_id), today)
            )
    return Basket(
        [BasketPart(offers.makers[seller_id], lines, today) for seller_id, lines in by_seller.items()]
    )


def _line(line: LineDraft, offer: Offer, card: ProductCard | None, today: date) -> BasketLine:
    wrong = buying.wrong_with(offer, line.quantity, today)
    now = offer.unit_price(line.quantity)
    change = "" if wrong else buying.price_change(line.seen_price_rupiah, now)
    return BasketLine(offer, card, line.quantity, line.seen_price_rupiah, line.card_text, wrong, change)


def count_lines(actor: Actor) -> int:
    """How many products are in this person's cart."""
    if actor.buyer_id is None:
        return 0
    asked = {"operator": actor.buyer_id, "user": actor.user_id}
    return db.session.execute(_count(), asked).scalar_one()


_OWN = (CartLine.operator_id == bindparam("operator"), CartLine.user_id == bindparam("user"))


@functools.cache
def _lines() -> Any:
    columns = (CartLine.product_id, CartLine.quantity, CartLine.seen_price_rupiah, CartLine.card_text)
    return select(*columns).where(*_OWN).order_by(CartLine.added_at, CartLine.product_id)


@functools.cache
def _count() -> Any:
    return select(func.count()).select_from(CartLine).where(*_OWN)
