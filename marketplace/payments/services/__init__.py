"""Every write of money."""

from .bills import (
    AdvanceAsked,
    Billed,
    Credited,
    Outcome,
    TakenOff,
    ask_advance,
    bill,
    credit,
    is_paid,
    shares_of_payment,
    withdraw_advance,
)
from .journal import Account, Step, enter, reverse_step
from .payables import NewPayable, change_amount, lock_payable, open_payables
from .payments import answer_payment, record_payment, take_payment

__all__ = [
    "Account",
    "AdvanceAsked",
    "Billed",
    "Credited",
    "NewPayable",
    "Outcome",
    "Step",
    "TakenOff",
    "answer_payment",
    "ask_advance",
    "bill",
    "change_amount",
    "credit",
    "enter",
    "is_paid",
    "lock_payable",
    "open_payables",
    "record_payment",
    "reverse_step",
    "shares_of_payment",
    "take_payment",
    "withdraw_advance",
]
