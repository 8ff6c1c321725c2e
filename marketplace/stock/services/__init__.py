"""Every write of the ledger."""

from __future__ import annotations

from .ledger import Outcome, write
from .postings import post, post_movements, reverse_movement
from .sales import Sales, record_sales, take_sales

__all__ = [
    "Outcome",
    "Sales",
    "post",
    "post_movements",
    "record_sales",
    "reverse_movement",
    "take_sales",
    "write",
]
