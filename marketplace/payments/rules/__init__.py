"""Decisions about money between two parties, over plain values."""

from .acts import allowed
from .paying import (
    MAX_RUPIAH,
    MAX_TEXT,
    OLDEST_DAYS,
    PAYMENT_ACTS,
    NewPayment,
    PaymentVerb,
    check_payment,
    require_act,
    spread,
)

__all__ = [
    "MAX_RUPIAH",
    "MAX_TEXT",
    "OLDEST_DAYS",
    "PAYMENT_ACTS",
    "NewPayment",
    "PaymentVerb",
    "allowed",
    "check_payment",
    "require_act",
    "spread",
]
