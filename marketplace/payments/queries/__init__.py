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
from .refunds import RefundListRow, RefundPage, count_refunds, refund_page, refunds_of

__all__ = [
    "PAGE_SIZE",
    "BillRow",
    "PaymentFilter",
    "PaymentListRow",
    "PaymentPage",
    "RefundListRow",
    "RefundPage",
    "bills_to_pay",
    "count_by_state",
    "count_refunds",
    "payment_page",
    "payments_of",
    "payments_visible_to",
    "refund_page",
    "refunds_of",
]
