"""Every write of the ledger."""

from __future__ import annotations

from .ledger import Outcome, write
from .postings import post, post_movements, reverse_movement
from .sales import record_sales, take_sales
from .sales_report import LineOutcome, Sales, judge_sales

__all__ = [
    "LineOutcome",
    "Outcome",
    "Sales",
    "judge_sales",
    "post",
    "post_movements",
    "record_sales",
    "reverse_movement",
    "take_sales",
    "write",
]
