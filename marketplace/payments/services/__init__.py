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
from .payments import answer_payment, pay_at_door, record_payment, take_payment
from .refunds import answer_refund, send_refund

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
    "answer_refund",
    "ask_advance",
    "bill",
    "change_amount",
    "credit",
    "enter",
    "is_paid",
    "lock_payable",
    "open_payables",
    "pay_at_door",
    "record_payment",
    "reverse_step",
    "send_refund",
    "shares_of_payment",
    "take_payment",
    "withdraw_advance",
]
