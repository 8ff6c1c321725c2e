"""Decisions about money between two parties, over plain values."""

from .paying import (
    MAX_RUPIAH,
    MAX_TEXT,
    OLDEST_DAYS,
    PAYMENT_ACTS,
    NewPayment,
    PaymentAct,
    PaymentVerb,
    allowed_acts,
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
    "PaymentAct",
    "PaymentVerb",
    "allowed_acts",
    "check_payment",
    "require_act",
    "spread",
]
