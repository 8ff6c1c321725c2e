"""Tables of money."""

from .bank import BankLine, SellerQris
from .charges import (
    Charge,
    ChargeDispute,
    ChargeItem,
    ChargeState,
    ItemOutcome,
    Payout,
    PayoutLine,
    ProviderCall,
    ProviderEvent,
    Refund,
    RefundState,
)
from .ledger import (
    AccountKind,
    JournalAccount,
    JournalLine,
    JournalTransaction,
    Payable,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentState,
)

__all__ = [
    "AccountKind",
    "BankLine",
    "Charge",
    "ChargeDispute",
    "ChargeItem",
    "ChargeState",
    "ItemOutcome",
    "JournalAccount",
    "JournalLine",
    "JournalTransaction",
    "Payable",
    "Payment",
    "PaymentAllocation",
    "PaymentMethod",
    "PaymentState",
    "Payout",
    "PayoutLine",
    "ProviderCall",
    "ProviderEvent",
    "Refund",
    "RefundState",
    "SellerQris",
]
