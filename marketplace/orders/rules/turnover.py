"""A seller's turnover of a year over all channels, and how near it is to what the law names. An estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WARN_PERCENT = 80
MAX_RUPIAH = 10**15


class Channel(StrEnum):
    """Where a seller's sales are known from."""

    CONSIGNMENT = "consignment"
    ORDERS = "orders"
    OTHER = "other"


class Marker(StrEnum):
    """How near a turnover is to a threshold."""

    BELOW = "below"
    NEAR = "near"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class MonthTurnover:
    """What was sold in one month, by channel; less than nothing where more was taken back than sold."""

    month: date
    consignment_rupiah: int = 0
    orders_rupiah: int = 0
    other_rupiah: int = 0

    @property
    def total_rupiah(self) -> int:
        """All channels."""
        return self.consignment_rupiah + self.orders_rupiah + self.other_rupiah


@dataclass(frozen=True, slots=True)
class YearTurnover:
    """Twelve months of a year."""

    year: int
    months: Sequence[MonthTurnover]

    @property
    def total_rupiah(self) -> int:
        """The year so far."""
        return sum(month.total_rupiah for month in self.months)

    def of(self, channel: Channel) -> int:
        """The year so far in one channel."""
        return sum(getattr(month, f"{channel.value}_rupiah") for month in self.months)

    def passed_in(self, threshold_rupiah: int) -> date | None:
        """The month in which the cumulative turnover passed a threshold; None when it has not."""
        total = 0
        for month in self.months:
            total += month.total_rupiah
            if total > threshold_rupiah:
                return month.month
        return None


def percent_reached(total_rupiah: int, threshold_rupiah: int) -> int:
    """Whole percent of a threshold, rounded down: 100 only once it is reached."""
    return max(0, total_rupiah) * 100 // threshold_rupiah


def marker_of(total_rupiah: int, threshold_rupiah: int) -> Marker:
    """NEAR from 80 % on, PASSED from 100 % on."""
    percent = percent_reached(total_rupiah, threshold_rupiah)
    if percent >= 100:
        return Marker.PASSED
    return Marker.NEAR if percent >= WARN_PERCENT else Marker.BELOW
