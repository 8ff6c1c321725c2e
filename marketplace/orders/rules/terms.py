"""How a seller sells outright, as plain values, and what holds where it said nothing."""

from __future__ import annotations

from dataclasses import dataclass

ACCEPT_DAYS = 5
"""Days after which goods that nobody answered for count as accepted, unless the order says otherwise."""
CLAIM_DAYS = 3
"""Days after the receipt in which damage or shortage may still be claimed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The offer of one seller; the fields are those of models.SellingTerms."""

    delivers: bool = True
    shipping_rupiah: int | None = None
    free_from_rupiah: int | None = None
    offers_pickup: bool = True
    quotes_shipping: bool = True
    takes_before: bool = True
    takes_on_delivery: bool = True
    advance_percent: int = 50
    due_days: int = 0
    answer_days: int = 2
    note: str = ""


DEFAULTS = Terms()
