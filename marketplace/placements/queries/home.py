"""A seller's first screen: what to do today, what stands on which shelf, what was sold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy import and_, exists, func, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller, SellerFacts, Verification
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...stock.models import ORDER_CAUSE, MovementKind, ShelfBalance, StockMovement
from ..models import Agreement
from ..rules import Outlook, outlook
from .agreements import AgreementRow, Filter, agreements_of, condition_on
from .debts import debts_to, unsettled_of_seller

PACE_DAYS = 7


@dataclass(frozen=True)
class ShelfGood:
    """One product on one outlet's shelf."""

    product_id: int
    name: str
    unit: str
    on_hand: int
    sold: int
    last_on: date | None
    outlook: Outlook


@dataclass(frozen=True)
class OutletShelf:
    """A seller's goods at one outlet, the most urgent first."""

    outlet_id: int
    outlet_name: str
    goods: list[ShelfGood]
    is_in_force: bool

    @property
    def on_hand(self) -> int:
        """Units of all its products."""
        return sum(good.on_hand for good in self.goods)

    @property
    def sold(self) -> int:
        """Units sold in the last days."""
        return sum(good.sold for good in self.goods)

    @property
    def outlook(self) -> Outlook:
        """What to expect of all of it together."""
        return outlook(self.on_hand, self.sold, PACE_DAYS)

    @property
    def last_on(self) -> date | None:
        """The day of the latest movement."""
        return max((good.last_on for good in self.goods if good.last_on), default=None)


@dataclass(frozen=True)
class Due:
    """What somebody owes: by bills that are open, and what sold that no bill holds yet, as an estimate.

    An outlet owes what was sold there, a buyer what it ordered; its `outlet_id` is None. `reported_rupiah`
    is what the payer says it paid and the seller has not confirmed.
    """

    outlet_id: int | None
    payer_name: str
    billed_rupiah: int = 0
    overdue_rupiah: int = 0
    reported_rupiah: int = 0
    due_on: date | None = None
    unbilled_rupiah: int = 0
    units: int = 0
    since: date | None = None

    @property
    def rupiah(self) -> int:
        """Both together."""
        return self.billed_rupiah + self.unbilled_rupiah


@dataclass(frozen=True)
class SellerHome:
    """All that the screen shows."""

    seller: Seller
    is_verified: bool
    is_waiting: bool
    products: int
    undelivered: list[AgreementRow]
    shelves: list[OutletShelf]
    dues: list[Due] = field(default_factory=list)

    @property
    def billed_rupiah(self) -> int:
        """What bills ask that nobody says is paid."""
        return sum(due.billed_rupiah for due in self.dues)

    @property
    def ordered_rupiah(self) -> int:
        """What of that is for orders."""
        return sum(due.billed_rupiah for due in self.dues if due.outlet_id is None)

    @property
    def overdue_rupiah(self) -> int:
        """What of all bills is overdue."""
        return sum(due.overdue_rupiah for due in self.dues)

    @property
    def unbilled_rupiah(self) -> int:
        """What sold and no bill holds yet: an estimate, because reports may still change."""
        return sum(due.unbilled_rupiah for due in self.dues)


def seller_home(actor: Actor) -> SellerHome | None:
    """The first screen of the actor's seller; None when there is no such seller."""
    day = clock.today()
    row = db.session.execute(
        select(Seller, SellerFacts.verified_on, SellerFacts.revoked_on)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .where(Seller.id == actor.seller_id)
    ).one_or_none()
    if row is None:
        return None
    seller, verified_on, revoked_on = row
    waiting = select(Verification.id).where(
        Verification.seller_id == seller.id, Verification.decided_at.is_(None)
    )
    products = select(func.count()).where(Product.seller_id == seller.id, Product.is_live)
    return SellerHome(
        seller=seller,
        is_verified=verified_on is not None
        and verified_on <= day
        and (revoked_on is None or day < revoked_on),
        is_waiting=db.session.scalar(waiting.limit(1)) is not None,
        products=int(db.session.scalar(products) or 0),
        undelivered=_undelivered(actor, day),
        shelves=shelves_of(seller.id, day),
        dues=dues_of(seller.id, day),
    )


def _undelivered(actor: Actor, day: date) -> list[AgreementRow]:
    """Agreements in force under which nothing was ever delivered: on paper only."""
    delivered = set(
        db.session.scalars(
            select(StockMovement.outlet_id)
            .where(
                StockMovement.seller_id == actor.seller_id,
                StockMovement.kind == MovementKind.DELIVERY.value,
                StockMovement.reverses_id.is_(None),
            )
            .distinct()
        )
    )
    running = agreements_of(actor, Filter(condition="in_force"), size=200)
    return [row for row in running if row.outlet_id not in delivered]


def shelves_of(seller_id: int, day: date) -> list[OutletShelf]:
    """A seller's goods on every shelf, outlets by urgency: empty ones first, then by days left."""
    sold = _sold_by_shelf(seller_id, day)
    running = exists().where(
        Agreement.outlet_id == ShelfBalance.outlet_id,
        Agreement.seller_id == seller_id,
        condition_on(day) == "in_force",
    )
    query = (
        select(
            ShelfBalance.outlet_id, Outlet.name, running, ShelfBalance.product_id, Product.name, Product.unit,
            ShelfBalance.on_hand, ShelfBalance.last_on,
        )
        .join(Outlet, Outlet.id == ShelfBalance.outlet_id)
        .join(Product, Product.id == ShelfBalance.product_id)
        .where(ShelfBalance.seller_id == seller_id)
        .order_by(Outlet.name, Product.name)
    )  # fmt: skip
    goods: dict[tuple[int, str, bool], list[ShelfGood]] = {}
    for outlet_id, outlet, is_running, product_id, name, unit, on_hand, last_on in db.session.execute(query):
        pace = sold.get((outlet_id, product_id), 0)
        good = ShelfGood(product_id, name, unit, on_hand, pace, last_on, outlook(on_hand, pace, PACE_DAYS))
        goods.setdefault((outlet_id, outlet, bool(is_running)), []).append(good)
    shelves = [OutletShelf(key[0], key[1], found, key[2]) for key, found in goods.items()]
    alive = [shelf for shelf in shelves if shelf.is_in_force or shelf.on_hand]
    return sorted(alive, key=_urgency)


def _urgency(shelf: OutletShelf) -> tuple[bool, int, str]:
    days = shelf.outlook.days
    return not shelf.is_in_force, days if days is not None else 10_000, shelf.outlet_name


def _sold_by_shelf(seller_id: int, day: date) -> dict[tuple[int, int], int]:
    """Units sold by (outlet, product) in the last PACE_DAYS days; taken-back sales are taken away."""
    query = (
        select(StockMovement.outlet_id, StockMovement.product_id, func.sum(-StockMovement.change))
        .where(
            StockMovement.seller_id == seller_id,
            StockMovement.kind == MovementKind.SALE.value,
            StockMovement.cause_kind != ORDER_CAUSE,
            StockMovement.occurred_on > day - timedelta(days=PACE_DAYS),
            StockMovement.occurred_on <= day,
        )
        .group_by(StockMovement.outlet_id, StockMovement.product_id)
    )
    rows = db.session.execute(query)
    return {(outlet, product): max(int(units), 0) for outlet, product, units in rows}


def dues_of(seller_id: int, day: date) -> list[Due]:
    """What each outlet and each buyer owes a seller by bills, and what sold and is not billed; the earliest
    due first."""
    bills = [
        Due(*debt[:3], debt.overdue_rupiah, debt.reported_rupiah, debt.due_on)
        for debt in debts_to(seller_id, day)
    ]
    found = {due.outlet_id: due for due in bills if due.outlet_id is not None}
    open_ = unsettled_of_seller(seller_id)
    names = dict(
        db.session.execute(
            select(Outlet.id, Outlet.name).where(Outlet.id.in_({one.outlet_id for one in open_}))
        ).all()
    )
    for one in open_:
        due = found.get(one.outlet_id, Due(one.outlet_id, names[one.outlet_id]))
        lines = [*(line for planned in one.planned for line in planned.lines), *one.waiting]
        since = min(line.occurred_on for line in lines)
        found[one.outlet_id] = replace(
            due,
            unbilled_rupiah=due.unbilled_rupiah + one.rupiah,
            units=due.units + sum(line.quantity for line in lines if not line.kind.is_loss),
            since=min(since, due.since or since),
        )
    every = [*found.values(), *(due for due in bills if due.outlet_id is None)]
    return sorted(every, key=lambda due: (due.due_on or date.max, due.since or day, due.payer_name))
