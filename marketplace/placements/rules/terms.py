"""What two parties agreed, as values: which terms hold on a day, and which agreement a day belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..models import Basis, Bearer, CommissionBasis, SettlementCycle
from .days import days_in_force


@dataclass(frozen=True)
class Fee:
    """A cost that the store charges besides its commission; `kind` says which (see rules.fees)."""

    kind: str
    label: str
    rupiah: int


@dataclass(frozen=True)
class Terms:
    """One accepted (or proposed) version: what holds from `valid_from` until the next accepted one begins.

    `settlement_cycle` and `due_days` say when money is owed, `report_cycle_days` how often sales are
    reported; `min_life_days` is the shelf life left that the store asks of delivered goods.
    """

    agreement_id: int
    version_id: int
    number: int
    basis: Basis
    valid_from: date
    starts_on: date
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
    other_terms: str = ""


@dataclass(frozen=True)
class AnnexPrice:
    """What both agreed for one product: a customer's price, and the maker's net where that was agreed."""

    retail_rupiah: int | None = None
    net_rupiah: int | None = None


@dataclass(frozen=True)
class Span:
    """An accepted agreement and its days, suspensions left aside: goods stay on a shelf through a pause."""

    agreement_id: int
    starts_on: date
    ends_on: date | None = None
    terminated_on: date | None = None


def terms_among(versions: Sequence[Terms], day: date) -> Terms | None:
    """The terms of a day: of the accepted versions given, the latest that had begun.

    A day before all of them (a paper agreement was recorded late) has the terms of the first. None only
    when there are no versions.
    """
    begun = [one for one in versions if one.valid_from <= day]
    if begun:
        return max(begun, key=lambda one: (one.valid_from, one.number))
    return min(versions, key=lambda one: one.number, default=None)


def span_among(spans: Iterable[Span], day: date) -> Span | None:
    """The agreement that a day belongs to: in force on it, else the latest that began before it."""
    begun = [one for one in spans if one.starts_on <= day]
    return max(begun, key=lambda one: (_holds(one, day), one.starts_on, one.agreement_id), default=None)


def _holds(span: Span, day: date) -> bool:
    return days_in_force(span.starts_on, span.ends_on, span.terminated_on).holds(day)
