"""Tables of outright orders."""

from .carts import ApprovalLimit, CartLine, Checkout
from .invoices import CreditNote, Invoice, InvoiceLine
from .orders import (
    Order,
    OrderLine,
    OrderShare,
    OrderState,
    OrderStep,
    PaymentPlan,
    ShippingKind,
)
from .shipments import ClaimKind, ClaimPhoto, ClaimState, OrderClaim, Shipment, ShipmentLine
from .stock import CapacityWeek, ReadyStock, ReadyStockEntry, Reservation, ReservationState
from .terms import SellingTerms

__all__ = [
    "ApprovalLimit",
    "CapacityWeek",
    "CartLine",
    "Checkout",
    "ClaimKind",
    "ClaimPhoto",
    "ClaimState",
    "CreditNote",
    "Invoice",
    "InvoiceLine",
    "Order",
    "OrderClaim",
    "OrderLine",
    "OrderShare",
    "OrderState",
    "OrderStep",
    "PaymentPlan",
    "ReadyStock",
    "ReadyStockEntry",
    "Reservation",
    "ReservationState",
    "SellingTerms",
    "Shipment",
    "ShipmentLine",
    "ShippingKind",
]
