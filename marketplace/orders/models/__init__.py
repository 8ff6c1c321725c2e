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
from .parcels import (
    OrderLineParcel,
    Parcel,
    ParcelComponent,
    ParcelConsent,
    ParcelState,
    ParcelVersion,
)
from .quotes import Quote, QuoteLine, QuoteState, QuoteVersion
from .receipts import PaymentReceipt
from .reminders import DeadlineReminder
from .shipments import ClaimKind, ClaimPhoto, ClaimState, OrderClaim, Shipment, ShipmentLine
from .standing import (
    RunOutcome,
    StandingCycle,
    StandingLine,
    StandingOrder,
    StandingRun,
    StandingState,
)
from .stock import CapacityWeek, ReadyStock, ReadyStockEntry, Reservation, ReservationState
from .tax import SellerTaxFact
from .terms import SellingTerms
from .turnover import OtherSales, TurnoverStatement

__all__ = [
    "ApprovalLimit",
    "CapacityWeek",
    "CartLine",
    "Checkout",
    "ClaimKind",
    "ClaimPhoto",
    "ClaimState",
    "CreditNote",
    "DeadlineReminder",
    "Invoice",
    "InvoiceLine",
    "Order",
    "OrderClaim",
    "OrderLine",
    "OrderLineParcel",
    "OrderShare",
    "OrderState",
    "OrderStep",
    "OtherSales",
    "Parcel",
    "ParcelComponent",
    "ParcelConsent",
    "ParcelState",
    "ParcelVersion",
    "PaymentPlan",
    "PaymentReceipt",
    "Quote",
    "QuoteLine",
    "QuoteState",
    "QuoteVersion",
    "ReadyStock",
    "ReadyStockEntry",
    "Reservation",
    "ReservationState",
    "RunOutcome",
    "SellerTaxFact",
    "SellingTerms",
    "Shipment",
    "ShipmentLine",
    "ShippingKind",
    "StandingCycle",
    "StandingLine",
    "StandingOrder",
    "StandingRun",
    "StandingState",
    "TurnoverStatement",
]
