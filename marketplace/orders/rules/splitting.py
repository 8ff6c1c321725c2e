"""What of an order belongs to whom: its seller, and the makers of what is in a parcel. Exact to the rupiah.

The price of one unit is split once, by largest remainder, and the shares are multiplied: so what was
ordered, billed and credited always agrees, whatever the quantities. Shipping and the work of putting
parcels together belong to the order's seller. Each maker's own part is taxed as the maker is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...money import split_largest_remainder
from .tax import TaxTerms, tax_of


class Part(NamedTuple):
    """What one maker gets of a unit, relative to the other parts: rupiah of the price that was agreed."""

    seller_id: int
    weight_rupiah: int


@dataclass(frozen=True, slots=True)
class Billable:
    """Units of one order line at one price; without parts they are the order's seller's own goods."""

    quantity: int
    unit_price_rupiah: int
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class ShareAmounts:
    """What one maker gets: its part of goods and shipping, and the tax on it."""

    seller_id: int
    net_rupiah: int
    tax_base_rupiah: int = 0
    tax_rupiah: int = 0

    @property
    def amount_rupiah(self) -> int:
        """What the buyer pays for it."""
        return self.net_rupiah + self.tax_rupiah


@dataclass(frozen=True, slots=True)
class Split:
    """What an order, or what is billed of one, comes to, and whose it is; the seller's share is first."""

    goods_rupiah: int
    shipping_rupiah: int
    tax_base_rupiah: int
    tax_percent: int | None
    tax_rupiah: int
    shares: tuple[ShareAmounts, ...]

    @property
    def total_rupiah(self) -> int:
        """Goods, shipping and tax."""
        return self.goods_rupiah + self.shipping_rupiah + self.tax_rupiah

    def __sub__(self, other: Split) -> Split:
        """What is taken back when only `other` is left of this: no part of it is below zero."""
        left = {share.seller_id: share for share in other.shares}
        nothing = ShareAmounts(0, 0)
        return Split(
            self.goods_rupiah - other.goods_rupiah,
            self.shipping_rupiah - other.shipping_rupiah,
            self.tax_base_rupiah - other.tax_base_rupiah,
            self.tax_percent,
            self.tax_rupiah - other.tax_rupiah,
            tuple(_minus(share, left.get(share.seller_id, nothing)) for share in self.shares),
        )


def _minus(share: ShareAmounts, other: ShareAmounts) -> ShareAmounts:
    return ShareAmounts(
        share.seller_id,
        share.net_rupiah - other.net_rupiah,
        share.tax_base_rupiah - other.tax_base_rupiah,
        share.tax_rupiah - other.tax_rupiah,
    )


def unit_shares(unit_price_rupiah: int, parts: Sequence[Part], seller_id: int) -> dict[int, int]:
    """What of one unit's price is whose; parts that weigh nothing leave it all to the order's seller."""
    weights: defaultdict[int, int] = defaultdict(int)
    for part in parts:
        weights[part.seller_id] += part.weight_rupiah
    if not any(weights.values()):
        return {seller_id: unit_price_rupiah}
    return dict(zip(weights, split_largest_remainder(unit_price_rupiah, list(weights.values())), strict=True))


def split_order(
    seller_id: int,
    lines: Iterable[Billable],
    *,
    shipping_rupiah: int = 0,
    taxes: Mapping[int, TaxTerms] | None = None,
) -> Split:
    """What an order of one seller comes to and whose it is. `taxes` are the terms of those who are PKP.

    The same for what was ordered, for what is billed, and, one split minus another, for what is credited.
    """
    nets: defaultdict[int, int] = defaultdict(int, {seller_id: shipping_rupiah})
    goods = 0
    for line in lines:
        goods += line.quantity * line.unit_price_rupiah
        for owner, rupiah in unit_shares(line.unit_price_rupiah, line.parts, seller_id).items():
            nets[owner] += line.quantity * rupiah
    terms = taxes or {}
    shares = tuple(_taxed(owner, net, terms.get(owner)) for owner, net in nets.items())
    percents = [terms[share.seller_id].percent for share in shares if share.seller_id in terms]
    return Split(
        goods_rupiah=goods,
        shipping_rupiah=shipping_rupiah,
        tax_base_rupiah=sum(share.tax_base_rupiah for share in shares),
        tax_percent=percents[0] if percents else None,
        tax_rupiah=sum(share.tax_rupiah for share in shares),
        shares=shares,
    )


def _taxed(seller_id: int, net: int, terms: TaxTerms | None) -> ShareAmounts:
    tax = tax_of(net, terms)
    return ShareAmounts(seller_id, net, tax.base_rupiah, tax.tax_rupiah)


def split_advance(advance_rupiah: int, amounts: Sequence[int]) -> list[int]:
    """An advance on an order, among its shares in proportion to their amounts: never more than a share's."""
    if not any(amounts):
        return [0] * len(amounts)
    return split_largest_remainder(advance_rupiah, amounts)
