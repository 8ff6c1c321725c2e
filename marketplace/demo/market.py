"""How the demo city buys outright: orders led through their life by the services, each on its day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..catalog.models import Product
from ..orders.models import Order, OrderLine, OrderShare, PaymentPlan, Shipment, ShipmentLine, ShippingKind
from ..orders.queries.offers import offers_of
from ..orders.rules.buying import earliest_day, shipping_cost
from ..orders.rules.drafts import CheckoutDraft, LineDraft, SellerDraft
from ..orders.rules.shipping import Packed, Taken
from ..orders.services.answering import confirm
from ..orders.services.checkout import place
from ..orders.services.deadlines import close
from ..orders.services.receiving import receive
from ..orders.services.shipping import ShipmentDraft, ship
from ..organizations.models import Outlet, Seller
from ..payments.models import Payable, PaymentMethod
from ..payments.rules import NewPayment, PaymentVerb
from ..payments.services import answer_payment, record_payment
from ..permissions import Actor, Role
from .money import slip
from .people import on

Goods = Sequence[tuple[str, int]]
KEPT = timedelta(days=75)


@dataclass
class Market:
    """Who sells what, by the references of the spreadsheets, and the day on which the demo is loaded."""

    session: Session
    today: date
    products: dict[str, int] = field(default_factory=dict)
    sellers: dict[str, int] = field(default_factory=dict)
    outlets: dict[str, int] = field(default_factory=dict)
    makers: dict[int, Actor] = field(default_factory=dict)
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def open(cls, session: Session, today: date) -> Market:
        """The market of a loaded city."""
        found = cls(session, today)
        columns = (Product.sku, Product.id, Seller.seller_ref, Seller.id, Seller.name)
        for sku, product_id, ref, seller_id, name in session.execute(
            select(*columns).join(Seller, Seller.id == Product.seller_id)
        ):
            found.products[sku], found.sellers[ref] = product_id, seller_id
            found.makers[seller_id] = Actor(None, name, Role.SELLER_OWNER, seller_id=seller_id)
        found.outlets = dict(session.execute(select(Outlet.outlet_ref, Outlet.id)).all())
        return found

    def back(self, days: int, hours: int = 0) -> Any:
        """The clock so many days ago, hours after ten in the morning."""
        return clock.frozen(on(self.today - timedelta(days=days)) + timedelta(hours=hours))

    def key(self) -> str:
        """The key of a form that is sent once."""
        return f"peraga-{next(self._keys)}"

    def maker(self, order: Order) -> Actor:
        """Who sells it."""
        return self.makers[order.seller_id]

    # --- the life of an order ------------------------------------------------------------------------------

    def part(self, ref: str, goods: Goods, **how: Any) -> SellerDraft:
        """What is ordered of one maker at the prices of the moment: fetched and paid at the door, unless
        said otherwise."""
        seller_id = self.sellers[ref]
        offers = offers_of([self.products[sku] for sku, _units in goods])
        wanted = [(offers.by_product[self.products[sku]], units) for sku, units in goods]
        card = how.pop("card_text", "")
        kind = ShippingKind(how.pop("shipping_kind", ShippingKind.PICKUP))
        plan = PaymentPlan(how.pop("payment_plan", PaymentPlan.ON_DELIVERY))
        amount = sum(offer.unit_price(units) * units for offer, units in wanted)
        first = earliest_day(wanted, clock.today()) + timedelta(days=1)
        values: dict[str, Any] = {
            "lines": [
                LineDraft(offer.product_id, units, offer.unit_price(units), card) for offer, units in wanted
            ],
            "deliver_from": first,
            "deliver_to": first + timedelta(days=3),
            "shipping_kind": kind,
            "payment_plan": plan,
            "seen_shipping_rupiah": shipping_cost(offers.makers[seller_id].terms, kind, amount),
        }
        if "outlet" in how:
            values["outlet_id"] = self.outlets[how.pop("outlet")]
        return SellerDraft(seller_id=seller_id, **{**values, **how})

    def order(self, buyer: Actor, days: int, *parts: tuple[str, Goods, dict[str, Any]]) -> list[Order]:
        """Order of some makers in one go, so many days ago."""
        with self.back(days):
            drafts = [self.part(ref, goods, **how) for ref, goods, how in parts]
            made = place(actor=buyer, draft=CheckoutDraft(self.key(), drafts))
        query = select(Order).where(Order.checkout_id == made.id).order_by(Order.id)
        return list(self.session.scalars(query))

    def one(self, buyer: Actor, days: int, ref: str, goods: Goods, **how: Any) -> Order:
        """Order of one maker."""
        return self.order(buyer, days, (ref, goods, how))[0]

    def confirm(self, order: Order, days: int) -> None:
        """Its maker says yes."""
        with self.back(days):
            confirm(actor=self.maker(order), order_id=order.id)

    def pay(
        self, order: Order, buyer: Actor, days: int, *, confirmed: int | None, transfer: bool = False
    ) -> None:
        """The buyer pays what is asked of it, to each maker; each says that it came so many days ago."""
        query = (
            select(Payable)
            .join(OrderShare, OrderShare.id == Payable.document_id)
            .where(Payable.kind.in_(("advance", "invoice")), OrderShare.order_id == order.id)
            .where(Payable.paid_rupiah < Payable.amount_rupiah)
            .order_by(Payable.id)
        )
        for bill in self.session.scalars(query).all():
            method = PaymentMethod.BANK_TRANSFER if transfer else PaymentMethod.CASH
            with self.back(days, 2):
                made = record_payment(
                    actor=buyer,
                    payment=NewPayment((bill.id,), bill.open_rupiah, method, clock.today(), self.key()),
                    proof=slip(bill.number, bill.open_rupiah) if transfer else None,
                )
            if confirmed is not None:
                with self.back(confirmed, 4):
                    answer_payment(
                        actor=self.makers[bill.seller_id], payment_id=made.id, verb=PaymentVerb.CONFIRM
                    )

    def ship(self, order: Order, days: int, **head: Any) -> None:
        """It goes off whole, each line in one lot."""
        lines = self.session.scalars(
            select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
        )
        with self.back(days, 1):
            lot = f"L-{clock.today():%m%d}"
            packed = [Packed(line.id, line.quantity, lot, clock.today() + KEPT) for line in lines]
            ship(actor=self.maker(order), order_id=order.id, draft=ShipmentDraft(packed, **head))

    def receive(self, order: Order, buyer: Actor, days: int, *, short: int = 0, damaged: int = 0) -> None:
        """The buyer takes it in; of the first line some are missing or broken."""
        query = (
            select(ShipmentLine)
            .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
            .where(Shipment.order_id == order.id)
            .order_by(ShipmentLine.position)
        )
        rows = self.session.scalars(query).all()
        counted = {row.id: Taken(row.quantity) for row in rows}
        counted[rows[0].id] = Taken(rows[0].quantity - short - damaged, damaged)
        with self.back(days, 3):
            receive(actor=buyer, order_id=order.id, counted=counted)

    def close(self, order: Order, days: int) -> None:
        """Its days for claims are over."""
        with self.back(days):
            close(order.id)
