"""What stands on a store's shelves and may be sent back or destroyed: by maker, then lot by lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...stock.models import ShelfBalance
from ...texts import one_line
from ..rules.returns import NEAR_DAYS, Suggestion
from .lots import Holding, advise, holdings, holdings_of_pair, set_aside
from .sides import papers_visible_to


@dataclass(frozen=True)
class OnShelf:
    """A lot that may be returned: how many stand there, how many wait in other notes, what is advised."""

    holding: Holding
    product_name: str
    sku: str
    aside: int
    advice: Suggestion

    @property
    def free(self) -> int:
        """Units that no return note holds yet."""
        return max(self.holding.on_hand - self.aside, 0)


@dataclass(frozen=True)
class PairChoice:
    """A seller with goods on one of the store's shelves."""

    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    on_hand: int
    expired: int
    near: int


def pairs_with_goods(actor: Actor, q: str = "") -> list[PairChoice]:
    """The sellers with goods on the actor's shelves: what has expired or soon will on top."""
    today = clock.today()
    held = holdings(_own_shelves(actor))
    expired = func.sum(case((held.c.expires_on < today, held.c.on_hand), else_=0))
    is_near = and_(held.c.expires_on >= today, held.c.expires_on <= today + timedelta(days=NEAR_DAYS))
    near = func.sum(case((is_near, held.c.on_hand), else_=0))
    query = (
        select(
            held.c.outlet_id, Outlet.name, held.c.seller_id, Seller.name,
            func.sum(held.c.on_hand), expired, near,
        )
        .join(Outlet, Outlet.id == held.c.outlet_id)
        .join(Seller, Seller.id == held.c.seller_id)
        .group_by(held.c.outlet_id, Outlet.name, held.c.seller_id, Seller.name)
        .order_by(expired.desc(), near.desc(), Seller.name, Outlet.name)
        .limit(200)
    )  # fmt: skip
    for word in one_line(q).split()[:8]:
        query = query.where(or_(Outlet.name.icontains(word, autoescape=True),
                                Seller.name.icontains(word, autoescape=True)))  # fmt: skip
    return [
        PairChoice(*row[:4], *(int(value or 0) for value in row[4:])) for row in db.session.execute(query)
    ]


def _own_shelves(actor: Actor) -> Any:
    visible = papers_visible_to(actor, ShelfBalance.outlet_id, ShelfBalance.seller_id)
    return and_(visible, ShelfBalance.on_hand > 0)


def pair_names(actor: Actor, outlet_id: int, seller_id: int) -> tuple[str, str] | None:
    """The names of an outlet of the actor's and of a seller; None when it is not the actor's."""
    if actor.operator_id is None:
        return None
    query = (
        select(Outlet.name, Seller.name)
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, facts_on(OutletFacts, clock.today())))
        .join(Seller, Seller.id == seller_id)
        .where(Outlet.id == outlet_id, OutletFacts.operator_id == actor.operator_id)
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def lots_on_shelf(outlet_id: int, seller_id: int) -> list[OnShelf]:
    """What of a seller stands at an outlet, what expires first on top, each with what is advised."""
    held = holdings_of_pair(outlet_id, seller_id)
    aside = set_aside({one.shelf for one in held})
    wanted = {one.product_id for one in held}
    query = select(Product.id, Product.name, Product.sku).where(Product.id.in_(wanted))
    names = {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
    return [
        OnShelf(
            one,
            *names[one.product_id],
            aside.get((one.outlet_id, one.product_id, one.lot_code, one.expires_on), 0),
            advice,
        )
        for one, advice in zip(held, advise(held), strict=True)
    ]
