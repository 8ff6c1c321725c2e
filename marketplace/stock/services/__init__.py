"""Every write of the ledger."""

from __future__ import annotations

from .ledger import Outcome, write
from .postings import post, post_movements, reverse_movement
from .sales import record_sales

__all__ = ["Outcome", "post", "post_movements", "record_sales", "reverse_movement", "write"]
