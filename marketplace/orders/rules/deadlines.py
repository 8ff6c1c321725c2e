"""Until when each state of an order may last; both parties see it from the start."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from ...clock import WIB
from ..models import OrderState

APPROVE_DAYS = 3
"""Days to approve what somebody may not order alone: its units are promised meanwhile."""
PAY_DAYS = 3
"""Days to pay what comes first, counted from the seller's yes."""
QUOTE_DAYS = 3
"""Days to agree to quoted shipping."""


def end_of_day(day: date) -> datetime:
    """The last moment of a WIB day."""
    return datetime.combine(day, time(23, 59, 59), WIB)


def due_at(
    state: OrderState, today: date, *, answer_days: int, accept_days: int, claim_days: int, deliver_to: date
) -> datetime | None:
    """Until when an order that enters a state today may stay in it; None where nothing presses.

    Goods on their way count as accepted `accept_days` after the later of today and the agreed last day.
    """
    days = {
        OrderState.AWAITING_APPROVAL: today + timedelta(days=APPROVE_DAYS),
        OrderState.PLACED: today + timedelta(days=answer_days),
        OrderState.QUOTED: today + timedelta(days=QUOTE_DAYS),
        OrderState.AWAITING_PAYMENT: today + timedelta(days=PAY_DAYS),
        OrderState.CONFIRMED: max(today, deliver_to),
        OrderState.PAID: max(today, deliver_to),
        OrderState.PACKED: max(today, deliver_to),
        OrderState.SHIPPED: max(today, deliver_to) + timedelta(days=accept_days),
        OrderState.INVOICED: today + timedelta(days=claim_days),
        OrderState.SETTLED: today + timedelta(days=claim_days),
    }
    day = days.get(state)
    return end_of_day(day) if day else None
