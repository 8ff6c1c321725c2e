"""What tests of orders begin with: goods that can be bought, and orders as a buyer places them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from marketplace import clock
from marketplace.catalog.models import PriceTier, Product
from marketplace.db import db, unit_of_work
from marketplace.orders.models import (
    ApprovalLimit,
    Checkout,
    Order,
    OrderLine,
    OrderShare,
    OrderState,
    OrderStep,
    PaymentPlan,
    ReadyStock,
    Reservation,
    SellingTerms,
    ShippingKind,
)
from marketplace.orders.queries.offers import offers_of, terms_of
from marketplace.orders.rules.buying import shipping_cost
from marketplace.orders.rules.drafts import CheckoutDraft, LineDraft, SellerDraft
from marketplace.orders.services.checkout import place
from marketplace.orders.services.reservations import count_ready
from marketplace.organizations.models import Operator, Outlet, Seller
from marketplace.permissions import Actor, Role
from tests import factories as make

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
_keys = itertools.count(1)


@dataclass
class Trade:
    """A seller with one product and a buyer with one outlet. `staff` may order, `buyer` may also approve."""

    seller: Seller
    product: Product
    operator: Operator
    outlet: Outlet
    maker: Actor
    buyer: Actor
    staff: Actor

    def order(self, quantity: int = 10, **how: Any) -> Order:
        """An order of the product, placed; takes what `place_order` takes."""
        return place_order(self, quantity, **how)


def trade_of(**product: Any) -> Trade:
    """A new pair; takes what `buyable` takes."""
    seller, operator = make.seller(name="Dapur Contoh"), make.operator(name="Rukun Mart")
    return Trade(
        seller=seller,
        product=buyable(seller, **{"name": "Keripik tempe", **product}),
        operator=operator,
        outlet=make.outlet(name="Rukun Mart Nusukan", operator_id=operator.id),
        maker=make.member(Role.SELLER_OWNER, seller_id=seller.id),
        buyer=make.member(Role.BUYER_MANAGER, operator_id=operator.id),
        staff=make.member(Role.BUYER_STAFF, operator_id=operator.id),
    )


def buyable(
    seller: Seller, *, ready: int | None = None, tiers: Sequence[tuple[int, int]] = (), **values: Any
) -> Product:
    """A live product at Rp15.000. `ready`: units at hand (None: made to order), `tiers`: (from, price)."""
    product = make.product(seller, **values)
    with unit_of_work() as session:
        session.add_all(
            PriceTier(product_id=product.id, min_quantity=quantity, price_rupiah=price)
            for quantity, price in tiers
        )
    if ready is not None:
        owner = Actor(user_id=None, name="Pemilik", role=Role.SELLER_OWNER, seller_id=seller.id)
        count_ready(actor=owner, product_id=product.id, on_hand=ready)
    return product


def sells(seller: Seller, **terms: Any) -> SellingTerms:
    """How a seller sells, beside the defaults: shipping_rupiah, free_from_rupiah, due_days and so on."""
    with unit_of_work() as session:
        row = SellingTerms(seller_id=seller.id, **{"changed_at": clock.now(), **terms})
        return session.merge(row)


def limit(operator: Operator, rupiah: int, user_id: int = 0) -> None:
    """Up to how much people of an operator (or one of them) may order alone."""
    with unit_of_work() as session:
        session.merge(
            ApprovalLimit(
                operator_id=operator.id, user_id=user_id, limit_rupiah=rupiah, changed_at=clock.now()
            )
        )


def draft_part(seller_id: int, goods: Sequence[tuple[int, int]], **how: Any) -> SellerDraft:
    """What is ordered of one seller, as (product id, quantity): fetched, paid at the door, within a week.

    `how`: fields of SellerDraft. Prices and shipping are what the buyer would be shown now.
    """
    offers = offers_of([product_id for product_id, _quantity in goods]).by_product
    lines = [
        LineDraft(product_id, quantity, offers[product_id].unit_price(quantity))
        for product_id, quantity in goods
    ]
    kind = ShippingKind(how.pop("shipping_kind", ShippingKind.PICKUP))
    plan = PaymentPlan(how.pop("payment_plan", PaymentPlan.ON_DELIVERY))
    amount = sum(line.quantity * line.seen_price_rupiah for line in lines)
    values: dict[str, Any] = {
        "lines": lines,
        "deliver_from": TODAY + 2 * DAY,
        "deliver_to": TODAY + 5 * DAY,
        "shipping_kind": kind,
        "payment_plan": plan,
        "seen_shipping_rupiah": shipping_cost(terms_of([seller_id])[seller_id], kind, amount),
    }
    return SellerDraft(seller_id=seller_id, **{**values, **how})


def draft_of(*parts: SellerDraft, key: str = "") -> CheckoutDraft:
    """A cart to send off, under a key of its own."""
    return CheckoutDraft(client_key=key or f"key-{next(_keys)}", parts=parts)


def place_order(trade: Trade, quantity: int = 10, *, actor: Actor | None = None, **how: Any) -> Order:
    """One order of the trade's product for its outlet, by its manager.

    `how`: fields of SellerDraft, such as payment_plan, shipping_kind, deliver_to.
    """
    values = {"outlet_id": trade.outlet.id, **how}
    part = draft_part(trade.seller.id, [(trade.product.id, quantity)], **values)
    (order,) = orders_of(place(actor=actor or trade.buyer, draft=draft_of(part)))
    return order


# --- looking -----------------------------------------------------------------------------------------------


def orders_of(checkout: Checkout) -> list[Order]:
    """The orders of a checkout, in the order of its parts."""
    query = select(Order).where(Order.checkout_id == checkout.id).order_by(Order.id)
    return list(db.session.scalars(query))


def lines_of(order: Order) -> list[OrderLine]:
    """The lines of an order."""
    query = select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return list(db.session.scalars(query))


def shares_of(order: Order) -> list[OrderShare]:
    """What of an order is whose, its seller first."""
    query = select(OrderShare).where(OrderShare.order_id == order.id).order_by(OrderShare.id)
    return list(db.session.scalars(query))


def steps_of(order: Order) -> list[tuple[str, str]]:
    """Verb and new state of every step of an order."""
    query = select(OrderStep.verb, OrderStep.to_state).where(OrderStep.order_id == order.id)
    return [(verb, state) for verb, state in db.session.execute(query.order_by(OrderStep.position))]


def state_of(order: Order) -> OrderState:
    """Where it stands now."""
    db.session.rollback()
    return OrderState(db.session.scalars(select(Order.state).where(Order.id == order.id)).one())


def stock_of(product: Product) -> tuple[int, int]:
    """Units at hand, and how many of them are promised."""
    db.session.rollback()
    query = select(ReadyStock.on_hand, ReadyStock.reserved).where(ReadyStock.product_id == product.id)
    row = db.session.execute(query).one()
    return row.on_hand, row.reserved


def reservations_of(order: Order) -> list[Reservation]:
    """What an order was promised."""
    query = select(Reservation).join(OrderLine, OrderLine.id == Reservation.order_line_id)
    return list(db.session.scalars(query.where(OrderLine.order_id == order.id).order_by(Reservation.id)))
