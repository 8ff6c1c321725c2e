"""Every read of money."""

from .payments import (
    PAGE_SIZE,
    BillRow,
    PaymentFilter,
    PaymentListRow,
    PaymentPage,
    bills_to_pay,
    count_by_state,
    payment_page,
    payments_of,
    payments_visible_to,
)

__all__ = [
    "PAGE_SIZE",
    "BillRow",
    "PaymentFilter",
    "PaymentListRow",
    "PaymentPage",
    "bills_to_pay",
    "count_by_state",
    "payment_page",
    "payments_of",
    "payments_visible_to",
]
