"""Tables of outright orders: one buyer, one seller, frozen prices, and every step with who and when."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class OrderState(StrEnum):
    """Where an order stands (rules/states.py says who may move it where)."""

    AWAITING_APPROVAL = "awaiting_approval"
    REFUSED = "refused"
    PLACED = "placed"
    QUOTED = "quoted"
    DECLINED = "declined"
    EXPIRED = "expired"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    CONFIRMED = "confirmed"
    PACKED = "packed"
    SHIPPED = "shipped"
    RECEIVED = "received"
    INVOICED = "invoiced"
    SETTLED = "settled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class PaymentPlan(StrEnum):
    """When an order is paid: before packing, in part before, at the door, or days after the invoice."""

    BEFORE = "before"
    ADVANCE = "advance"
    ON_DELIVERY = "on_delivery"
    LATER = "later"


class ShippingKind(StrEnum):
    """How goods travel: brought at the seller's own rate, fetched, or at a price that the seller quotes."""

    SELLER_RATE = "seller_rate"
    PICKUP = "pickup"
    QUOTED = "quoted"


def one_of(column: str, values: type[StrEnum]) -> str:
    """A check that a column holds one of these."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Order(Base):
    """What one operator buys of one seller. Prices, terms and days are as both saw them when it was placed.

    `number` is gapless in the operator's year and given when the order reaches the seller; `order_ref` stands
    in addresses, files and its QR. total = goods + shipping + tax; `advance_rupiah` of it is due before
    packing. `due_at` is until when the current state may last (rules.states.DEADLINES). Goods for an outlet
    have `outlet_id`; else they go to `address`. `quote_id` and `standing_id` say what it came from.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("operator_id", "number", name="uq_orders_number"),
        UniqueConstraint("checkout_id", "seller_id", name="uq_orders_checkout_id"),
        CheckConstraint(one_of("state", OrderState), name="state"),
        CheckConstraint(one_of("payment_plan", PaymentPlan), name="payment_plan"),
        CheckConstraint(one_of("shipping_kind", ShippingKind), name="shipping_kind"),
        CheckConstraint(
            "goods_rupiah >= 0 AND shipping_rupiah >= 0 AND tax_rupiah >= 0"
            " AND total_rupiah = goods_rupiah + shipping_rupiah + tax_rupiah",
            name="total",
        ),
        CheckConstraint("advance_rupiah BETWEEN 0 AND total_rupiah", name="advance"),
        CheckConstraint("deliver_to >= deliver_from", name="window"),
        CheckConstraint(
            "due_days BETWEEN 0 AND 366 AND (payment_plan = 'later' OR due_days = 0)", name="due_days"
        ),
        CheckConstraint(
            "payment_plan = 'advance'"
            " OR advance_rupiah = CASE payment_plan WHEN 'before' THEN total_rupiah ELSE 0 END",
            name="plan",
        ),
        CheckConstraint(
            "state NOT IN ('awaiting_approval', 'placed', 'quoted', 'awaiting_payment', 'shipped', 'settled')"
            " OR due_at IS NOT NULL",
            name="due",
        ),
        CheckConstraint("accept_days BETWEEN 1 AND 60 AND claim_days BETWEEN 0 AND 60", name="days"),
        CheckConstraint(
            "state IN ('awaiting_approval', 'refused', 'expired', 'cancelled') OR number IS NOT NULL",
            name="number",
        ),
        CheckConstraint("outlet_id IS NOT NULL OR address <> '' OR shipping_kind = 'pickup'", name="to"),
        Index("ix_orders_operator_id", "operator_id", "state", "id"),
        Index("ix_orders_seller_id", "seller_id", "state", "id"),
        Index("ix_orders_outlet_id", "outlet_id", "id"),
        Index("ix_orders_due_at", "state", "due_at"),
        Index("uq_orders_quote_id", "quote_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_ref: Mapped[str] = mapped_column(String(24), unique=True)
    number: Mapped[str | None] = mapped_column(String(40))
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    state: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"))
    recipient: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    deliver_from: Mapped[date] = mapped_column(Date)
    deliver_to: Mapped[date] = mapped_column(Date)
    shipping_kind: Mapped[str] = mapped_column(String(12))
    payment_plan: Mapped[str] = mapped_column(String(12))
    due_days: Mapped[int] = mapped_column(Integer, default=0)
    accept_days: Mapped[int] = mapped_column(Integer)
    claim_days: Mapped[int] = mapped_column(Integer)
    is_pre_order: Mapped[bool] = mapped_column(default=False)
    goods_rupiah: Mapped[int] = mapped_column(BigInteger)
    shipping_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    total_rupiah: Mapped[int] = mapped_column(BigInteger)
    advance_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    quote_id: Mapped[int | None] = mapped_column(BigInteger)
    standing_id: Mapped[int | None] = mapped_column(BigInteger)
    procurement_ref: Mapped[str] = mapped_column(String(100), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    placed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def name(self) -> str:
        """What people call it: its number once it has one."""
        return self.number or f"#{self.id}"


class OrderLine(Base):
    """Units of one product: ordered, sent, taken in, and billed. What was agreed is frozen here.

    `sent`, `accepted` and `billed` are units so far: ordered, delivered and billed stand side by side.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position", name="uq_order_lines_position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_rupiah >= 0", name="unit_price"),
        CheckConstraint("amount_rupiah = unit_price_rupiah * quantity", name="amount"),
        CheckConstraint("sent BETWEEN 0 AND quantity", name="sent"),
        CheckConstraint("accepted BETWEEN 0 AND sent", name="accepted"),
        CheckConstraint("billed BETWEEN 0 AND accepted", name="billed"),
        Index("ix_order_lines_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    name: Mapped[str] = mapped_column(String(400))
    sku: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(32), default="")
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    is_parcel: Mapped[bool] = mapped_column(default=False)
    card_text: Mapped[str] = mapped_column(String(300), default="")
    sent: Mapped[int] = mapped_column(Integer, default=0)
    accepted: Mapped[int] = mapped_column(Integer, default=0)
    billed: Mapped[int] = mapped_column(Integer, default=0)


class OrderStep(Base):
    """One move of an order: from which state to which, by whom, when and why. Rows are never changed."""

    __tablename__ = "order_steps"
    __table_args__ = (
        UniqueConstraint("order_id", "position", name="uq_order_steps_position"),
        CheckConstraint(one_of("to_state", OrderState), name="to_state"),
        CheckConstraint("side IN ('buyer', 'seller', 'system')", name="side"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int] = mapped_column(Integer)
    verb: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    user_name: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrderShare(Base):
    """What of an order's money belongs to one maker: its seller, and the makers of parcels' components.

    A payable of kind 'advance' or 'invoice' names a share: `advance_rupiah` is asked for before packing,
    `billed_rupiah` is what the invoice came to. Shares sum to the order's amounts, to the rupiah.
    """

    __tablename__ = "order_shares"
    __table_args__ = (
        UniqueConstraint("order_id", "seller_id", name="uq_order_shares_order_id"),
        CheckConstraint("amount_rupiah >= 0 AND billed_rupiah >= 0", name="amounts"),
        CheckConstraint("advance_rupiah BETWEEN 0 AND amount_rupiah", name="advance"),
        Index("ix_order_shares_seller_id", "seller_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    amount_rupiah: Mapped[int] = mapped_column(BigInteger)
    advance_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    billed_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
