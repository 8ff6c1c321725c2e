"""What programs send to and get from orders."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..api_values import ONLY_WHOLE, Cursor, Day, Limit, Ref, Rupiah
from .models import OrderState, PaymentPlan, ShippingKind
from .rules.buying import MAX_UNITS
from .rules.drafts import MAX_LINES

Units = Annotated[int, Field(ge=1, le=MAX_UNITS), ONLY_WHOLE]
Counted = Annotated[int, Field(ge=0, le=MAX_UNITS), ONLY_WHOLE]


class OrdersQuery(BaseModel):
    """Which orders, and from where on."""

    state: OrderState | None = None
    moved_since: Day | None = Field(None, description="Only those that moved on this WIB day or later.")
    limit: Limit = 50
    cursor: Cursor | None = None


class PageQuery(BaseModel):
    """From where on."""

    limit: Limit = 50
    cursor: Cursor | None = None


class OrderItem(BaseModel):
    """An order in a list."""

    order_ref: str
    number: str | None = Field(description="Null until the order reaches its seller.")
    state: OrderState
    seller_ref: str
    operator_ref: str
    outlet_ref: str | None
    total_rupiah: int
    due_at: datetime | None = Field(description="Until when the state may last.")
    deliver_from: date
    deliver_to: date
    placed_at: datetime | None
    url: str


class OrderList(BaseModel):
    """One page, newest first."""

    items: list[OrderItem]
    next_cursor: int | None


class OrderLineOut(BaseModel):
    """Units of one product: ordered, sent, accepted and billed side by side."""

    line: int
    sku: str
    name: str
    unit: str
    quantity: int
    unit_price_rupiah: int
    amount_rupiah: int
    is_parcel: bool
    card_text: str
    sent: int
    accepted: int
    billed: int


class OrderStepOut(BaseModel):
    """One move of the order."""

    step: int
    verb: str
    from_state: str | None
    to_state: str
    side: str
    reason: str
    happened_at: datetime


class ShipmentLineOut(BaseModel):
    """Units in one lot on the delivery note, and what the buyer found."""

    note_line: int
    line: int
    lot: str
    expires_on: date | None
    quantity: int
    accepted: int | None
    short: int | None
    damaged: int | None


class ShipmentOut(BaseModel):
    """The delivery note."""

    number: str
    carrier: str
    tracking: str
    sent_on: date
    received_on: date | None
    is_deemed: bool
    lines: list[ShipmentLineOut]


class OrderPayableOut(BaseModel):
    """What is asked before packing or after the receipt, and how far it is paid."""

    payable_id: int
    kind: Literal["advance", "invoice"]
    number: str
    amount_rupiah: int
    paid_rupiah: int = Field(description="Reported and not denied.")
    confirmed_rupiah: int
    due_on: date


class OrderOut(OrderItem):
    """One order with all that belongs to it."""

    goods_rupiah: int
    shipping_rupiah: int
    tax_rupiah: int
    advance_rupiah: int
    shipping_kind: ShippingKind
    payment_plan: PaymentPlan
    due_days: int
    recipient: str = Field(description="For the two parties alone, as are the next four.")
    phone: str
    address: str
    note: str
    procurement_ref: str
    side: Literal["buyer", "seller"] | None = Field(description="Yours; null for an office that looks on.")
    acts: list[str] = Field(description="What you may do with it now.")
    lines: list[OrderLineOut]
    steps: list[OrderStepOut]
    shipment: ShipmentOut | None
    invoice_code: str | None
    payables: list[OrderPayableOut]


class LineIn(BaseModel):
    """Units of one product."""

    model_config = ConfigDict(extra="forbid")

    seller_ref: Ref
    sku: Ref
    quantity: Units
    unit_price_rupiah: Rupiah | None = Field(
        None, description="What one is expected to cost; if it costs something else nothing is ordered."
    )
    card_text: str = Field("", max_length=300, description="What a parcel's card says.")


class CheckoutIn(BaseModel):
    """Goods of one or several sellers for one place; each seller gets an order of its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "lines": [{"seller_ref": "U00001", "sku": "KRP-01", "quantity": 20}],
                "outlet_ref": "T00001",
                "shipping": "pickup",
                "payment": "on_delivery",
            }
        },
    )

    lines: list[LineIn] = Field(min_length=1, max_length=MAX_LINES)
    outlet_ref: Ref | None = Field(None, description="One of your outlets; without one, the address.")
    recipient: str = Field("", max_length=300)
    phone: str = Field("", max_length=60)
    address: str = Field("", max_length=1000)
    deliver_from: Day | None = Field(None, description="Null: as early as each seller can.")
    deliver_to: Day | None = Field(None, description="Null: a week after deliver_from.")
    shipping: ShippingKind | None = Field(None, description="Null: the first way that each seller offers.")
    payment: PaymentPlan | None = Field(None, description="Null: the first way that each seller takes.")
    note: str = Field("", max_length=2000)
    procurement_ref: str = Field("", max_length=100)


class PlacedOrderOut(BaseModel):
    """One of the orders that were made."""

    order_ref: str
    seller_ref: str
    url: str


class CheckoutOut(BaseModel):
    """What was ordered in one go; it never changes, however often it is asked for with the same key."""

    checkout_id: int
    needs_approval: bool = Field(description="A manager has to approve before the sellers hear of it.")
    total_rupiah: int
    orders: list[PlacedOrderOut]


class ShippingIn(BaseModel):
    """What shipping costs."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"shipping_rupiah": 25000}})

    shipping_rupiah: Rupiah


class PackedIn(BaseModel):
    """Units of one order line in one lot."""

    model_config = ConfigDict(extra="forbid")

    line: Annotated[int, Field(ge=1, le=MAX_LINES), ONLY_WHOLE]
    quantity: Units
    lot: str = Field("", max_length=64)
    expires_on: Day | None = None


class ShipIn(BaseModel):
    """A delivery note."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "lines": [{"line": 1, "quantity": 20, "lot": "L-2611", "expires_on": "2027-06-30"}],
                "carrier": "JNE",
            }
        },
    )

    lines: list[PackedIn] | None = Field(
        max_length=500, description="Null: all that was ordered, without lots."
    )
    carrier: str = Field("", max_length=120)
    tracking: str = Field("", max_length=120)
    driver: str = Field("", max_length=120)
    note: str = Field("", max_length=2000)


class TakenIn(BaseModel):
    """What was found of one line of the delivery note; what is neither is short."""

    model_config = ConfigDict(extra="forbid")

    note_line: Annotated[int, Field(ge=1, le=500), ONLY_WHOLE]
    accepted: Counted
    damaged: Counted = 0


class ReceiveIn(BaseModel):
    """What came."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"lines": [{"note_line": 1, "accepted": 19, "damaged": 1}]}},
    )

    lines: list[TakenIn] | None = Field(
        max_length=500, description="Null: everything came well. A line that is left out did not come."
    )
    received_on: Day | None = None
    note: str = Field("", max_length=2000)


class InvoiceItem(BaseModel):
    """An invoice in a list; `code` stands in its QR."""

    code: str
    number: str
    order_ref: str
    seller_ref: str
    operator_ref: str
    issued_on: date
    due_on: date
    goods_rupiah: int
    shipping_rupiah: int
    tax_rupiah: int
    total_rupiah: int
    advance_rupiah: int
    due_rupiah: int


class InvoiceList(BaseModel):
    """One page, newest first."""

    items: list[InvoiceItem]
    next_cursor: int | None


class InvoiceLineOut(BaseModel):
    """One line of an invoice."""

    sku: str
    name: str
    unit: str
    quantity: int
    unit_price_rupiah: int
    amount_rupiah: int


class CreditNoteOut(BaseModel):
    """What was taken off an invoice later."""

    number: str
    goods_rupiah: int
    tax_rupiah: int
    total_rupiah: int
    issued_on: date


class InvoiceOut(InvoiceItem):
    """One invoice with its lines and credit notes."""

    tax_base_rupiah: int
    tax_percent: float | None
    lines: list[InvoiceLineOut]
    credit_notes: list[CreditNoteOut]
