"""A store with one maker's goods on its shelf, and the people of both sides."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from marketplace.catalog.models import Product
from marketplace.db import db
from marketplace.organizations.models import Outlet, Seller
from marketplace.permissions import SYSTEM, Actor, Role
from marketplace.placements.models import Agreement, SalesReport
from marketplace.placements.services.reports import HandReport, Sold, report_by_hand
from marketplace.stock.models import MovementKind, ShelfBalance
from marketplace.stock.rules import Movement
from marketplace.stock.rules.sales import Line
from marketplace.stock.services import post_movements
from tests import factories as make

TODAY = date(2026, 11, 22)
YESTERDAY = date(2026, 11, 21)
_numbers = itertools.count(1)


def a_key() -> str:
    """A key as a page makes it."""
    return f"kunci{next(_numbers):08d}"


@dataclass
class Store:
    """An outlet, a maker with one product agreed at Rp20.000, and a person at each."""

    seller: Seller
    outlet: Outlet
    product: Product
    agreement: Agreement
    maker: Actor
    buyer: Actor
    staff: Actor

    def deliver(
        self, quantity: int, day: date = YESTERDAY, lot: str | None = None, expires_on: date | None = None
    ) -> None:
        """Put units on the shelf."""
        post_movements(
            actor=SYSTEM,
            movements=[
                Movement(
                    f"D-{next(_numbers)}", MovementKind.DELIVERY, self.outlet.id, self.seller.id,
                    self.product.id, quantity, day, lot=lot, expires_on=expires_on,
                )
            ],
        )  # fmt: skip

    def hand(self, quantity: int, day: date = TODAY, **changes: Any) -> HandReport:
        """A report of a sale, as the page makes it."""
        price = changes.pop("price", None)
        values: dict[str, Any] = {
            "outlet_id": self.outlet.id,
            "client_key": a_key(),
            "first_on": day,
            "last_on": day,
            "sold": (Sold(self.product.id, quantity, price),) if quantity else (),
            "is_zero": not quantity,
        }
        return HandReport(**{**values, **changes})

    def report(self, quantity: int, day: date = TODAY, **changes: Any) -> SalesReport:
        """Report a sale by hand."""
        actor = changes.pop("actor", self.staff)
        return report_by_hand(actor=actor, report=self.hand(quantity, day, **changes))

    def line(self, ref: str, quantity: int = 1) -> Line:
        """A sale as a program tells it."""
        return Line(ref, TODAY.isoformat(), self.seller.seller_ref, self.product.sku, quantity)

    def on_hand(self) -> int:
        """What the ledger holds now."""
        db.session.rollback()
        shelf = db.session.get(ShelfBalance, (self.outlet.id, self.product.id))
        return shelf.on_hand if shelf else 0


def open_store(terms: Mapping[str, Any] | None = None) -> Store:
    """A store whose agreement says 10 percent, settled monthly, reported every seven days."""
    seller = make.seller(name="Dapur Contoh")
    operator = make.operator(name="Rukun Mart")
    outlet = make.outlet(name="Rukun Mart Nusukan", operator_id=operator.id)
    product = make.product(seller, name="Keripik tempe", price_rupiah=15_000, retail_price_rupiah=20_000)
    agreement = make.agreement(
        outlet,
        seller,
        starts_on=date(2026, 11, 1),
        commission_percent=Decimal(10),
        terms=terms,
        annex={product.id: (20_000, None)},
    )
    return Store(
        seller,
        outlet,
        product,
        agreement,
        maker=make.member(Role.SELLER_OWNER, seller_id=seller.id),
        buyer=make.member(Role.BUYER_MANAGER, operator_id=operator.id),
        staff=make.member(Role.BUYER_STAFF, operator_id=operator.id),
    )
