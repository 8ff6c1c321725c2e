"""Every write of money."""

from .journal import Account, Step, enter, reverse_step
from .payables import NewPayable, change_amount, lock_payable, open_payables
from .payments import answer_payment, record_payment

__all__ = [
    "Account",
    "NewPayable",
    "Step",
    "answer_payment",
    "change_amount",
    "enter",
    "lock_payable",
    "open_payables",
    "record_payment",
    "reverse_step",
]
