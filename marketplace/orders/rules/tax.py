"""Value added tax on what a seller sells: none unless it is PKP (domain facts 4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """How a PKP seller's sales are taxed on a day: a percentage of a fraction of the price.

    The three numbers are legal parameters (queries/tax.py). Since 2025: 12 % of 11/12 (PMK 131/2024).
    """

    percent: int
    numerator: int = 1
    denominator: int = 1


class Tax(NamedTuple):
    """The tax of an amount: the base and percentage that stand on the paper, and what is added."""

    base_rupiah: int
    percent: int | None
    tax_rupiah: int


NO_TAX = Tax(0, None, 0)


def tax_of(amount_rupiah: int, terms: TaxTerms | None) -> Tax:
    """The tax on an amount before tax, goods and shipping together; none without terms: not PKP.

    Rounded once, half a rupiah up: the tax from the exact base, so that 12 % of 11/12 is 11 % to the rupiah
    (Rp32: 4, not the 3 that 12 % of the rounded base Rp29 would be). The base is rounded for the paper alone.
    """
    if terms is None or amount_rupiah == 0:
        return NO_TAX
    if amount_rupiah < 0:
        raise ValueError("tax is of an amount of zero or more")
    base = amount_rupiah * terms.numerator
    return Tax(
        _half_up(base, terms.denominator),
        terms.percent,
        _half_up(base * terms.percent, terms.denominator * 100),
    )


def _half_up(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)
