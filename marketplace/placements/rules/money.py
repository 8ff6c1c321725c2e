"""What a unit that left the shelf brings: the customer's price, the store's share, what the maker gets.

Whole rupiah. The store's share is rounded half up line by line, the maker's is what is left. What takes a
line back is the same line with the sign turned, so that a sale and its reversal are nothing together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

DAY_ZERO = date(2000, 1, 1).toordinal()
"""Days are counted from here where they are weighed with rupiah, so that no sum leaves 64 bits."""


class Share(Protocol):
    """What of a version of the terms decides about money."""

    @property
    def commission_basis(self) -> str: ...

    @property
    def commission_percent(self) -> Decimal | None: ...

    @property
    def commission_rupiah(self) -> int | None: ...


class Amounts(NamedTuple):
    """One line in rupiah: what customers paid, what the store keeps of it, what the maker gets."""

    gross: int
    commission: int
    net: int

    def __neg__(self) -> Amounts:
        return Amounts(-self.gross, -self.commission, -self.net)


NOTHING = Amounts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one unit: a customer's, and what the maker gets where the terms name a net price."""

    retail: int
    net: int


def line_amounts(
    terms: Share, quantity: int, retail_unit_price: int, net_unit_price: int | None = None
) -> Amounts:
    """What `quantity` units bring under the terms of their day; a negative quantity takes them back.

    A percentage is of the customer's price; a fixed share is so much for each unit, never more than was
    paid; with a net price the maker gets that price whatever was paid (`net_unit_price`, else nothing is
    kept back), and the store the rest, which may be less than nothing.
    """
    if quantity < 0:
        return -line_amounts(terms, -quantity, retail_unit_price, net_unit_price)
    gross = quantity * retail_unit_price
    basis = terms.commission_basis
    if basis == "percent_of_retail":
        hundredths = int((terms.commission_percent or 0) * 100)
        commission = (gross * hundredths + 5_000) // 10_000
    elif basis == "fixed_per_unit":
        commission = min(quantity * (terms.commission_rupiah or 0), gross)
    elif basis == "net_price" and net_unit_price is not None:
        commission = gross - quantity * net_unit_price
    else:
        commission = 0
    return Amounts(gross, commission, gross - commission)


def lost_amounts(terms: Share, quantity: int, retail_unit_price: int, net_unit_price: int | None) -> Amounts:
    """What the outlet is charged for units it lost: what the maker would have got, and no share of it."""
    net = line_amounts(terms, quantity, retail_unit_price, net_unit_price).net
    return Amounts(net, 0, net)


def retail_price(
    sold_at: int | None,
    agreed: int | None,
    consented: int | None,
    product_retail: int | None,
    product_price: int,
) -> int:
    """The customer's price that a sale is reckoned by.

    What was paid; where the report says nothing, the price both agreed, else the product's. A sale below
    the agreed price is reckoned by it, or by the lower one that the maker `consented` to for that day.
    """
    floor = agreed if consented is None else consented
    if sold_at is None:
        if floor is not None:
            return floor
        return product_price if product_retail is None else product_retail
    return sold_at if floor is None else max(sold_at, floor)


def take_back(charged_units: int, charged_rupiah: int, units: int) -> tuple[int, int]:
    """What finding lost units again takes back of what was charged for them: (units, rupiah).

    Never more than is still charged; the last unit takes the rest, so that nothing remains of a charge
    whose units all came back.
    """
    taken = min(units, charged_units)
    if taken <= 0:
        return 0, 0
    return taken, charged_rupiah if taken == charged_units else charged_rupiah * taken // charged_units


class Totals(NamedTuple):
    """The sums of a statement: net = gross - commission + charged."""

    gross: int
    commission: int
    charged: int
    net: int
    weight: int


def totals(lines: Iterable[tuple[bool, date, Amounts]]) -> Totals:
    """Sums of (is a loss, day, amounts). `weight` is net times the day, for the mean day of the sales."""
    gross = commission = charged = net = weight = 0
    for is_loss, day, amounts in lines:
        if is_loss:
            charged += amounts.net
        else:
            gross += amounts.gross
            commission += amounts.commission
        net += amounts.net
        weight += amounts.net * (day.toordinal() - DAY_ZERO)
    return Totals(gross, commission, charged, net, weight)
