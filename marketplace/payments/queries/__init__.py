"""Every read of money."""

from .payments import (
    PAGE_SIZE,
    BillRow,
    PaymentFilter,
    PaymentListRow,
    PaymentPage,
    PayTo,
    bills_to_pay,
    bills_to_take,
    count_by_state,
    pay_to,
    payment_page,
    payments_of,
    payments_visible_to,
)
from .refunds import RefundListRow, RefundPage, count_refunds, refund_page, refunds_of

__all__ = [
    "PAGE_SIZE",
    "BillRow",
    "PayTo",
    "PaymentFilter",
    "PaymentListRow",
    "PaymentPage",
    "RefundListRow",
    "RefundPage",
    "bills_to_pay",
    "bills_to_take",
    "count_by_state",
    "count_refunds",
    "pay_to",
    "payment_page",
    "payments_of",
    "payments_visible_to",
    "refund_page",
    "refunds_of",
]
