"""One order as the model of a random walk sees it: plain Python that knows nothing of the product."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from marketplace.orders.models import Order

PRICE, LATEST = 15_000, 3
"""Rupiah of a unit, and days from the order to the last on which it may come."""
HOLDING = {"placed", "quoted", "awaiting_payment", "paid", "confirmed", "packed"}
DUE = {"placed": 2, "quoted": 3, "awaiting_payment": 3}


@dataclass
class Life:
    """One order as the model sees it: units, rupiah asked and paid, and the last day of its state."""

    order: Order
    quantity: int
    plan: str
    is_quoted: bool
    total: int
    begun: int
    state: str = "placed"
    due: int = 2
    sent: int = 0
    accepted: int = 0
    granted: int = 0
    advance: int = 0
    billed: int | None = None
    reported: list[tuple[Any, int]] = field(default_factory=list)
    paid: int = 0
    claims: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0

    @property
    def asked(self) -> int:
        """What the buyer is to have paid by now."""
        if self.billed is not None:
            return self.billed - self.granted * PRICE
        return self.advance if self.state in {"awaiting_payment", *HOLDING, "shipped"} else 0

    @property
    def told(self) -> int:
        """What it says that it paid."""
        return self.paid + sum(amount for _payment, amount in self.reported)
