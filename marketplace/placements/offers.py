"""A proposal as a person writes it, before it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .models import Basis


@dataclass(frozen=True)
class Offer:
    """What one side proposes to the other: who, which goods, on what terms, and until when to answer."""

    outlet_id: int
    seller_id: int
    starts_on: date
    reply_by: date
    product_ids: tuple[int, ...] = ()
    basis: Basis = Basis.CONSIGNMENT
    ends_on: date | None = None
    commission_percent: Decimal | None = None
    settlement_days: int | None = None
    terms: str = ""
