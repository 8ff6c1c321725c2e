"""Terms as a person writes them, before they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .models import Basis, Bearer, CommissionBasis, SettlementCycle
from .rules.terms import Fee


@dataclass(frozen=True)
class Good:
    """A product for the annex: what a customer pays for a unit, and what the maker gets for it."""

    product_id: int
    retail_price_rupiah: int | None = None
    net_price_rupiah: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What one side would agree to: which goods, on what terms, and until when the other may answer.

    `valid_from` is for a change of a running agreement: the first day of the new terms.
    """

    starts_on: date
    reply_by: date
    goods: tuple[Good, ...] = ()
    valid_from: date | None = None
    basis: Basis = Basis.CONSIGNMENT
    ends_on: date | None = None
    commission_basis: CommissionBasis = CommissionBasis.NONE
    commission_percent: Decimal | None = None
    commission_rupiah: int | None = None
    loss_borne_by: Bearer = Bearer.OUTLET
    expiry_borne_by: Bearer = Bearer.SELLER
    settlement_cycle: SettlementCycle = SettlementCycle.MONTHLY
    due_days: int = 14
    report_cycle_days: int = 7
    min_life_days: int | None = None
    return_window_days: int | None = None
    price_notice_days: int = 30
    end_notice_days: int = 0
    display_place: str = ""
    fees: tuple[Fee, ...] = ()
    terms: str = ""


@dataclass(frozen=True, kw_only=True)
class Offer(Draft):
    """A draft for one outlet and one seller."""

    outlet_id: int
    seller_id: int
